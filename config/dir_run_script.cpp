#include "config/dir_run_script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "config/dropped.h"
#include "config/spelling.h"
#include "config/values.h"

namespace shstore::config {
namespace {

using namespace std::string_view_literals;

constexpr std::array kDirectives = {"Command"sv,
                                    "Console"sv,
                                    "Target"sv,
                                    "Runs on Success"sv,
                                    "Runs on Failure"sv,
                                    "Fail Job on Error"sv,
                                    "Abort Job on Error"sv,
                                    "Runs When"sv,
                                    "Runs on Client"sv};

/// What a block may say, and what is said of it later.
struct When {
  std::string_view written, meant;
  int since = 9;
};
constexpr std::array kTimes = {When{"Before", "Before"},
                               When{"After", "After"},
                               When{"AfterVSS", "AfterVSS"},
                               When{"AfterSnapshot", "AfterVSS"},
                               When{"Always", "Any"},
                               When{"Queued", "Queued", 15},
                               When{"AtJobCompletion", "AtJobCompletion", 15}};

class BlockReader {
 public:
  BlockReader(const Directive& block, Diagnostics& diagnostics) : diagnostics_(diagnostics) { common_.at = block.at; }

  std::vector<RunScript> run(const Block& block) {
    for (const Directive& directive : block.directives) read(directive);
    std::vector<RunScript> result;
    for (const Command& command : commands_) {
      RunScript script = common_;
      script.command = command.text;
      script.is_console = command.is_console;
      result.push_back(std::move(script));
    }
    return result;
  }

 private:
  struct Command {
    std::string text;
    bool is_console;
  };

  void read(const Directive& directive) {
    const std::string_view name = directive.name;
    if (directive.broken) return;
    if (!directive.block.empty()) return complain(directive, "expected a value, found a block");
    report_dropped(directive, 1, false, diagnostics_);
    if (same_name(name, "Command")) return command(directive, false);
    if (same_name(name, "Console")) return command(directive, true);
    if (same_name(name, "Target") || same_name(name, "Runs on Client")) return target(directive);
    if (same_name(name, "Runs When")) return when(directive);
    if (same_name(name, "Runs on Success")) return boolean(directive, common_.on_success);
    if (same_name(name, "Runs on Failure")) return boolean(directive, common_.on_failure);
    if (same_name(name, "Fail Job on Error") || same_name(name, "Abort Job on Error")) {
      return boolean(directive, common_.fail_job_on_error);
    }
    if (same_name(name, "Timeout")) return diagnostics_.depends(directive.at, "Timeout in RunScript", 15);
    diagnostics_.add(Severity::error, directive.at,
                     fmt::format("unknown directive \"{}\" in RunScript{}", name, did_you_mean(name, kDirectives)),
                     Diagnostic::Kind::unknown_directive);
  }

  void command(const Directive& directive, bool is_console) {
    const auto text = to_string(directive.values);
    if (!text) return complain(directive, text.error());
    commands_.push_back({std::string(*text), is_console});
  }

  void target(const Directive& directive) {
    const auto text = to_string(directive.values);
    if (!text) return complain(directive, text.error());
    common_.client = {};
    common_.on_director = equal_ignoring_case(*text, "no");
    if (*text == "%c" || common_.on_director || equal_ignoring_case(*text, "yes")) return;
    common_.client = {std::string(*text), Written(directive.values[0].at, directive.at, directive.values[0].length)};
  }

  void when(const Directive& directive) {
    const auto text = to_strname(directive.values);
    if (!text) return complain(directive, text.error());
    std::vector<std::string_view> known;
    for (const When& time : kTimes) {
      if (equal_ignoring_case(*text, time.written)) {
        common_.when = time.meant;
        if (time.since > 9) {
          diagnostics_.depends(directive.values[0].at, fmt::format("Runs When = {}", *text), time.since);
        }
        return;
      }
      known.push_back(time.written);
    }
    complain(directive, fmt::format("expected one of {}, found \"{}\"{}", fmt::join(known, ", "), *text,
                                    did_you_mean(*text, known)));
  }

  void boolean(const Directive& directive, bool& into) {
    const auto value = to_boolean(directive.values);
    if (!value) return complain(directive, value.error());
    into = *value;
  }

  void complain(const Directive& directive, const std::string& problem) {
    const Location& at = directive.values.empty() ? directive.at : directive.values[0].at;
    diagnostics_.add(Severity::error, at, fmt::format("{}: {}", directive.name, problem));
  }

  Diagnostics& diagnostics_;
  RunScript common_;
  std::vector<Command> commands_;
};

struct ShortForm {
  std::string_view name, when;
  bool on_director, is_console, on_success, on_failure;
};
constexpr std::array kShortForms = {ShortForm{"Run Before Job", "Before", true, false, true, false},
                                    ShortForm{"Run After Job", "After", true, false, true, false},
                                    ShortForm{"Run After Failed Job", "After", true, false, false, true},
                                    ShortForm{"Client Run Before Job", "Before", false, false, true, false},
                                    ShortForm{"Client Run After Job", "After", false, false, true, false},
                                    ShortForm{"Console Run Before Job", "Before", true, true, true, false},
                                    ShortForm{"Console Run After Job", "After", true, true, true, false}};

}  // namespace

std::vector<RunScript> read_run_script(const Directive& block, Diagnostics& diagnostics) {
  if (block.block.empty() || block.has_equals) {
    diagnostics.add(Severity::error, block.at,
                    fmt::format("{}: expected a block, with no = before its {{", block.name));
    return {};
  }
  return BlockReader(block, diagnostics).run(block.block[0]);
}

std::optional<RunScript> read_short_run_script(const Directive& directive, Diagnostics& diagnostics) {
  const auto command = to_string(directive.values);
  if (!command) {
    const Location& at = directive.values.empty() ? directive.at : directive.values[0].at;
    diagnostics.add(Severity::error, at, fmt::format("{}: {}", directive.name, command.error()));
    return std::nullopt;
  }
  RunScript script;
  script.at = directive.at;
  script.command = *command;
  for (const ShortForm& form : kShortForms) {
    if (!same_name(directive.name, form.name)) continue;
    script.when = form.when;
    script.on_director = form.on_director;
    script.is_console = form.is_console;
    script.on_success = form.on_success;
    script.on_failure = form.on_failure;
  }
  return script;
}

}  // namespace shstore::config
