// The commands that take and give back this host's own lock.
#include "scsi/ctl/locking.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <random>

#include "scsi/ctl/commands.h"

namespace shstore::scsi::ctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPoll{200};
constexpr milliseconds kLongestPoll{5000};

int done(ExitStatus status) { return static_cast<int>(status); }

template <class T>
int done(const Context& c, const Result<T>& result) {
  return static_cast<int>(result ? ExitStatus::ok : failed(c, result.error()));
}

// Polls by PERSISTENT RESERVE IN until the drive looks free. With jitter: hosts that wait for the same drive must not
// ask in step.
class Poll {
 public:
  milliseconds next() {
    const auto longest = std::min(kLongestPoll, interval_ * 3 / 2);
    std::uniform_int_distribution<milliseconds::rep> pick(interval_.count() / 2, longest.count());
    interval_ = longest;
    return milliseconds(pick(random_));
  }

 private:
  std::minstd_rand random_{std::random_device{}()};
  milliseconds interval_ = kFirstPoll;
};

// Waits while somebody holds the drive; true when it is free, false when the time is over or a signal came.
Result<bool> wait_until_free(Context& c, std::chrono::steady_clock::time_point until, OwnLock own) {
  Poll poll;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - c.now());
    if (c.stop || left <= milliseconds::zero()) return false;
    c.sleep(std::min(left, poll.next()));
    if (c.stop) return false;
    const auto read = c.unit->read_reservation();
    if (!read) return tl::make_unexpected(read.error());
    if (!read->reservation || (own == OwnLock::join && read->reservation->key == c.conf.key)) return true;
  }
}

std::string in_the_way(const Context& c, const LockAttempt& attempt) {
  if (attempt.own_other_port.empty() && attempt.holder.key == c.conf.key) {
    return fmt::format("{} is locked by another program of this host ({})", c.device, to_text(attempt.holder.key));
  }
  if (attempt.own_other_port.empty()) return fmt::format("{} is locked by {}", c.device, holder_text(attempt.holder));
  return fmt::format("{} is locked by this host itself ({}), through its other port {}", c.device,
                     to_text(attempt.holder.key), attempt.own_other_port);
}

}  // namespace

Result<bool> is_registered(DriveLock& lock) {
  return lock.read().map([&](const LockState& s) { return s.registrations_of(lock.own_key()) > 0; });
}

void withdraw(DriveLock& lock, const Context& c) {
  const LogicalUnit::ToTheEnd give_back(*c.unit);
  if (const auto state = lock.read(); state && state->held_by(lock.own_key())) return;
  const auto undone = lock.unregister();
  if (undone) return;
  c.err << fmt::format("storage-ctl: {}\nstorage-ctl: {}: {} may still be registered: \"storage-ctl {} unregister\" removes it\n",
                       undone.error().message, c.device, to_text(lock.own_key()), c.device);
}

ExitStatus take_lock(Context& c, DriveLock& drive, bool registered_before, OwnLock own) {
  const auto until = c.now() + c.conf.max_lock_wait;
  std::string holder;  // the last one that was in the way
  for (bool told = false;;) {
    const auto attempt = drive.try_lock(own);
    if (!attempt && !(c.stop && told)) {
      const auto status = failed(c, attempt.error());
      if (told && !registered_before) withdraw(drive, c);  // what this attempt itself took is back already
      return status;
    }
    if (attempt && attempt->held) return ExitStatus::ok;
    if (attempt) holder = holder_text(attempt->holder) + (is_all_registrants(attempt->holder.type) ? " still hold" : " still holds");
    if (attempt && !told) {
      c.err << fmt::format("storage-ctl: {}, waiting up to {} s\n", in_the_way(c, *attempt), c.conf.max_lock_wait.count());
      c.err.flush();
      told = true;
    }
    const auto free = wait_until_free(c, until, own);
    if (free && *free) continue;
    if (!registered_before) withdraw(drive, c);
    if (!free && !c.stop) return failed(c, free.error());
    c.err << fmt::format("storage-ctl: {}: gave up{}: {} the lock\n", c.device, c.stop ? " (interrupted)" : "", holder);
    return ExitStatus::timeout;
  }
}

int register_key(Context& c) { return done(c, c.lock().register_key()); }

int unregister(Context& c) { return done(c, c.lock().unregister()); }

int unlock(Context& c) {
  const auto was_ours = c.lock().unlock();
  if (was_ours && !*was_ours) c.err << fmt::format("storage-ctl: {} was not locked by {}\n", c.device, to_text(c.conf.key));
  return done(c, was_ours);
}

int trylock(Context& c) {
  auto drive = c.lock();
  const auto before = is_registered(drive);
  if (!before) return done(c, before);
  const auto attempt = drive.try_lock();
  if (!attempt) return done(c, attempt);
  if (attempt->held) return done(ExitStatus::ok);
  if (!*before) withdraw(drive, c);
  c.err << "persistent reserve out: scsi status: Reservation Conflict\nPR out: command failed\n";
  return done(ExitStatus::reservation_conflict);
}

int lock(Context& c) {
  auto drive = c.lock();
  const auto before = is_registered(drive);
  if (!before) return done(c, before);
  return done(take_lock(c, drive, *before));
}

}  // namespace shstore::scsi::ctl
