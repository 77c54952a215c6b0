#include "status/problems.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "status/look/drive_use.h"
#include "status/look/health_words.h"
#include "status/look/mutual_wait_words.h"

namespace shstore::status {
namespace {

// Codes of problems that are no condition of a drive.
constexpr std::string_view kUnreadable = "unreadable", kEnded = "daemon-ended",
                           kWithoutPlugin = "daemon-without-plugin", kNotKnown = "daemon-not-known",
                           kNeverSeen = "daemon-never-seen", kStateOld = "state-old", kReplaced = "plugin-replaced",
                           kAllRefused = "every-device-refused", kConfiguration = "configuration-errors",
                           kBacula = "bacula-status-missing", kAttention = "unit-attention",
                           kPluginError = "plugin-error", kHeld = "held-for-nothing", kHealth = "drive-health",
                           kMutualWait = "mutual-wait";

const char* heading(Condition condition) {
  switch (condition) {
    case Condition::lost: return "Lock lost while jobs rely on it";
    case Condition::must_close: return "The device must be closed before a job gets it";
    case Condition::contradicts: return "The plugin and the drive contradict each other";
    case Condition::unprotected: return "Jobs use the drive without a lock";
    case Condition::holder_unknown: return "Locked under this host's key, perhaps by a daemon that runs";
    case Condition::left_behind: return "Lock left behind by a daemon that does not run";
    case Condition::not_ours: return "Locked under this host's key, but not by the plugin";
    case Condition::duplicate_key: return "Two hosts use the same key";
    case Condition::misconfigured: return "Device cannot be locked";
    case Condition::other_product: return "Another product has reserved the drive";
    case Condition::unsupported: return "Drive knows no persistent reservations";
    case Condition::spc2_reserved: return "Drive held by the old RESERVE command";
    case Condition::no_answer: return "Drive does not answer";
    default: return "Drive cannot be asked";
  }
}

class Finder {
 public:
  explicit Finder(const std::vector<SdSnapshot>& daemons) : daemons_(daemons) {}

  std::vector<Problem> find(const std::vector<Unreadable>& unreadable) {
    for (const auto& one : unreadable) {
      add({Severity::unknown,
           std::string(kUnreadable),
           {},
           {},
           "A daemon could not be read",
           one.file,
           {one.in_one_line()},
           {}});
    }
    for (at_ = 0; at_ < daemons_.size(); ++at_) look_at(daemons_[at_]);
    look_at_keys();
    std::stable_sort(found_.begin(), found_.end(), [](const Problem& a, const Problem& b) {
      const bool a_is_lost = a.code == word(Condition::lost), b_is_lost = b.code == word(Condition::lost);
      return a_is_lost != b_is_lost ? a_is_lost : is_worse(a.severity, b.severity);
    });
    return std::move(found_);
  }

 private:
  void add(Problem problem) {
    if (problem.in_full.empty()) problem.in_full = problem.lines;
    found_.push_back(std::move(problem));
  }
  void add(Severity severity, std::string_view code, const char* what, std::string line, std::string in_full) {
    add({severity, std::string(code), {at_}, {}, what, daemons_[at_].sd_name, {std::move(line)}, {std::move(in_full)}});
  }

  void look_at(const SdSnapshot& sd) {
    if (std::any_of(sd.devices.begin(), sd.devices.end(), [](const auto& d) { return d.shared; })) look_at_life(sd);
    if (!sd.configuration_errors.empty()) {
      add(Severity::critical, kConfiguration, "The configuration has errors",
          sd.sd_name + ": the configuration has errors: " + sd.configuration_errors,
          "The configuration has errors: " + sd.configuration_errors);
    }
    if (!sd.bacula_error.empty()) {
      add(Severity::unknown, kBacula, "Bacula's own status is missing",
          sd.sd_name + ": Bacula's own status is missing: " + sd.bacula_error,
          "Bacula's own status is missing: " + sd.bacula_error);
    }
    for (const auto& wait : mutual_waits_of(sd)) {
      std::vector<std::string> lines;
      for (const auto& sentence : mutual_wait_words(sd, wait)) lines.push_back(sd.sd_name + ": " + sentence);
      add({Severity::warning,
           std::string(kMutualWait),
           {at_},
           {},
           "Jobs wait for each other, perhaps for ever",
           sd.sd_name,
           std::move(lines),
           mutual_wait_words(sd, wait)});
    }
    for (size_t i = 0; i < sd.devices.size(); ++i) {
      if (sd.devices[i].shared) look_at(sd, i);
    }
  }

  void look_at_life(const SdSnapshot& sd) {
    switch (sd.life) {
      case Life::runs:
        if (sd.state_is_old)
          add(Severity::warning, kStateOld, "The plugin's state is old", sd.daemon_problem, sd.daemon_note);
        if (sd.state) look_at_limits(sd);
        if (!sd.plugin_replaced.empty()) {
          add(Severity::warning, kReplaced, "The daemon runs with a plugin that is gone", sd.plugin_replaced,
              sd.plugin_replaced);
        }
        return;
      case Life::without_plugin:
        return add(Severity::critical, kWithoutPlugin, "Daemon runs without the plugin",
                   sd.sd_name + ": " + sd.daemon_problem, sd.daemon_note);
      case Life::ended: return add(Severity::warning, kEnded, "Daemon does not run", sd.daemon_problem, sd.daemon_note);
      case Life::unknown: break;
    }
    constexpr const char* kWhat = "Nothing is known of the daemon";
    if (!sd.state_missing) return add(Severity::unknown, kNotKnown, kWhat, sd.daemon_problem, sd.daemon_note);
    add(Severity::critical, kNeverSeen, kWhat,
        sd.sd_name + " is not known to run with the plugin: its drives are not protected", sd.daemon_note);
  }

