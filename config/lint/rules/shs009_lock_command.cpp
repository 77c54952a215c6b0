#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/command_words.h"
#include "config/lint/rules/rules.h"
#include "config/shared/lock_command.h"
#include "config/spelling.h"

namespace shstore::config::lint {
namespace {

constexpr std::string_view kUsual = SHSTORE_SCRIPTS_DIR "/storage-ctl %l %o";
constexpr std::string_view kStorageCtl = "storage-ctl";
constexpr uint32_t kAnybodyExecutes = 0111;

struct Problem {
  std::string message, help;
  Level level = Level::error;
};

bool has_blank_or_quote(std::string_view word) { return word.find_first_of(" \t'\"\\") != std::string::npos; }

Problem problem_of(const Unusable& unusable) {
  using Reason = Unusable::Reason;
  const bool ours = base_name(unusable.program) == kStorageCtl;
  const auto lacks = [&](std::string_view code, std::string_view meaning) {
    return Problem{
        fmt::format("Lock Command lacks {} ({}): the plugin refuses every job", code, meaning),
        ours
            ? fmt::format("write Lock Command = \"{} %l %o\"", unusable.program)
            : fmt::format("a program of your own must be told which of trylock, unlock, unregister and wholocked to do "
                          "(shstore-sd(7)); ours is Lock Command = \"{}\"",
                          kUsual)};
  };
  switch (unusable.reason) {
    case Reason::blank: return {"Lock Command is blank", fmt::format("write Lock Command = \"{}\"", kUsual)};
    case Reason::no_control_device: return lacks("%l", "the Control Device");
    case Reason::no_operation: return lacks("%o", "the operation");
    case Reason::no_folder: break;
  }
  return {fmt::format("Lock Command names {} without its folder: storage-ctl.conf beside it cannot be found",
                      unusable.program),
          "write the whole path of storage-ctl"};
}

Problem problem_of_file(const std::string& program, const Surroundings& around) {
  const FileFacts file = around.file(program);
  if (!file.exists) {
    return {fmt::format("Lock Command runs {}, which does not exist on this host", program),
            fmt::format("install {} there, or correct the path", base_name(program))};
  }
  if (file.is_directory || (file.mode & kAnybodyExecutes) == 0) {
    return {fmt::format("Lock Command runs {}, which is not executable", program),
            fmt::format("chmod 755 {}", program)};
  }
  return {};
}

/// "storage-ctrl": probably ours, written wrong. A wrapper such as storage-ctl.sh is not.
bool is_misspelt(std::string_view program) {
  constexpr std::array kNames{kStorageCtl};
  return !base_name(program).starts_with(kStorageCtl) && !nearest(base_name(program), kNames).empty();
}

/// What is wrong with a command, or an empty message.
Problem problem_of(const LockCommand& command, bool is_here, const Surroundings& around) {
  if (const auto* unusable = std::get_if<Unusable>(&command)) return problem_of(*unusable);
  const auto* own = std::get_if<SiteProgram>(&command);
  const std::string& program = own ? own->words.front() : std::get<StorageCtl>(command).program;
  const bool can_be_seen = is_here && program.starts_with('/');
  if (own && is_misspelt(program) && !(can_be_seen && around.file(program).exists)) {
    return {
        fmt::format(
            "Lock Command runs {}, which is not storage-ctl: it is taken for a program of your own, which every job must "
            "run to get its lock",
            program),
        fmt::format("did you mean Lock Command = \"{}\"?", kUsual), Level::warning};
  }
  return can_be_seen ? problem_of_file(program, around) : Problem{};
}

/// The command with the codes that it simply lacks; empty where something else stands in their place, such as
/// %1.
std::string with_codes(const std::vector<std::string>& words) {
  constexpr size_t kLongestValue = 127;
  if (words.empty() || base_name(words.front()) != kStorageCtl || has_blank_or_quote(words.front())) return {};
  const bool only_codes =
      std::all_of(words.begin() + 1, words.end(), [](std::string_view word) { return word == "%l" || word == "%o"; });
  if (!only_codes || words.size() > 2) return {};
  const std::string command = words.front() + " %l %o";
  return command.size() <= kLongestValue ? command : std::string();
}

/// The commands of one Storage Daemon. Most of its Devices have the same one, which is judged once.
class Commands {
 public:
  Commands(const SiteSd& sd, const Surroundings& around, Reporter& report)
      : sd_(sd), around_(around), report_(report) {}

  void check(const TextValue& command, std::string_view type, std::string_view name) {
    if (command->empty() || command->starts_with('@')) return;  // of a template
    if (last_ != *command) judge(*command);
    if (problem_.message.empty()) return;
    Finding& finding = report_.add(place(sd_.config, command),
                                   fmt::format("{} \"{}\": {}", type, name, problem_.message), problem_.help);
    finding.level = problem_.level;
    if (completed_.empty()) return;
    finding.fix = fix_of(fmt::format("set Lock Command to \"{}\"", completed_),
                         {report_.editor().replace_value(name_place(sd_.config, command), completed_)});
  }

 private:
  void judge(std::string_view command) {
    last_ = command;
    problem_ = problem_of(understand_lock_command(command), sd_.is_here, around_);
    completed_ = problem_.message.empty() ? std::string() : with_codes(command_words(command));
  }

  const SiteSd& sd_;
  const Surroundings& around_;
  Reporter& report_;
  std::string_view last_;  ///< an empty one is not judged
  Problem problem_;
  std::string completed_;
};

void check(const Site& site, const Surroundings& around, Reporter& report) {
  for (const SiteSd& sd : site.sds) {
    Commands commands(sd, around, report);
    for (const SdAutochanger& changer : sd.config.autochangers)
      commands.check(changer.lock_command, "Autochanger", *changer.name);
    for (const SdDevice& device : sd.config.devices) commands.check(device.lock_command, "Device", *device.name);
  }
}

}  // namespace

const Rule shs009{
    "SHS009", Level::error, "a Lock Command that cannot work", check,
    R"(What: A Lock Command lacks %o (the operation), or, where it runs storage-ctl, %l (the Control Device) or
the program's folder; or it runs a program that is called nearly like storage-ctl. For the host that the
linter runs on: the program does not exist or is not executable.

Why: The plugin does the locking itself, by what the Lock Command says: the folder of storage-ctl is where it
finds storage-ctl.conf with this host's key. A program of the site's own (see shstore-sd(7)) is run as it is
written, and must be told the operation. A device whose Lock Command cannot be understood is refused to every
job, because to write without a lock is worse.

Example:
    Lock Command = ")" SHSTORE_SCRIPTS_DIR R"(/storage-ctl %1 %0"    # digits instead of letters

Fix: Write Lock Command = ")" SHSTORE_SCRIPTS_DIR R"(/storage-ctl %l %o" with your scripts' folder; the codes are
percent, small L, and percent, small O.)"};

}  // namespace shstore::config::lint
