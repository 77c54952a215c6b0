// doctor --changer: does the library tell that this drive is one of its drives?
#pragma once

#include <string>
#include <vector>

#include "scsi/changer_unit.h"
#include "scsi/ctl/json.h"
#include "scsi/inquiry.h"

namespace shstore::scsi::ctl {

/// What the drive says of itself. No I/O.
struct OwnIdentity {
  std::string serial;  ///< empty: it does not tell
  std::vector<Designator> designators{};
};

/// "identity": which drive of the library it is; a warning where that cannot be known, which shstore-changer's guard then cannot
/// either; FAILED if it is none of them. `changer`: the robot's path.
Check check_identity(const std::string& changer, const std::vector<Element>& drives, const OwnIdentity& own);

/// Asks the robot (READ ELEMENT STATUS, which moves nothing).
Check ask_identity(const std::string& changer, const OwnIdentity& own, const std::atomic<bool>* stop);

}  // namespace shstore::scsi::ctl
