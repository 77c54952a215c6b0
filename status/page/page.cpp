#include "status/page/page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "status/look/health_words.h"

namespace shstore::status {
namespace {

constexpr std::chrono::hours kShown{24};

const SdSnapshot& sd_of(const Page& page, const SeenBy& seen) { return page.sources[seen.sd].snapshot; }
const DeviceSnapshot& device_of(const Page& page, const SeenBy& seen) { return sd_of(page, seen).devices[seen.device]; }

void add_once(std::vector<std::string>& all, const std::string& one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

/// Hosts by key; a daemon without one by its name.
class Hosts {
 public:
  explicit Hosts(Page& page) : page_(page) {
    for (const auto& source : page.sources) {
      for (const auto& [key, name] : source.snapshot.names) names_[key].push_back(name);
    }
    for (const auto& source : page.sources) {
      for (const auto& device : source.snapshot.devices) {
        if (device.shared && device.problem.empty()) owners_[device.key].push_back(source.snapshot.sd_name);
      }
    }
    for (const auto& source : page.sources) {
      for (const auto& device : source.snapshot.devices) {
        if (device.shared && device.problem.empty()) of(device.key, source.snapshot.sd_name);
      }
    }
  }

  size_t of(const std::string& key, const std::string& sd_name) {
    const auto id = key.empty() ? "sd " + sd_name : key;
    const auto [found, is_new] = index_.try_emplace(id, page_.hosts.size());
    if (is_new) page_.hosts.push_back({key, key.empty() ? sd_name : name(key)});
    return found->second;
  }

 private:
  // A key that two daemons of the page use is not taken for either.
  std::string name(const std::string& key) const {
    for (const auto* known : {&owners_, &names_}) {
      const auto found = known->find(key);
      if (found == known->end()) continue;
      std::vector<std::string> different;
      for (const auto& one : found->second) add_once(different, one);
      if (known == &names_) return different.front();
      return fmt::format("{}", fmt::join(different, " or "));
    }
    return key;
  }

  Page& page_;
  std::map<std::string, size_t> index_;
  std::map<std::string, std::vector<std::string>> names_, owners_;
};

std::vector<PageDrive> find_drives(const Page& page) {
  std::vector<PageDrive> drives;
  std::map<std::string, size_t> known;
  for (size_t sd = 0; sd < page.sources.size(); ++sd) {
    const auto& devices = page.sources[sd].snapshot.devices;
    for (size_t i = 0; i < devices.size(); ++i) {
      if (!devices[i].shared) continue;
      const auto id = devices[i].live.identity();
      const auto found = known.find(id);
      if (!id.empty() && found != known.end()) {
        drives[found->second].seen_by.push_back({sd, i});
        continue;
      }
      if (!id.empty()) known[id] = drives.size();
      PageDrive drive;
      drive.identity = id;
      drive.autochanger = devices[i].autochanger;
      drive.seen_by = {{sd, i}};
      drives.push_back(std::move(drive));
    }
  }
  return drives;
}

// A drive that does not tell which one it is bears the name of its daemon too, where there are several.
std::string drive_name(const Page& page, const PageDrive& drive) {
  std::vector<std::string> names;
  for (const auto& seen : drive.seen_by) add_once(names, device_of(page, seen).name);
  const auto text = fmt::format("{}", fmt::join(names, ", "));
  return drive.identity.empty() && page.sources.size() > 1 ? sd_of(page, drive.seen_by[0]).sd_name + ' ' + text : text;
}

// The drives of one autochanger together, in the order of its drive indices, as the first daemon has them.
void sort_drives(Page& page) {
  std::vector<std::string> changers;
  for (const auto& drive : page.drives) add_once(changers, drive.autochanger);
  std::stable_sort(page.drives.begin(), page.drives.end(), [&](const auto& a, const auto& b) {
    const auto rank = [&](const auto& d) {
      return std::pair(std::find(changers.begin(), changers.end(), d.autochanger),
                       device_of(page, d.seen_by[0]).drive_index);
    };
    return rank(a) < rank(b);
  });
}

void find_trouble(const Page& page, PageDrive& drive) {
  for (const auto& seen : drive.seen_by) {
    const auto severity = severity_of(sd_of(page, seen), device_of(page, seen));
    if (!is_worse(severity, drive.severity)) continue;
    drive.severity = severity;
    drive.trouble = condition_of(sd_of(page, seen), device_of(page, seen));
  }
}

void held_by(PageDrive& drive, size_t host) {
  drive.hold = PageDrive::Hold::held;
  drive.host = host;
}

void find_holder(const Page& page, PageDrive& drive, Hosts& hosts) {
  for (const auto& seen : drive.seen_by) {
    const auto& d = device_of(page, seen);
    const bool by_command = d.live.why == LiveLock::Why::own_command && d.plugin;
    if (!d.live.error.empty() && !by_command) continue;
    if (by_command ? d.plugin->locked : d.live.locked) {
      held_by(drive, hosts.of(d.key, sd_of(page, seen).sd_name));
      drive.jobs.clear();
      for (const auto& claim : d.claims) drive.jobs.push_back(claim.job);
      if (d.plugin) drive.since = d.plugin->locked_since;
      if (condition_of(sd_of(page, seen), d) == Condition::kept)
        drive.remark = "no job uses it: bacula-sd still has it open";
      if (d.plugin && d.plugin->health) {
        if (const auto activity = health_activity(*d.plugin->health); !activity.empty())
          drive.remark = "it " + activity;
      }
      if (d.plugin && d.plugin->promised_to) drive.remark = fmt::format("taken for JobId {}", *d.plugin->promised_to);
      return;
    }
    if (!d.live.blocked_by.empty()) {
      held_by(drive, hosts.of(d.live.blocked_by, {}));
    } else if (drive.hold != PageDrive::Hold::held && !by_command) {
      drive.hold = PageDrive::Hold::free;
    }
    if (d.plugin && !d.plugin->yielding_to.empty()) {
      drive.remark = "left to " + page.hosts[hosts.of(d.plugin->yielding_to, {})].name + ", whose turn it is";
    }
  }
}

void add_day(const Page& page, PageDrive& drive, const std::vector<record::History>& histories, Hosts& hosts) {
  std::vector<DriveRecord> records;
  for (const auto& seen : drive.seen_by) {
    const auto& sd = sd_of(page, seen);
    const auto last_sign = sd.state ? sd.state->updated : record::WallTime{};
    records.push_back(
        {device_of(page, seen).name, device_of(page, seen).key, histories[seen.sd], sd.plugin_runs(), last_sign});
  }
  drive.day = timeline(records, page.from, page.taken);
  std::vector<size_t> owners;
  for (const auto& stretch : drive.day.stretches) {
    const auto sd_name = stretch.daemon ? sd_of(page, drive.seen_by[*stretch.daemon]).sd_name : std::string{};
    const bool nobodys = stretch.key.empty() && sd_name.empty();
    owners.push_back(nobodys ? std::string::npos : hosts.of(stretch.key, sd_name));
  }
  drive.stretch_hosts = std::move(owners);
  if (drive.hold != PageDrive::Hold::held || drive.since || drive.day.stretches.empty()) return;
  const auto& last = drive.day.stretches.back();
  const bool same = last.kind == Stretch::Kind::held && drive.stretch_hosts.back() == *drive.host;
  if (same && last.until == page.taken) drive.since = last.from;
}

std::string what_it_waits_for(const SdSnapshot& sd, const WaitingJob& w, const std::string& device) {
  using Kind = reserve::Refusal::Kind;
  const auto& refusal = w.waiting.refusal;
  const auto holder = name_of(refusal.holder, sd.names).empty() ? refusal.holder : name_of(refusal.holder, sd.names);
  switch (refusal.kind) {
    case Kind::held_by_other: return device + ", held by " + (holder.empty() ? "another host" : holder);
    case Kind::yielding: return fmt::format("{}, where it is the turn of {}", device, holder);
    case Kind::promised: return fmt::format("{}, kept for JobId {}, which has waited longer", device, refusal.job);
    case Kind::error: break;
  }
  return fmt::format("{}, which cannot be locked: {}", device, refusal.reason);
}

std::vector<PageWait> find_waits(const Page& page) {
  std::vector<PageWait> waits;
  for (size_t sd = 0; sd < page.sources.size(); ++sd) {
    const auto& snapshot = page.sources[sd].snapshot;
    for (const auto& w : snapshot.waiting) {
      auto found =
          std::find_if(waits.begin(), waits.end(), [&](const auto& x) { return x.sd == sd && x.job == w.waiting.job; });
      if (found == waits.end()) found = waits.insert(waits.end(), {w.waiting.job, sd, w.waiting.since});
      const auto device = std::find_if(snapshot.devices.begin(), snapshot.devices.end(),
                                       [&](const auto& d) { return d.display() == w.device; });
      found->since = std::min(found->since, w.waiting.since);
      found->for_what.push_back(
          what_it_waits_for(snapshot, w, device == snapshot.devices.end() ? w.device : device->name));
      found->drives.push_back(w.device);
    }
  }
  std::stable_sort(waits.begin(), waits.end(), [](const auto& a, const auto& b) { return a.since < b.since; });
  return waits;
}

// A daemon without a history has at least its latest state.
std::vector<record::History> histories_of(const Page& page) {
  std::vector<record::History> all;
  for (const auto& source : page.sources) {
    const bool only_state = source.history.empty() && source.snapshot.state;
    all.push_back(only_state ? changes(nullptr, *source.snapshot.state) : source.history);
  }
  return all;
}

}  // namespace

Page make_page(std::vector<PageSource> sources, const std::vector<Unreadable>& unreadable) {
  Page page;
  page.sources = std::move(sources);
  for (const auto& source : page.sources) page.taken = std::max(page.taken, source.snapshot.taken);
  page.from = page.taken - kShown;
  Hosts hosts(page);
  page.drives = find_drives(page);
  sort_drives(page);
  const auto histories = histories_of(page);
  for (auto& drive : page.drives) {
    drive.name = drive_name(page, drive);
    find_trouble(page, drive);
    find_holder(page, drive, hosts);
    add_day(page, drive, histories, hosts);
  }
  for (auto& drive : page.drives) {
    for (auto& host : drive.stretch_hosts) host = std::min(host, page.hosts.size());
  }
  page.waits = find_waits(page);
  page.problems = page_problems(page.sources, unreadable);
  return page;
}

}  // namespace shstore::status
