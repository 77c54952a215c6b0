#include "sample_pages.h"

#include <fmt/format.h>

#include <random>

#include "sample_snapshot.h"

namespace shstore::tests {
namespace {

using namespace std::chrono_literals;
using namespace status;
using Kind = record::HistoryEvent::Kind;
using reserve::Refusal;

record::WallTime now() { return sample_time(); }

struct Host {
  std::string name, key;
};

const Host kCibou{"cibou-sd", "0xbac001"}, kDir{"dir-sd", "0xbac999"};

/// A daemon that runs, whose drives are free.
PageSource host(const Host& who, const std::vector<Host>& all, int drives, int first_device) {
  PageSource source;
  auto& sd = source.snapshot;
  sd.sd_name = who.name;
  sd.taken = now();
  sd.life = Life::runs;
  for (const auto& other : all) sd.names[other.key] = other.name;
  for (int i = 0; i < drives; ++i) {
    DeviceSnapshot d;
    d.name = fmt::format("Drive-{}", i);
    d.archive_device = fmt::format("/dev/nst{}", i + first_device);
    d.control_device = fmt::format("/dev/sg{}", i + first_device);
    d.autochanger = "TL2000";
    d.media_type = "LTO-4";
    d.drive_index = static_cast<uint32_t>(i);
    d.key = who.key;
    d.shared = d.protected_ = true;
    d.live.vendor = "HP";
    d.live.product = "Ultrium 4-SCSI";
    d.live.serial = fmt::format("HU10450A{:02}", i + 1);
    record::DriveState p;
    p.name = d.name;
    p.archive_device = d.archive_device;
    p.control_device = d.control_device;
    p.key = d.key;
    d.plugin = p;
    sd.devices.push_back(d);
  }
  record::SdState state;
  state.sd_name = who.name;
  state.plugin_version = "0.1.0";
  state.bacula_version = "9.6.7";
  state.started = now() - 100h;
  state.updated = now() - 2s;
  sd.state = state;
  source.history = {{now() - 100h, Kind::started}};
  return source;
}

size_t index(int i) { return static_cast<size_t>(i); }
std::string drive(int i) { return fmt::format("Drive-{}", i); }

void past(PageSource& source, int i, record::WallTime from, record::WallTime until, uint32_t job) {
  const auto& key = source.snapshot.devices[index(i)].key;
  source.history.push_back({from, Kind::lock_taken, drive(i), key});
  source.history.push_back({from, Kind::use_begins, drive(i), {}, {}, job});
  source.history.push_back({until, Kind::use_ends, drive(i), {}, {}, job});
  source.history.push_back({until, Kind::lock_released, drive(i), key});
}

void waited(PageSource& source, int i, record::WallTime from, record::WallTime until, const std::string& key,
            uint32_t job) {
  source.history.push_back({from, Kind::wait_begins, drive(i), key, {}, job});
  source.history.push_back({until, Kind::wait_ends, drive(i), {}, {}, job});
}

/// It holds the drive, and the others see that.
void holds(std::vector<PageSource>& all, size_t holder, int i, record::WallTime since,
           const std::vector<uint32_t>& jobs) {
  auto& source = all[holder];
  auto& d = source.snapshot.devices[index(i)];
  d.live.registered = d.live.locked = d.plugin->registered = d.plugin->locked = true;
  d.live.type = "Exclusive Access";
  d.plugin->locked_since = since;
  source.history.push_back({since, Kind::lock_taken, d.name, d.key});
  for (const auto job : jobs) {
    d.claims.push_back({job, since});
    source.history.push_back({since, Kind::use_begins, d.name, {}, {}, job});
  }
  for (size_t other = 0; other < all.size(); ++other) {
    if (other != holder) all[other].snapshot.devices[index(i)].live.blocked_by = d.key;
  }
}

void waits(PageSource& source, int i, record::WallTime since, const std::string& for_key, uint32_t job) {
  auto& d = source.snapshot.devices[index(i)];
  d.live.registered = true;
  source.snapshot.waiting.push_back({d.display(), {job, since, {Refusal::Kind::held_by_other, for_key, {}}}});
  source.history.push_back({since, Kind::wait_begins, d.name, for_key, {}, job});
}

std::vector<PageSource> two_hosts() {
  const std::vector<Host> both = {kCibou, kDir};
  std::vector<PageSource> all = {host(kCibou, both, 2, 0), host(kDir, both, 2, 4)};
  past(all[0], 0, now() - 23h, now() - 20h, 101);
  past(all[1], 0, now() - 20h + 8s, now() - 17h - 25min, 88);
  waited(all[1], 0, now() - 21h - 10min, now() - 20h + 8s, kCibou.key, 88);
  past(all[0], 0, now() - 11h, now() - 10h - 40min, 104);
  past(all[1], 1, now() - 26h, now() - 22h - 30min, 86);
  past(all[0], 1, now() - 14h, now() - 9h - 5min, 103);
  past(all[1], 1, now() - 9h - 4min, now() - 6h, 91);
  past(all[0], 1, now() - 5h, now() - 4h - 58min, 105);
  holds(all, 1, 0, now() - 2h - 12min, {92, 94});
  waits(all[0], 0, now() - 25min, kDir.key, 107);
  holds(all, 0, 1, now() - 68s, {106});
  // dir-sd was started anew yesterday evening, and nobody had told that it ended.
  all[1].history.insert(all[1].history.begin() + 1, {now() - 30h, Kind::started});
  return all;
}

std::vector<PageSource> broken() {
  const Host backup{"backup-sd", "0xbac001"};  // a copy of cibou's storage-ctl.conf
  const std::vector<Host> hosts = {kCibou, kDir, backup};
  std::vector<PageSource> all = {host(kCibou, hosts, 4, 0), host(kDir, hosts, 4, 4), host(backup, hosts, 4, 0)};
  for (auto& source : all) source.snapshot.names[kCibou.key] = kCibou.name;
  past(all[0], 2, now() - 20h, now() - 18h, 101);
  // Drive-0: cibou's lock is gone, something else has it.
  holds(all, 0, 0, now() - 4h, {110});
  auto& lost = all[0].snapshot.devices[0];
  lost.live.locked = lost.plugin->locked = false;
  lost.plugin->lost = true;
  lost.plugin->claims = {{110, now() - 4h}};
  for (auto& source : all) source.snapshot.devices[0].live.blocked_by = "0xbac777";
  all[0].history.push_back({now() - 31min, Kind::lock_lost, drive(0), kCibou.key, "0xbac777"});
  all[0].history.push_back({now() - 31min, Kind::blocked, drive(0), "0xbac777"});
  waits(all[2], 0, now() - 29min, "0xbac777", 300);
  // dir-sd was killed with Drive-1.
  past(all[1], 3, now() - 16h, now() - 12h, 90);
  holds(all, 1, 1, now() - 7h, {95});
  auto& dead = all[1].snapshot;
  dead.life = Life::ended;
  dead.state->updated = now() - 3h - 20min;
  dead.notes = {dead.daemon_note =
                    "dir-sd is not running. Its plugin last wrote its state on 2026-11-22 at 07:50:00 UTC"};
  for (auto& d : dead.devices) {
    d.plugin.reset();
    d.claims.clear();
    d.protected_ = false;
  }
  // Nobody gets an answer from Drive-2.
  for (auto& source : all) {
    auto& live = source.snapshot.devices[2].live;
    live = {};
    live.why = LiveLock::Why::no_answer;
    live.error = source.snapshot.devices[2].control_device + " does not answer (READ KEYS was not answered within 5 s)";
  }
  all[2].snapshot.notes = {
      "Limit: a job whose lock is lost while it writes fails at its next volume or its end only, because this "
      "bacula-sd has no Qmsg"};
  all[2].history.clear();
  all[2].snapshot.state->started = now() - 2h;
  all[2].history_error = "cannot read /var/lib/bacula/backup-sd.shstore.history: Permission denied";
  for (auto* source : {&all[0], &all[2]}) source->snapshot.devices[3].live.duplicate_key = true;
  return all;
}

std::vector<PageSource> hostile() {
  auto all = two_hosts();
  const std::string name = "</title><script>alert('x')</script>&amp;\x01\xff\xC0\xAF\xED\xA0\x80\xE2\x80\xAE\"";
  auto& sd = all[0].snapshot;
  sd.sd_name = name;
  sd.names = {{kCibou.key, name}, {kDir.key, "<b>dir"}};
  sd.notes = {name};
  sd.configuration_errors = name;
  for (auto& d : sd.devices) {
    d.name = d.autochanger = d.archive_device = d.control_device = d.live.serial = d.live.vendor = d.error = name;
    d.live.blocked_by = "<i>";
  }
  sd.waiting = {{name, {1, now() - 5s, {Refusal::Kind::error, {}, name}}},
                {name, {2, now(), {Refusal::Kind::yielding, "<u>", {}}}}};
  sd.state->bacula_version = sd.state->plugin_version = name;
  all[0].history = {{now() - 5h, Kind::started},
                    {now() - 4h, Kind::lock_taken, name, name},
                    {now() - 3h, Kind::wait_begins, name, name, {}, 3}};
  all[0].history_error = name;
  return all;
}

std::vector<PageSource> many() {
  const std::vector<Host> hosts = {kCibou, kDir, {"backup-sd", "0xbac002"}, {"archive-sd", "0xbac003"}};
  constexpr int kDrives = 24;
  std::vector<PageSource> all;
  for (const auto& h : hosts) all.push_back(host(h, hosts, kDrives, static_cast<int>(all.size()) * kDrives));
  std::mt19937 random(7);  // the same numbers everywhere
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  uint32_t job = 1000;
  for (int i = 0; i < kDrives; ++i) {
    auto t = now() - 30h + std::chrono::minutes(below(300));
    while (t < now() - 5h) {
      auto& holder = all[below(4)];
      const auto until = t + std::chrono::minutes(5 + below(i % 5 == 0 ? 30 : 240));
      past(holder, i, t, until, ++job);
      if (below(4) == 0) waited(all[below(4)], i, t + 2min, until, holder.snapshot.devices[0].key, ++job);
      t = until + std::chrono::seconds(below(3) == 0 ? below(7200) : 2 + below(10));
    }
    if (below(5) == 0) continue;
    const auto holder = below(4);
    holds(all, holder, i, now() - std::chrono::minutes(1 + below(240)), {++job});
    if (below(6) == 0)
      waits(all[(holder + 1) % 4], i, now() - std::chrono::seconds(10 + below(3000)),
            all[holder].snapshot.devices[0].key, ++job);
  }
  return all;
}

}  // namespace

std::vector<PageSample> page_samples() {
  return {{"quiet", {host(kCibou, {kCibou}, 1, 0)}},
          {"two-hosts", two_hosts()},
          {"broken", broken()},
          {"hostile", hostile()},
          {"many", many()}};
}

}  // namespace shstore::tests
