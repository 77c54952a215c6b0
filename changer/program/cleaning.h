// Cleaning drives: by hand, and after an unload of a drive that asked for it (auto_clean=1).
#pragma once

#include "changer/program/move_steps.h"

namespace shstore::changer::program {

/// After an unload that has emptied the drive, with the robot and the drive still locked. What becomes of it is noted and logged;
/// the unload has been done whatever that is.
void clean_if_asked(Context& c, Robot& robot, ConfiguredDrive& drive);

}  // namespace shstore::changer::program
