#include <algorithm>
#include <array>
#include <iostream>

#include "status/command.h"

namespace shstore::status {

// Each is defined in the file that is named after it: explain_command.cpp, ...
Command add_annotate_command(CLI::App& app);
Command add_check_command(CLI::App& app);
Command add_explain_command(CLI::App& app);
Command add_html_command(CLI::App& app);
Command add_inventory_command(CLI::App& app);
Command add_print_command(CLI::App& app);
Command add_prometheus_command(CLI::App& app);
Command add_watch_command(CLI::App& app);

std::span<const AddCommand> commands() {
  static constexpr std::array kCommands = {
      add_explain_command,
      add_annotate_command,
      add_html_command,
      add_check_command,
      add_prometheus_command,
      add_inventory_command,
      add_watch_command,
      add_print_command,
  };
  return kCommands;
}

std::vector<SdFacts> gather_and_complain(const Question& question, int& worst) {
  std::vector<SdFacts> known;
  for (auto& facts : gather(question)) {
    if (facts) {
      known.push_back(std::move(*facts));
      continue;
    }
    std::cerr << facts.error().message << '\n';
    worst = std::max<int>(worst, facts.error().kind == Unreadable::Kind::configuration ? kConfiguration : kDevice);
  }
  return known;
}

}  // namespace shstore::status
