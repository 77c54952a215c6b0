// The steps of a command that moves something, in the order in which they are taken. moving.cpp and cleaning.cpp put them together.
#pragma once

#include <optional>

#include "changer/drive_hold.h"
#include "changer/move.h"
#include "changer/program/context.h"
#include "changer/program/drive.h"
#include "changer/program/robot.h"

namespace shstore::changer::program {

/// take_robot(), and a note where other hosts are not kept away from the robot.
Outcome<Robot> take_robot_and_say(Context& c);

/// With the identities of the drives. Nothing where the program named by `via` can do without it.
Outcome<Library> look(Context& c, Robot& robot);

/// The guard: is it the right drive, and who has it? What it returns must live as long as the drive is needed; nothing: the drive
/// is not shared, which is noted.
Outcome<std::optional<DriveHold>> enter_drive(Context& c, ConfiguredDrive& drive, const Library& library,
                                              uint32_t slot);

/// Refused while somebody of this host uses the drive whose tape is to be taken out.
Outcome<void> check_users(Context& c, const ConfiguredDrive& drive);

/// LOAD UNLOAD, if the drive has a Control Device. Refused while the drive is becoming ready.
Outcome<void> unload_in_drive(ConfiguredDrive& drive);

/// MOVE MEDIUM, with what mtx prints. Waits for what passes by itself; a drive that has not let go of its tape is unloaded once.
/// `from_drive`: the drive that the tape is to come from; nullptr: it comes from elsewhere.
Outcome<int> announce_and_move(Context& c, Robot& robot, const Move& move, ConfiguredDrive* from_drive);

Outcome<void> leave_drive(std::optional<DriveHold>& hold);

/// Somebody must hear of a lock that may still be there, whatever became of the move.
void note_left(Context& c, Outcome<int>& ended, const Outcome<void>& given_back);

}  // namespace shstore::changer::program
