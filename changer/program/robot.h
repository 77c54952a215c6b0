// The robot for one command alone: against this host's other programs, and against the other hosts.
#pragma once

#include <memory>
#include <optional>

#include "changer/program/context.h"
#include "changer/robot_lock.h"
#include "scsi/changer_unit.h"

namespace shstore::changer::program {

struct Robot {
  std::optional<HostLock> host;
  std::unique_ptr<scsi::Transport> transport;
  std::unique_ptr<scsi::LogicalUnit> unit;
  std::optional<RobotLock> lock{};
  std::string unprotected{};  ///< why other hosts are not kept away, for a message; empty: they are

  scsi::MediumChanger changer() { return scsi::MediumChanger(*unit); }
};

/// Waits for it, at most robot_wait. Without a key of this host, or if the robot cannot be reserved, only this host's programs
/// are kept away.
Outcome<Robot> take_robot(Context& c);

/// Error: the reservation may still be there.
Outcome<void> give_back(Robot& robot);

/// For a time in which only a drive is busy: others may move. Error as give_back().
Outcome<void> let_go(Robot& robot);
/// After let_go(); `stop` does not cut it, for a tape waits. Waits until `until`.
Outcome<void> take_again(Context& c, Robot& robot, Waiting::TimePoint until);

}  // namespace shstore::changer::program