  // The others are for good, and nobody's fault.
  void look_at_limits(const SdSnapshot& sd) {
    for (const auto& limit : sd.state->limits) {
      if (!limit.ends_with(record::kEveryDeviceIsRefused)) continue;
      add(Severity::critical, kAllRefused, "Every job is refused", sd.sd_name + ": " + limit, "Limit: " + limit);
    }
  }

  void look_at(const SdSnapshot& sd, size_t device) {
    const auto& d = sd.devices[device];
    const auto who = daemons_.size() > 1 ? sd.sd_name + ' ' + d.display() : d.display();
    const auto add_here = [&](Severity severity, std::string code, const char* what,
                              const std::vector<std::string>& sentences, std::vector<std::string> in_full) {
      const auto where = code == kAttention ? sd.sd_name : sd.sd_name + ", " + d.name;  // the note names its drive
      Problem problem{severity, std::move(code), {at_}, device, what, where, {}, std::move(in_full)};
      for (const auto& sentence : sentences) problem.lines.push_back(who + ": " + sentence);
      add(std::move(problem));
    };
    const auto condition = condition_of(sd, d);
    if (const auto severity = severity_of(sd, d); severity != Severity::ok) {
      const auto remarks = remarks_on(sd, d);
      add_here(severity, word(condition), heading(condition), remarks, remarks);
    } else if (!d.error.empty()) {
      add_here(Severity::warning, std::string(kPluginError), "The plugin met an error",
               {"the plugin met an error: " + d.error}, {d.error});
    }
    const auto uses = use_warnings(sd, d);
    if (!uses.empty())
      add_here(Severity::warning, std::string(kHeld), "A drive is held and not used by a job", uses, uses);
    if (const auto complaints = health_complaints_of(d); !complaints.empty()) {
      add_here(Severity::warning, std::string(kHealth), "A drive has to be seen to", complaints, complaints);
    }
    if (d.live.unit_attentions.empty()) return;
    add_here(Severity::warning, std::string(kAttention), "A drive has reported something",
             {"it has reported " + attentions_in_words(d.live.unit_attentions)}, {attention_note(d)});
  }

  // Told even where no drive can tell, because neither has registered.
  void look_at_keys() {
    std::map<std::string, std::vector<size_t>> users;
    for (size_t i = 0; i < daemons_.size(); ++i) {
      for (const auto& d : daemons_[i].devices) {
        if (!d.shared || d.key.empty()) continue;
        auto& all = users[d.key];
        if (all.empty() || all.back() != i) all.push_back(i);
      }
    }
    for (const auto& [key, all] : users) {
      if (all.size() < 2) continue;
      std::vector<std::string> names;
      for (const auto i : all) {
        if (std::find(names.begin(), names.end(), daemons_[i].sd_name) == names.end())
          names.push_back(daemons_[i].sd_name);
      }
      if (names.size() < 2) continue;  // one daemon, given twice
      const auto where = fmt::format("{}", fmt::join(names, ", "));
      const auto sentence = fmt::format(
          "All of them are configured with the key {}, and each takes the others' locks for its own: give "
          "every host a key of its own in storage-ctl.conf",
          key);
      add({Severity::critical,
           word(Condition::duplicate_key),
           all,
           {},
           heading(Condition::duplicate_key),
           where,
           {where + ": " + sentence},
           {sentence}});
    }
  }

  const std::vector<SdSnapshot>& daemons_;
  size_t at_ = 0;
  std::vector<Problem> found_;
};

}  // namespace

std::vector<Problem> problems_of(const std::vector<SdSnapshot>& daemons, const std::vector<Unreadable>& unreadable) {
  return Finder(daemons).find(unreadable);
}

Severity worst_of(const std::vector<Problem>& problems) {
  auto worst = Severity::ok;
  for (const auto& problem : problems) {
    if (is_worse(problem.severity, worst)) worst = problem.severity;
  }
  return worst;
}

Severity severity_of(const std::vector<Problem>& problems, size_t daemon, size_t device) {
  auto worst = Severity::ok;
  for (const auto& problem : problems) {
    const bool here = problem.device == device && problem.daemons.front() == daemon;
    if (here && is_worse(problem.severity, worst)) worst = problem.severity;
  }
  return worst;
}

std::vector<std::string_view> problem_codes() {
  return {kUnreadable,    kEnded,  kWithoutPlugin, kNotKnown,    kNeverSeen, kStateOld, kReplaced,  kAllRefused,
          kConfiguration, kBacula, kAttention,     kPluginError, kHeld,      kHealth,   kMutualWait};
}

}  // namespace shstore::status
