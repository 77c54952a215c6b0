#include "changer/robot_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <utility>

namespace shstore::changer {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHostPoll{50};
// With jitter: hosts that wait for the same robot must not ask in step. A move takes seconds.
constexpr int kShortestPoll = 100, kLongestPoll = 600;

milliseconds robot_poll() {
  static std::minstd_rand random{std::random_device{}()};
  return milliseconds(std::uniform_int_distribution<int>(kShortestPoll, kLongestPoll)(random));
}

int open_lock_file(const std::string& device) {
  struct stat st {};
  if (::stat(device.c_str(), &st) == 0 && S_ISCHR(st.st_mode)) {
    return ::open(device.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }
  return ::open((device + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0660);
}

Failure interrupted(const std::string& device) {
  return {ExitStatus::timeout, fmt::format("{}: interrupted while waiting for the robot; nothing was moved", device)};
}

}  // namespace

Outcome<std::optional<HostLock>> HostLock::try_take(const std::string& device) {
  HostLock lock{base::Descriptor(open_lock_file(device))};
  if (lock.fd_ && ::flock(lock.fd_.get(), LOCK_EX | LOCK_NB) == 0) return std::optional(std::move(lock));
  if (lock.fd_ && (errno == EWOULDBLOCK || errno == EINTR)) return std::optional<HostLock>{};
  return fail(ExitStatus::device, fmt::format("{}: cannot be locked against other programs of this host: {}", device,
                                              scsi::errno_text(errno)));
}

Outcome<HostLock> HostLock::take(const std::string& device, const Waiting& waiting, Waiting::TimePoint until) {
  for (;;) {
    auto lock = try_take(device);
    if (!lock) return tl::make_unexpected(lock.error());
    if (*lock) return std::move(**lock);
    if (waiting.stop) return tl::make_unexpected(interrupted(device));
    if (waiting.over(until)) {
      return fail(
          ExitStatus::timeout,
          fmt::format("{}: another shstore-changer of this host is still busy with the robot; nothing was moved. Look "
                      "with \"fuser -v {}\" which one",
                      device, device));
    }
    waiting.sleep(kHostPoll);
  }
}

Outcome<RobotLock> RobotLock::take(scsi::LogicalUnit& changer, scsi::ReservationKey own, const scsi::LocalPorts& ports,
                                   const KeyText& key_text, const Waiting& waiting, Waiting::TimePoint until) {
  scsi::DriveLock lock(changer, own, ports, scsi::PrType::write_exclusive);
  for (;;) {
    const auto attempt = lock.try_lock();
    if (attempt && attempt->held) return RobotLock(std::move(lock), {});
    if (!attempt) {
      const auto unregistered = lock.unregister();
      if (attempt.error().kind != scsi::Error::Kind::unsupported)
        return tl::make_unexpected(to_failure(attempt.error()));
      return RobotLock(std::nullopt, unregistered ? "reservation of type Write Exclusive" : "persistent reservations");
    }
    if (waiting.over(until)) {
      static_cast<void>(lock.unregister());
      if (waiting.stop) return tl::make_unexpected(interrupted(changer.path()));
      if (!attempt->own_other_port.empty()) {
        return fail(
            ExitStatus::timeout,
            fmt::format("{}: the robot is reserved by this host itself, through its other port {}; nothing was moved",
                        changer.path(), attempt->own_other_port));
      }
      const auto holder = attempt->holder.key;
      if (is_all_registrants(attempt->holder.type)) {
        return fail(
            ExitStatus::timeout,
            fmt::format(
                "{}: the robot is still reserved for all registered keys ({}), which is not how a Storage Daemon does it: "
                "another product uses this robot; nothing was moved. \"storage-ctl {} explain\" names the keys",
                changer.path(), scsi::describe(attempt->holder.type), changer.path()));
      }
      return fail(
          ExitStatus::timeout,
          fmt::format("{}: the robot is still reserved by {}; nothing was moved. A move takes a minute or two: if that "
                      "host is dead, \"storage-ctl {} preempt {}\" removes its reservation",
                      changer.path(), key_text(holder), changer.path(), scsi::to_text(holder)));
    }
    waiting.sleep(robot_poll());
  }
}

RobotLock::RobotLock(RobotLock&& other) noexcept
    : lock_(std::exchange(other.lock_, std::nullopt)), lacking_(std::move(other.lacking_)) {}

RobotLock::~RobotLock() { static_cast<void>(give_back()); }

scsi::Result<void> RobotLock::give_back() {
  if (!lock_) return {};
  auto lock = *std::exchange(lock_, std::nullopt);
  const auto released = lock.unlock();
  auto unregistered = lock.unregister();
  if (!released) return tl::make_unexpected(released.error());
  return unregistered;
}

}  // namespace shstore::changer
