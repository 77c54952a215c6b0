// What is wrong, from all that a page shows: daemons first, then drives by what is the matter with them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "status/look/drive_use.h"
#include "status/page/page.h"

namespace shstore::status {

namespace {

constexpr size_t kToldInFull = 3;  // drives of one daemon with the same trouble

std::string heading(Condition condition) {
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

std::string sentence(const std::string& text) {
  return text.ends_with('.') || text.ends_with('?') ? text : text + '.';
}

bool is_limit(const std::string& note) { return note.starts_with("Limit: "); }

// The worst of what the notes are about.
std::pair<Severity, std::string> about_daemon(const SdSnapshot& sd) {
  if (sd.life == Life::without_plugin) return {Severity::critical, "Daemon runs without the plugin"};
  if (sd.life == Life::ended) return {Severity::critical, "Daemon does not run"};
  if (sd.life == Life::unknown)
    return {sd.state_missing ? Severity::critical : Severity::unknown, "Nothing is known of the daemon"};
  if (!sd.configuration_errors.empty()) return {Severity::critical, "The configuration has errors"};
  if (sd.state_is_old) return {Severity::warning, "The plugin's state is old"};
  if (!sd.bacula_error.empty()) return {Severity::unknown, "Bacula's own status is missing"};
  return {Severity::warning, "A drive has reported something"};
}

void add_daemon(const SdSnapshot& sd, std::vector<PageProblem>& problems) {
  const auto [severity, what] = about_daemon(sd);
  PageProblem problem{severity, what, sd.sd_name};
  for (const auto& note : sd.notes) {
    if (!is_limit(note)) problem.text.push_back(sentence(note));
  }
  if (!problem.text.empty()) problems.push_back(std::move(problem));
}

/// Which daemons are configured with a key.
using KeyUsers = std::map<std::string, std::vector<std::string>>;

KeyUsers key_users(const std::vector<PageSource>& sources) {
  KeyUsers users;
  for (const auto& source : sources) {
    for (const auto& device : source.snapshot.devices) {
      if (!device.shared || device.key.empty()) continue;
      auto& names = users[device.key];
      if (std::find(names.begin(), names.end(), source.snapshot.sd_name) == names.end()) names.push_back(source.snapshot.sd_name);
    }
  }
  return users;
}

// Told even where no drive can tell, because neither has registered.
void add_shared_keys(const KeyUsers& users, std::vector<PageProblem>& problems) {
  for (const auto& [key, names] : users) {
    if (names.size() < 2) continue;
    problems.push_back({Severity::critical, heading(Condition::duplicate_key), fmt::format("{}", fmt::join(names, ", ")),
                        {fmt::format("All of them are configured with the key {}, and each takes the others' locks for its own: give "
                                     "every host a key of its own in storage-ctl.conf.",
                                     key)}});
  }
}

void add_drives(const SdSnapshot& sd, const KeyUsers& users, std::vector<PageProblem>& problems) {
  using Trouble = std::pair<Condition, Severity>;
  std::map<Trouble, std::vector<const DeviceSnapshot*>> troubled;
  for (const auto& device : sd.devices) {
    const auto condition = condition_of(sd, device);
    if (condition == Condition::duplicate_key && users.at(device.key).size() > 1) continue;  // add_shared_keys() tells
    const auto severity = severity_of(sd, device);
    if (severity != Severity::ok) troubled[{condition, severity}].push_back(&device);
  }
  for (const auto& [trouble, devices] : troubled) {
    std::vector<std::string> names;
    for (const auto* device : devices) names.push_back(device->name);
    PageProblem problem{trouble.second, heading(trouble.first), sd.sd_name + ", " + fmt::format("{}", fmt::join(names, ", "))};
    for (size_t i = 0; i < std::min(devices.size(), kToldInFull); ++i) {
      for (const auto& remark : remarks_on(sd, *devices[i])) {
        const auto text = sentence(remark);
        if (std::find(problem.text.begin(), problem.text.end(), text) == problem.text.end()) problem.text.push_back(text);
      }
    }
    if (devices.size() > kToldInFull) problem.text.push_back(fmt::format("The other {} likewise.", devices.size() - kToldInFull));
    problems.push_back(std::move(problem));
  }
}

void add_uses(const SdSnapshot& sd, std::vector<PageProblem>& problems) {
  for (const auto& device : sd.devices) {
    if (!device.shared) continue;
    for (const auto& warning : use_warnings(sd, device)) {
      problems.push_back({Severity::warning, "A drive is held and not used by a job", sd.sd_name + ", " + device.name, {sentence(warning)}});
    }
  }
}

// What the plugin met on a drive of which there is nothing else to say.
void add_errors(const SdSnapshot& sd, std::vector<PageProblem>& problems) {
  for (const auto& device : sd.devices) {
    if (!device.shared || device.error.empty() || severity_of(sd, device) != Severity::ok) continue;
    problems.push_back({Severity::warning, "The plugin met an error", sd.sd_name + ", " + device.name, {sentence(device.error)}});
  }
}

int order(Severity severity) {
  switch (severity) {
    case Severity::critical: return 0;
    case Severity::unknown: return 1;
    default: return 2;
  }
}

}  // namespace

std::vector<PageProblem> page_problems(const std::vector<PageSource>& sources, const std::vector<Unreadable>& unreadable) {
  std::vector<PageProblem> problems;
  for (const auto& one : unreadable)
    problems.push_back({Severity::unknown, "A daemon is not on this page", one.file, {sentence(one.in_one_line())}});
  const auto users = key_users(sources);
  for (const auto& source : sources) add_drives(source.snapshot, users, problems);
  add_shared_keys(users, problems);
  for (const auto& source : sources) add_daemon(source.snapshot, problems);
  for (const auto& source : sources) add_uses(source.snapshot, problems);
  for (const auto& source : sources) add_errors(source.snapshot, problems);
  // A lost lock before all else: tapes are being written on.
  std::stable_sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) {
    const auto lost = heading(Condition::lost);
    return std::pair(a.what != lost, order(a.severity)) < std::pair(b.what != lost, order(b.severity));
  });
  return problems;
}

}  // namespace shstore::status
