// What storage-ctl can do: one table row per command. The program itself (storage_ctl.cpp) only reads its arguments.
#pragma once

#include <span>
#include <string_view>

#include "scsi/ctl/context.h"

namespace shstore::scsi::ctl {

struct ControlCommand {
  std::string_view name;
  std::string_view arguments;  ///< for --help: "", "KEY", "-- PROGRAM..."
  bool needs_key;              ///< without a valid storage-ctl.conf the command is refused
  bool needs_device;           ///< false: it opens the device itself and says what is wrong with it
  std::string_view summary;    ///< one line for --help
  int (*run)(Context&);        ///< an ExitStatus, or for exec the program's exit status
};

std::span<const ControlCommand> commands();
const ControlCommand* find_command(std::string_view name);

// The rows' functions, by subject.
int query(Context&);  // show.cpp
int regkeys(Context&);
int wholocked(Context&);
int capabilities(Context&);
int explain(Context&);
int register_key(Context&);  // locking.cpp
int unregister(Context&);
int lock(Context&);
int trylock(Context&);
int unlock(Context&);
int clear(Context&);  // breaking.cpp
int preempt(Context&);
int reclaim(Context&);  // reclaim.cpp
int confirm(Context&);  // confirm.cpp
int prove(Context&);    // prove.cpp
int exec(Context&);     // exec.cpp
int doctor(Context&);   // doctor.cpp

}  // namespace shstore::scsi::ctl
