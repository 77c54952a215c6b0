#include "plugin/mutual_watch.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include "plugin/thread_without_signals.h"

namespace shstore::plugin {
namespace {

using reserve::DriveKeys;
using reserve::JobHalf;
using reserve::MutualWaits;

constexpr std::chrono::milliseconds kLongestPause{15000}, kShortestPause{2000};

std::chrono::milliseconds pause_for(const MutualWaits::Timing& timing) {
  if (timing.mutual_wait == reserve::Duration::zero()) return kLongestPause;
  return std::clamp(timing.mutual_wait / 8, kShortestPause, kLongestPause);
}

// Only then a drive need be asked.
bool may_be_in_a_ring(const std::vector<reserve::JobOnDrives>& jobs) {
  const auto waits = [](const auto& job) { return !job.begun && !job.waits_for.empty(); };
  const auto has = [&](const auto& job) {
    return !job.begun && !job.has.empty() && (job.half != JobHalf::whole || waits(job));
  };
  return std::any_of(jobs.begin(), jobs.end(), waits) && std::any_of(jobs.begin(), jobs.end(), has);
}

bool same_for_show(const std::vector<MutualWaits::Standing>& a, const std::vector<MutualWaits::Standing>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.wait == y.wait && x.since == y.since && x.gives_in_at == y.gives_in_at;
  });
}

}  // namespace

struct MutualWatch::Shared {
  Shared(std::vector<Drive> d, Surroundings s, const MutualWaits::Timing& timing)
      : drives(std::move(d)), around(std::move(s)), known(timing) {}

  std::optional<DriveKeys> read(const Drive& drive) const;
  void look();
  void work();

  const std::vector<Drive> drives;
  const Surroundings around;
  std::chrono::milliseconds interval{};
  MutualWaits known;  ///< of the thread alone
  mutable std::mutex mutex;
  std::condition_variable wake, ended;
  std::vector<MutualWaits::Standing> shown, ending;
  bool stop = false, running = false;
};

// This host's key may differ from drive to drive: in what is read all of them are that of the first.
std::optional<DriveKeys> MutualWatch::Shared::read(const Drive& drive) const {
  const auto reading = around.read(drive.control_device);
  if (!reading) return std::nullopt;
  const auto own = scsi::to_text(drive.key), first = scsi::to_text(drives.front().key);
  DriveKeys keys{drive.control_device, reading->holder == own ? first : reading->holder, reading->others,
                 reading->generation};
  if (reading->registered) keys.waiting.push_back(first);
  std::erase(keys.waiting, keys.holder);
  return keys;
}

void MutualWatch::Shared::look() {
  const auto own = scsi::to_text(drives.front().key);
  auto jobs = around.jobs();
  std::vector<DriveKeys> seen;
  if (may_be_in_a_ring(jobs)) {
    for (const auto& drive : drives) {
      if (auto keys = read(drive)) seen.push_back(std::move(*keys));
      const std::lock_guard lock(mutex);
      if (stop) return;
    }
    jobs = around.jobs();  // while the drives were asked some of them may have gone on
  }
  const auto now = reserve::Instant::clock::now();
  known.see(own, seen, jobs, now);
  auto to_show = known.standing(now), to_end = known.to_end(now);
  bool changed = false;
  {
    const std::lock_guard lock(mutex);
    changed = !same_for_show(shown, to_show);
    shown = std::move(to_show);
    ending = to_end;
  }
  if (changed) around.changed();
  for (const auto& one : to_end) around.wake(one.wait.context);
}

void MutualWatch::Shared::work() {
  std::unique_lock lock(mutex);
  while (!stop) {
    wake.wait_for(lock, interval, [&] { return stop; });
    if (stop) break;
    lock.unlock();
    try {
      look();
    } catch (const std::exception&) {
      // Nobody is refused for what could not be looked at; the next look comes.
      const std::lock_guard failed(mutex);
      ending.clear();
    }
    lock.lock();
  }
  running = false;
  ended.notify_all();
}

std::vector<MutualWatch::Drive> MutualWatch::drives(const config::SharedDevices& shared) {
  std::map<std::string, scsi::ReservationKey> keys;
  for (const auto& d : shared.devices) {
    if (d.problem.empty() && d.command.empty()) keys.try_emplace(d.control_device, d.key);
  }
  std::vector<Drive> all;
  for (const auto& [control, key] : keys) all.push_back({control, key});
  return all;
}

MutualWaits::Timing MutualWatch::timing(const config::SharedDevices& shared) {
  MutualWaits::Timing timing;
  std::optional<std::chrono::seconds> wait;
  for (const auto& d : shared.devices) {
    if (!d.problem.empty() || !d.command.empty()) continue;
    const bool off = d.mutual_wait.count() == 0 || (wait && wait->count() == 0);
    wait = off ? std::chrono::seconds(0) : std::max(wait.value_or(d.mutual_wait), d.mutual_wait);
  }
  if (wait) timing.mutual_wait = *wait;
  return timing;
}

MutualWatch::MutualWatch(std::vector<Drive> drives, Surroundings surroundings, MutualWaits::Timing timing,
                         std::chrono::milliseconds interval)
    : shared_(std::make_shared<Shared>(std::move(drives), std::move(surroundings), timing)) {
  shared_->interval = interval > std::chrono::milliseconds::zero() ? interval : pause_for(timing);
}

MutualWatch::~MutualWatch() {
  stop(std::chrono::milliseconds::zero());
  if (thread_.joinable()) thread_.detach();
}

void MutualWatch::start() {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->running || shared_->drives.size() < 2) return;  // of one drive there is no ring
  thread_ = start_without_signals([shared = shared_] { shared->work(); });
  shared_->running = true;
}

bool MutualWatch::stop(std::chrono::milliseconds patience) {
  std::unique_lock lock(shared_->mutex);
  shared_->stop = true;
  shared_->wake.notify_all();
  if (!shared_->ended.wait_for(lock, patience, [&] { return !shared_->running; })) return false;
  lock.unlock();
  if (thread_.joinable()) thread_.join();
  return true;
}

std::vector<MutualWaits::Standing> MutualWatch::waits() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->shown;
}

std::optional<MutualWaits::Standing> MutualWatch::gives_in(reserve::JobContext job) const {
  const std::lock_guard lock(shared_->mutex);
  for (const auto& one : shared_->ending) {
    if (one.wait.context == job) return one;
  }
  return std::nullopt;
}

}  // namespace shstore::plugin
