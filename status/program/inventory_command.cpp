// shstore-status --inventory: what this host knows of its drives and robots, for shstore-lint.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "status/program/command.h"
#include "status/inventory/gather_inventory.h"
#include "reserve/record/times.h"
#include "scsi/base/progress.h"
#include "status/printable.h"

namespace shstore::status {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "localhost";
}

std::vector<config::SdConfig> read_configurations(const Question& question, int& worst) {
  std::vector<config::SdConfig> configs;
  for (const auto& file : question.sd_files) {
    auto config = read_sd_config(file);
    if (config) {
      configs.push_back(std::move(*config));
      continue;
    }
    std::cerr << config.error() << '\n';
    worst = kConfiguration;
  }
  return configs;
}

int print_inventory(const Request& request) {
  int worst = kDone;
  const auto configs = read_configurations(request.question, worst);
  auto [inventory, problems, notes] = inventory::gather_inventory(
      configs, {{}, scsi::open_transport, request.question.deadline, base::progress_on_terminal()});
  if (inventory.devices.empty() && problems.empty()) {
    problems.push_back("no tape drive and no changer was found: /sys/class/scsi_device shows none");
  }
  for (const auto& lines : {notes, problems}) {
    for (const auto& line : lines) std::cerr << "shstore-status: " << line << '\n';
  }
  inventory.host = host_name();
  inventory.time = record::time_text(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  std::cout << printable_json(config::print_inventory(inventory));
  return problems.empty() ? worst : std::max<int>(worst, kDevice);
}

}  // namespace

Command add_inventory_command(CLI::App& app) {
  auto* option = app.add_flag("--inventory");
  option->description(
      "print this host's drives and robots and what leads to them, as JSON for shstore-lint; --sd adds "
      "what that configuration names");
  Command command{option, print_inventory};
  command.needs_sd = false;
  return command;
}

}  // namespace shstore::status
