#include "changer/program/robot.h"

#include <fmt/format.h>

namespace shstore::changer::program {
namespace {

Outcome<void> reserve_robot(Context& c, Robot& robot, const Waiting& waiting, Waiting::TimePoint until) {
  const auto& device = c.arguments.changer_device;
  constexpr const char* kThisHostOnly = "is locked against this host's own programs only";
  if (c.own_key.value == 0) {
    robot.unprotected = fmt::format("{}: no key of this host is known, so its robot {}", device, kThisHostOnly);
    return {};
  }
  auto lock = RobotLock::take(*robot.unit, c.own_key, c.ports, c.key_text, waiting, until);
  if (!lock) return tl::make_unexpected(lock.error());
  if (!lock->lacking().empty()) {
    robot.unprotected = fmt::format("{} knows no {}: the robot {}", device, lock->lacking(), kThisHostOnly);
  }
  robot.lock.emplace(std::move(*lock));
  return {};
}

}  // namespace

Outcome<Robot> take_robot(Context& c) {
  const auto& device = c.arguments.changer_device;
  const auto until = c.waiting.now() + c.settings.robot_wait;
  auto host = HostLock::take(device, c.waiting, until);
  if (!host) return tl::make_unexpected(host.error());
  auto transport = c.open(device);
  if (!transport) return tl::make_unexpected(to_failure(transport.error()));
  auto unit = std::make_unique<scsi::LogicalUnit>(**transport, c.waiting.pause);
  Robot robot{std::move(*host), std::move(*transport), std::move(unit)};
  const auto kind = robot.unit->inquiry();
  if (!kind) return tl::make_unexpected(to_failure(kind.error()));
  if (kind->device_type != scsi::kMediumChanger) {
    return fail(ExitStatus::config,
                fmt::format("{} is a {}, not a medium changer: correct the Changer Device in bacula-sd.conf", device,
                            scsi::device_type_text(kind->device_type)));
  }
  if (auto reserved = reserve_robot(c, robot, c.waiting, until); !reserved)
    return tl::make_unexpected(reserved.error());
  return robot;
}

Outcome<void> give_back(Robot& robot) {
  if (!robot.lock) return {};
  return robot.lock->give_back().map_error([](scsi::Error e) {
    e.message = "the robot could not be given back: " + e.message;
    return to_failure(e);
  });
}

Outcome<void> let_go(Robot& robot) {
  auto given_back = give_back(robot);
  robot.host.reset();
  return given_back;
}

Outcome<void> take_again(Context& c, Robot& robot, Waiting::TimePoint until) {
  const std::atomic<bool> never{false};
  const Waiting patient{c.waiting.now, c.waiting.pause, never, c.waiting.pause};
  auto host = HostLock::take(c.arguments.changer_device, patient, until);
  if (!host) return tl::make_unexpected(host.error());
  robot.host = std::move(*host);
  return reserve_robot(c, robot, patient, until);
}

}  // namespace shstore::changer::program
