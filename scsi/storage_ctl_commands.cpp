#include "scsi/storage_ctl_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <random>

#include "scsi/report.h"

namespace shstore::scsi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirstPoll{200};
constexpr milliseconds kLongestPoll{5000};

ExitStatus failed(const ControlContext& c, const Error& error) {
  c.err << "storage-ctl: " << error.message << '\n';
  return exit_status(error);
}

ExitStatus query(ControlContext& c) {
  const auto inquiry = c.unit.inquiry();
  if (!inquiry) return failed(c, inquiry.error());
  const auto status = c.unit.read_full_status();
  if (!status) return failed(c, status.error());
  c.out << query_text(*inquiry, *status);
  return ExitStatus::ok;
}

ExitStatus regkeys(ControlContext& c) {
  const auto keys = c.unit.read_keys();
  if (!keys) return failed(c, keys.error());
  for (const auto key : keys->keys) c.out << to_text(key) << '\n';
  return ExitStatus::ok;
}

ExitStatus wholocked(ControlContext& c) {
  const auto read = c.unit.read_reservation();
  if (!read) return failed(c, read.error());
  if (read->reservation) c.out << to_text(read->reservation->key) << '\n';
  return ExitStatus::ok;
}

ExitStatus register_key(ControlContext& c) {
  const auto done = DriveLock(c.unit, c.conf.key).register_key();
  return done ? ExitStatus::ok : failed(c, done.error());
}

ExitStatus unregister(ControlContext& c) {
  const auto done = DriveLock(c.unit, c.conf.key).unregister();
  return done ? ExitStatus::ok : failed(c, done.error());
}

ExitStatus unlock(ControlContext& c) {
  const auto was_ours = DriveLock(c.unit, c.conf.key).unlock();
  if (!was_ours) return failed(c, was_ours.error());
  if (!*was_ours) c.err << fmt::format("storage-ctl: {} was not locked by {}\n", c.unit.path(), to_text(c.conf.key));
  return ExitStatus::ok;
}

ExitStatus clear(ControlContext& c) {
  const auto done = DriveLock(c.unit, c.conf.key).clear();
  return done ? ExitStatus::ok : failed(c, done.error());
}

// Takes back a registration that was made only in order to wait, so that nobody yields to a waiter that is gone.
void withdraw(DriveLock& lock, const ControlContext& c) {
  if (auto done = lock.unregister(); !done) c.err << "storage-ctl: " << done.error().message << '\n';
}

Result<bool> is_registered(DriveLock& lock) {
  return lock.read().map([&](const LockState& s) { return s.registrations_of(lock.own_key()) > 0; });
}

ExitStatus trylock(ControlContext& c) {
  DriveLock lock(c.unit, c.conf.key);
  const auto before = is_registered(lock);
  if (!before) return failed(c, before.error());
  const auto attempt = lock.try_lock();
  if (!attempt) return failed(c, attempt.error());
  if (attempt->held) return ExitStatus::ok;
  if (!*before) withdraw(lock, c);
  c.err << "persistent reserve out: scsi status: Reservation Conflict\nPR out: command failed\n";
  return ExitStatus::reservation_conflict;
}

// Polls by PERSISTENT RESERVE IN until the drive looks free. With jitter: hosts that wait for the same drive must not
// ask in step.
class Poll {
 public:
  milliseconds next() {
    const auto longest = std::min(kLongestPoll, interval_ * 3 / 2);
    std::uniform_int_distribution<milliseconds::rep> pick(interval_.count() / 2, longest.count());
    interval_ = std::min(kLongestPoll, interval_ * 3 / 2);
    return milliseconds(pick(random_));
  }

 private:
  std::minstd_rand random_{std::random_device{}()};
  milliseconds interval_ = kFirstPoll;
};

// Waits while somebody holds the drive; true when it is free, false when the time is over or ^C was pressed.
Result<bool> wait_until_free(ControlContext& c, std::chrono::steady_clock::time_point until) {
  Poll poll;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - c.now());
    if (c.stop || left <= milliseconds::zero()) return false;
    c.sleep(std::min(left, poll.next()));
    if (c.stop) return false;
    const auto read = c.unit.read_reservation();
    if (!read) return tl::make_unexpected(read.error());
    if (!read->reservation || read->reservation->key == c.conf.key) return true;
  }
}

ExitStatus lock(ControlContext& c) {
  DriveLock drive(c.unit, c.conf.key);
  const auto before = is_registered(drive);
  if (!before) return failed(c, before.error());
  const auto until = c.now() + c.conf.max_lock_wait;
  for (bool told = false;;) {
    const auto attempt = drive.try_lock();
    if (!attempt) return failed(c, attempt.error());
    if (attempt->held) return ExitStatus::ok;
    if (!told) {
      c.err << fmt::format("storage-ctl: {} is locked by {}, waiting up to {} s\n", c.unit.path(),
                           to_text(attempt->holder.key), c.conf.max_lock_wait.count());
      c.err.flush();
      told = true;
    }
    const auto free = wait_until_free(c, until);
    if (free && *free) continue;
    if (!*before) withdraw(drive, c);
    if (!free) return failed(c, free.error());
    c.err << fmt::format("storage-ctl: {}: gave up: {} still holds the lock\n", c.unit.path(), to_text(attempt->holder.key));
    return ExitStatus::timeout;
  }
}

constexpr std::array kCommands = {
    ControlCommand{"query", false, "show every registration and the lock, with the initiators they belong to", query},
    ControlCommand{"regkeys", false, "print the registered keys, one on a line", regkeys},
    ControlCommand{"wholocked", false, "print the key that holds the lock; nothing if the drive is free", wholocked},
    ControlCommand{"register", true, "register this host's key", register_key},
    ControlCommand{"lock", true, "take the lock, waiting up to max_lock_wait seconds for it", lock},
    ControlCommand{"trylock", true, "take the lock or fail at once (exit status 24 if another host holds it)", trylock},
    ControlCommand{"unlock", true, "give this host's lock back; its registration stays", unlock},
    ControlCommand{"unregister", true, "remove this host's registration, and its lock with it", unregister},
    ControlCommand{"clear", true, "DANGER: remove every lock and registration of every host", clear},
};

}  // namespace

ExitStatus exit_status(const Error& error) {
  switch (error.kind) {
    case Error::Kind::usage: return ExitStatus::usage;
    case Error::Kind::config: return ExitStatus::config;
    case Error::Kind::refused: return ExitStatus::refused;
    case Error::Kind::unsupported: return ExitStatus::unsupported;
    case Error::Kind::device:
    case Error::Kind::protocol:
    case Error::Kind::timeout: return ExitStatus::device;
  }
  return ExitStatus::device;
}

std::span<const ControlCommand> control_commands() { return kCommands; }

const ControlCommand* find_control_command(std::string_view name) {
  const auto* found = std::find_if(kCommands.begin(), kCommands.end(), [&](const auto& c) { return c.name == name; });
  return found == kCommands.end() ? nullptr : found;
}

}  // namespace shstore::scsi
