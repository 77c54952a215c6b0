#include <algorithm>
#include <array>
#include <iostream>

#include "status/program/command.h"
#include "status/printable.h"

namespace shstore::status {

// Each is defined in the file that is named after it: explain_command.cpp, ...
Command add_annotate_command(CLI::App& app);
Command add_check_command(CLI::App& app);
Command add_check_plugin_command(CLI::App& app);
Command add_check_running_command(CLI::App& app);
Command add_explain_command(CLI::App& app);
Command add_explain_word_command(CLI::App& app);
Command add_html_command(CLI::App& app);
Command add_inventory_command(CLI::App& app);
Command add_print_command(CLI::App& app);
Command add_prometheus_command(CLI::App& app);
Command add_serve_command(CLI::App& app);
Command add_watch_command(CLI::App& app);

std::span<const AddCommand> commands() {
  static constexpr std::array kCommands = {
      add_explain_command,   add_explain_word_command, add_annotate_command,      add_html_command,
      add_check_command,     add_check_plugin_command, add_check_running_command, add_prometheus_command,
      add_inventory_command, add_serve_command,        add_watch_command,         add_print_command,
  };
  return kCommands;
}

Found gather_and_complain(const Question& question) {
  Found found;
  for (auto& facts : gather(question)) {
    if (!facts) {
      std::cerr << printable_lines(facts.error().message) << '\n';
      found.worst = std::max<int>(found.worst, kConfiguration);
      found.unreadable.push_back(std::move(facts.error()));
      continue;
    }
    if (!facts->bacula_error.empty()) {
      std::cerr << "shstore-status: " << printable(facts->bacula_error) << '\n';
      found.worst = std::max<int>(found.worst, kDevice);
    }
    found.daemons.push_back(std::move(*facts));
  }
  return found;
}

}  // namespace shstore::status
