#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "config/lint/command.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr std::array<std::string_view, 5> arguments{"%c", "%o", "%S", "%a", "%d"};

/// How many of the arguments stand where they must, behind the script's name; nothing if no such script is run.
std::optional<size_t> right_arguments(const std::vector<std::string>& words) {
  const auto is_script = [](const std::string& word) {
    const std::string_view name = base_name(word);
    return name == "mtx-changer" || name == "shstore-changer" || name == "disk-changer";
  };
  const auto script = std::find_if(words.begin(), words.end(), is_script);
  if (script == words.end()) return std::nullopt;
  const auto [wrong, as_written] = std::mismatch(arguments.begin(), arguments.end(), script + 1, words.end());
  return static_cast<size_t>(wrong - arguments.begin());
}

void check_command(const SdConfig& config, const Value<std::string>& command, size_t drives, Reporter& report) {
  const auto right = right_arguments(words_of(*command));
  const bool needs_drive = drives > 1;
  if (!right || *right == arguments.size() || (*right == 4 && !needs_drive)) return;
  report.add(place(config, command),
             fmt::format("Changer Command does not pass {} as argument {}{}", arguments[*right], *right + 1,
                         *right == 4 ? ": the robot loads every tape into drive 0" : ""),
             "the arguments are %c %o %S %a %d, in this order");
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    const SdConfig& config = site.sds[sd].config;
    for (size_t c = 0; c < config.autochangers.size(); ++c) {
      check_command(config, config.autochangers[c].changer_command, site.members[sd].drives[c].size(), report);
    }
    for (size_t i = 0; i < config.devices.size(); ++i) {
      size_t drives = 1;
      for (const size_t c : site.members[sd].changers[i]) drives = site.members[sd].drives[c].size();
      check_command(config, config.devices[i].changer_command, drives, report);
    }
  }
}

}  // namespace

const Rule shs042{
    "SHS042", Level::error, "a Changer Command does not pass what the script needs", check,
    R"(What: A Changer Command runs mtx-changer, shstore-changer or disk-changer without the arguments %c %o %S %a %d in this
order. For an Autochanger of one drive %d may be missing.

Why: The script takes its arguments by their place: changer device, operation, slot, archive device, drive index. With one
missing it moves another tape than was asked for, or loads it into another drive. %s (small) is the slot less one.

Example:
    Changer Command = "/opt/bacula/scripts/mtx-changer %c %o %s %a %d"

Fix: Changer Command = "/opt/bacula/scripts/mtx-changer %c %o %S %a %d")"};

}  // namespace shstore::config::lint
