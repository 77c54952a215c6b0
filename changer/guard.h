// May this host's tape be moved into or out of that drive? Decided from what the drive and the library say. No I/O.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "changer/library.h"
#include "changer/outcome.h"
#include "config/shared/shared_devices.h"
#include "scsi/drive_lock.h"
#include "scsi/inquiry.h"

namespace shstore::changer {

/// "0xbac999 (dir)" where the host's name is known, else "0xbac999".
using KeyText = std::function<std::string(scsi::ReservationKey)>;

/// What was asked for, in the words of messages.
struct Request {
  std::string operation;  ///< "load", "unload"
  uint32_t slot = 0;      ///< as Bacula gave it
  uint32_t drive = 0;     ///< Drive Index
  std::string tape;       ///< tape_text() of the tape that would move
};

enum class Hold {
  free,  ///< nobody has the drive: take its lock for the time of the move
  ours,  ///< this host has it already (a job's lock, or one taken by hand): move, and leave the lock as it is
};

/// Refused (status locked) while any other key holds the drive, whoever it is. A host that is only registered waits for the
/// drive and does not use it: that is no obstacle.
Outcome<Hold> judge_lock(const config::SharedDevice& device, const Request& request, const scsi::LockState& state,
                         const KeyText& key_text);

/// The drive that the Control Device leads to, as it says itself.
struct DriveIdentity {
  std::string serial;                           ///< INQUIRY page 80h; empty: it does not tell
  std::vector<scsi::Designator> designators{};  ///< INQUIRY page 83h
};

/// Is the drive behind the Control Device the library's drive of that index? Refused if it certainly is not, with the index
/// it has. Otherwise why it is not known, for a message; empty: it is.
Outcome<std::string> check_identity(const config::SharedDevice& device, const Library& library, uint32_t drive_index,
                                    const DriveIdentity& own);

/// Why the library's own answer does not say which drive that is; empty: it does.
std::string why_nameless(const Drive& drive);

}  // namespace shstore::changer
