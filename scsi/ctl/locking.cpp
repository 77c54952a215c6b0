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
Result<bool> wait_until_free(Context& c, std::chrono::steady_clock::time_point until, OwnLock own, Poll& poll) {
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - c.now());
    if (c.stop || left <= milliseconds::zero()) return false;
    if (c.progress) {
      const auto waited = c.conf.max_lock_wait - std::chrono::duration_cast<std::chrono::seconds>(left);
      c.progress(
          fmt::format("waited {} s of at most {} s (^C gives up)", waited.count(), c.conf.max_lock_wait.count()));
    }
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
  return fmt::format(
      "{} is locked by this host itself ({}), through its other port {} (\"storage-ctl {} reclaim\" gives it back, "
      "if no program of this host uses it)",
      c.device, to_text(attempt.holder.key), attempt.own_other_port, c.device);
}

// What one attempt found: the lock is ours, or who has the drive.
struct Attempt {
  bool held = false;
  std::string in_the_way{};  ///< a sentence's beginning
  std::string holder{};      ///< its subject
};

// Below the other programs of this host first: what they have is not to be had, whatever the drive says.
Result<Attempt> attempt_lock(Context& c, DriveLock& drive, OwnLock own) {
  if (auto other = take_from_processes(c); !other) {
    return tl::make_unexpected(other.error());
  } else if (*other) {
    return Attempt{false, fmt::format("{} is in use by {} of this host", c.device, (*other)->text()), (*other)->text()};
  }
  const auto attempt = drive.try_lock(own);
  if (attempt && attempt->held) return Attempt{true};
  give_to_processes(c);
  if (!attempt) return tl::make_unexpected(attempt.error());
  return Attempt{false, in_the_way(c, *attempt), holder_text(attempt->holder)};
}

}  // namespace

namespace {

Result<bool> registered_by_others(Context& c, DriveLock& drive) {
  const auto state = drive.read();
  return state ? is_registered(c, *state) : tl::make_unexpected(state.error());
}

}  // namespace

Result<std::optional<ProcessOwner>> take_from_processes(Context& c) {
  if (c.processes == nullptr) return std::nullopt;
  return c.processes->try_take();
}

void give_to_processes(Context& c) {
  if (c.processes != nullptr) c.processes->release();
}

Result<void> not_under_another(const Context& c) {
  if (c.processes == nullptr) return {};
  const auto other = c.processes->other();
  if (!other) return tl::make_unexpected(other.error());
  if (!*other) return {};
  return fail(Error::Kind::refused,
              fmt::format("{} is in use by {} of this host, which would go on without its lock: end that first",
                          c.device, (*other)->text()));
}

Result<bool> is_registered(Context& c, const LockState& state) {
  if (c.processes != nullptr) {
    if (const auto entered = c.processes->enter(); !entered) return tl::make_unexpected(entered.error());
    // Of programs that come and go the last one takes it away.
    const auto others = c.processes->others_entered();
    if (!others || *others) return others.map([](bool) { return false; });
  }
  return state.registrations_of(c.conf.key) > 0;
}

void withdraw(DriveLock& lock, const Context& c) {
  const LogicalUnit::ToTheEnd give_back(*c.unit);
  if (c.processes != nullptr && !c.processes->leave()) return;
  if (const auto state = lock.read(); state && state->held_by(lock.own_key())) return;
  const auto undone = lock.unregister();
  if (undone) return;
  c.err << fmt::format(
      "storage-ctl: {}\nstorage-ctl: {}: {} may still be registered: \"storage-ctl {} unregister\" removes it\n",
      undone.error().message, c.device, to_text(lock.own_key()), c.device);
}

ExitStatus take_lock(Context& c, DriveLock& drive, bool registered_before, OwnLock own) {
  const auto until = c.now() + c.conf.max_lock_wait;
  std::string holder;  // the last one that was in the way
  Poll poll;
  for (bool told = false;;) {
    const auto attempt = attempt_lock(c, drive, own);
    if (!attempt && !(c.stop && told)) {
      const auto status = failed(c, attempt.error());
      if (told && !registered_before) withdraw(drive, c);  // what this attempt itself took is back already
      return status;
    }
    if (attempt && attempt->held) return ExitStatus::ok;
    if (attempt) holder = attempt->holder;
    if (attempt && !told) {
      c.err << fmt::format("storage-ctl: {}, waiting up to {} s\n", attempt->in_the_way, c.conf.max_lock_wait.count());
      c.err.flush();
      told = true;
    }
    const auto free = wait_until_free(c, until, own, poll);
    if (c.progress) c.progress("");
    if (free && *free) continue;
    if (!registered_before) withdraw(drive, c);
    if (!free && !c.stop) return failed(c, free.error());
    c.err << fmt::format("storage-ctl: {}: gave up{}: {} still {} the lock\n", c.device, c.stop ? " (interrupted)" : "",
                         holder, holder.starts_with("all ") ? "hold" : "holds");
    return ExitStatus::timeout;
  }
}

int register_key(Context& c) { return done(c, c.lock().register_key()); }

int unregister(Context& c) {
  if (const auto may = not_under_another(c); !may) return done(c, may);
  return done(c, c.lock().unregister());
}

int unlock(Context& c) {
  if (const auto may = not_under_another(c); !may) return done(c, may);
  const auto was_ours = c.lock().unlock();
  if (was_ours && !*was_ours)
    c.err << fmt::format("storage-ctl: {} was not locked by {}\n", c.device, to_text(c.conf.key));
  return done(c, was_ours);
}

int trylock(Context& c) {
  auto drive = c.lock();
  const auto before = registered_by_others(c, drive);
  if (!before) return done(c, before);
  const auto other = take_from_processes(c);
  if (!other) return done(c, other);
  if (*other) {
    c.err << fmt::format("storage-ctl: {} is in use by {} of this host\n", c.device, (*other)->text());
    return done(ExitStatus::reservation_conflict);
  }
  const auto attempt = drive.try_lock();
  if (!attempt) return done(c, attempt);
  if (attempt->held) return done(ExitStatus::ok);
  if (!*before) withdraw(drive, c);
  if (!attempt->own_other_port.empty()) c.err << "storage-ctl: " << in_the_way(c, *attempt) << '\n';
  c.err << "persistent reserve out: scsi status: Reservation Conflict\nPR out: command failed\n";
  return done(ExitStatus::reservation_conflict);
}

int lock(Context& c) {
  auto drive = c.lock();
  const auto before = registered_by_others(c, drive);
  if (!before) return done(c, before);
  return done(take_lock(c, drive, *before));
}

}  // namespace shstore::scsi::ctl
