#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "config/command_words.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr std::array<std::string_view, 5> kArguments{"%c", "%o", "%S", "%a", "%d"};

/// How many of the arguments stand where they must, behind the script's name; nothing if no such script is
/// run.
std::optional<size_t> right_arguments(const std::vector<std::string>& words) {
  const auto is_script = [](std::string_view word) {
    const std::string_view name = base_name(word);
    return name == "mtx-changer" || name == "shstore-changer" || name == "disk-changer";
  };
  const auto script = std::find_if(words.begin(), words.end(), is_script);
  if (script == words.end()) return std::nullopt;
  const auto [wrong, as_written] = std::mismatch(kArguments.begin(), kArguments.end(), script + 1, words.end());
  return static_cast<size_t>(wrong - kArguments.begin());
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (const ChangerCommand& changer : changer_commands(site)) {
    const auto right = right_arguments(command_words(**changer.command));
    if (!right || *right == kArguments.size()) continue;
    report.add(place(*changer.config, *changer.command),
               fmt::format("{}: Changer Command does not pass {} as argument {}", changer.owner(), kArguments[*right],
                           *right + 1),
               "the arguments are %c %o %S %a %d, in this order");
  }
}

}  // namespace

const Rule shs042{
    "SHS042", Level::error, "a Changer Command does not pass what the script needs", check,
    R"(What: A Changer Command runs mtx-changer, shstore-changer or disk-changer without the arguments %c %o
%S %a %d in this order. All five are needed, for one drive as well.

Why: The script takes its arguments by their place: changer device, operation, slot, archive device, drive
index. With too few it refuses to load ("Insufficient number of arguments given"), with the wrong ones it
moves another tape, or loads it into another drive. %s (small) is the slot less one.

Example:
    Changer Command = ")" SHSTORE_SCRIPTS_DIR R"(/mtx-changer %c %o %s %a %d"

Fix: Changer Command = ")" SHSTORE_SCRIPTS_DIR R"(/mtx-changer %c %o %S %a %d")"};

}  // namespace shstore::config::lint
