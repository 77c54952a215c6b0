// One line for every load, unload and transfer: in a file of its own, where "log" names one, and in the system's log.
#pragma once

#include <chrono>
#include <string>

#include "changer/program/context.h"

namespace shstore::changer::program {

/// changer=/dev/sg3 operation=unload slot=3 drive=0 from=257 to=1027 barcode=E01003L8 jobid=12 job="Nightly.2026-11-30_01.05.00_07"
/// seconds=12.4 result=done|failed [status=4 why="..."]. What is not known is left out; values are quoted where they need it.
std::string move_line(const Context& c, const Outcome<int>& ended, std::chrono::milliseconds took);

/// Appends `TIME LINE` to the file, which only its owner and group may read. Error: the file cannot be written, in words.
Outcome<void> append_move(const std::string& file, const std::string& line);

}  // namespace shstore::changer::program
