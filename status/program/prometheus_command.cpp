// shstore-status --prometheus [FILE]: metrics, to standard output or for node_exporter's textfile collector.
#include <iostream>
#include <memory>

#include "status/program/command.h"
#include "status/show/prometheus.h"
#include "status/program/output.h"

namespace shstore::status {
namespace {

int run_prometheus(const Request& request, const std::string& file) {
  auto found = gather_and_complain(request.question);
  const int worst = found.worst;
  std::vector<SdSnapshot> snapshots;
  for (auto& facts : found.daemons) snapshots.push_back(std::move(facts.snapshot));
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto text = to_prometheus(snapshots, now, worst == kDone, found.unreadable);
  if (file.empty()) {
    std::cout << text;
    return worst;
  }
  const int written = write_to_file(request, file, text);
  return written == kDone ? worst : written;
}

}  // namespace

Command add_prometheus_command(CLI::App& app) {
  const auto file = std::make_shared<std::string>();
  auto* option =
      app.add_option("--prometheus", *file, "print metrics for Prometheus, or write them to this file, whole");
  option->expected(0, 1);
  return {option, [file](const Request& request) { return run_prometheus(request, *file); }};
}

}  // namespace shstore::status
