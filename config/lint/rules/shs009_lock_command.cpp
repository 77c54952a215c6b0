#include <fmt/format.h>

#include <algorithm>

#include "config/lint/command.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr std::string_view usual = "/opt/bacula/scripts/storage-ctl %l %o";
constexpr uint32_t anybody_executes = 0111;

struct Problem {
  std::string message, help;
};

bool has_blank_or_quote(const std::string& word) {
  return word.find_first_of(" \t'\"\\") != std::string::npos;
}

bool has_word(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The first that is wrong with a command, or an empty message.
Problem problem_of(const std::vector<std::string>& words, bool is_here, const Surroundings& around) {
  const std::string& program = words.front();
  if (base_name(program) != "storage-ctl") {
    return {
        fmt::format("Lock Command runs {}, which is not storage-ctl: the plugin refuses every job", program),
        fmt::format("write Lock Command = \"{}\"", usual)};
  }
  for (const auto& [code, meaning] :
       {std::pair("%l", "the Control Device"), std::pair("%o", "the operation")}) {
    if (has_word(words, code)) continue;
    return {fmt::format("Lock Command lacks {} ({}): the plugin refuses every job", code, meaning),
            fmt::format("write Lock Command = \"{} %l %o\"", program)};
  }
  if (!program.starts_with('/')) {
    return {
        fmt::format("Lock Command names {} without its folder: storage-ctl.conf beside it cannot be found",
                    program),
        "write the whole path of storage-ctl"};
  }
  if (!is_here) return {};
  const FileFacts file = around.file(program);
  if (!file.exists) {
    return {fmt::format("Lock Command runs {}, which does not exist on this host", program),
            "install storage-ctl there, or correct the path"};
  }
  if (file.is_directory || (file.mode & anybody_executes) == 0) {
    return {fmt::format("Lock Command runs {}, which is not executable", program),
            fmt::format("chmod 755 {}", program)};
  }
  return {};
}

/// The command with the codes that it simply lacks; empty where something else stands in their place, such as
/// %1.
std::string with_codes(const std::vector<std::string>& words) {
  constexpr size_t longest_value = 127;
  if (words.empty() || base_name(words.front()) != "storage-ctl" || has_blank_or_quote(words.front()))
    return {};
  const bool only_codes = std::all_of(words.begin() + 1, words.end(),
                                      [](const std::string& word) { return word == "%l" || word == "%o"; });
  if (!only_codes || words.size() > 2) return {};
  const std::string command = words.front() + " %l %o";
  return command.size() <= longest_value ? command : std::string();
}

/// The commands of one Storage Daemon. Most of its Devices have the same one, which is judged once.
class Commands {
 public:
  Commands(const SiteSd& sd, const Surroundings& around, Reporter& report) : sd_(sd), around_(around), report_(report) {}

  void check(const Value<std::string>& command, std::string_view type, const std::string& name) {
    if (command->empty()) return;
    if (!last_ || *last_ != *command) judge(*command);
    if (problem_.message.empty()) return;
    Finding& finding = report_.add(place(sd_.config, command), fmt::format("{} \"{}\": {}", type, name, problem_.message),
                                   problem_.help);
    if (completed_.empty()) return;
    finding.fix = fix_of(fmt::format("set Lock Command to \"{}\"", completed_),
                         {report_.editor().replace_value(place(sd_.config, command.directive_at), completed_)});
  }

 private:
  void judge(const std::string& command) {
    last_ = &command;
    const std::vector<std::string> words = words_of(command);
    if (words.empty()) {
      problem_ = {"Lock Command is blank", fmt::format("write Lock Command = \"{}\"", usual)};
    } else {
      problem_ = problem_of(words, sd_.is_here, around_);
    }
    completed_ = problem_.message.empty() ? std::string() : with_codes(words);
  }

  const SiteSd& sd_;
  const Surroundings& around_;
  Reporter& report_;
  const std::string* last_ = nullptr;
  Problem problem_;
  std::string completed_;
};

void check(const Site& site, const Surroundings& around, Reporter& report) {
  for (const SiteSd& sd : site.sds) {
    Commands commands(sd, around, report);
    for (const SdAutochanger& changer : sd.config.autochangers) commands.check(changer.lock_command, "Autochanger", *changer.name);
    for (const SdDevice& device : sd.config.devices) commands.check(device.lock_command, "Device", *device.name);
  }
}

}  // namespace

const Rule shs009{
    "SHS009", Level::error, "a Lock Command that cannot work", check,
    R"(What: A Lock Command lacks %l (the Control Device) or %o (the operation), runs another program than
storage-ctl, or names it without its folder. For the host that the linter runs on: the program does
not exist or is not executable.

Why: The plugin does the locking itself, by what the Lock Command says: the folder of storage-ctl is where it
finds storage-ctl.conf with this host's key. A device whose Lock Command it cannot understand is refused to
every job, because to write without a lock is worse.

Example:
    Lock Command = "/opt/bacula/scripts/storage-ctl %1 %0"    # digits instead of letters

Fix: Write Lock Command = "/opt/bacula/scripts/storage-ctl %l %o" with your scripts' folder; the codes are
percent, small L, and percent, small O.)"};

}  // namespace shstore::config::lint
