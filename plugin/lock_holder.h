// Is it true what a Lock Command of the site's own says? Its exit status 0 means that this host has the lock: sg_persist ends so too
// after an option that it does not know, and a script with a typing error "takes" a lock that nobody has. So the drive is asked.
#pragma once

#include <optional>
#include <string>

#include "scsi/drive_lock.h"
#include "scsi/local_ports.h"

namespace shstore::plugin {

/// What the drive shows after a trylock that ended well.
struct LockHolder {
  enum class Kind {
    ours,      ///< the nexus that is written through holds it
    anothers,  ///< `holder`
    nobodys,
    untold,     ///< somebody holds it, and nobody says who: `holder`
    unchecked,  ///< the device has no persistent reservations, or cannot be opened by the daemon: the command is believed
  };
  Kind kind = Kind::unchecked;
  std::string holder{};  ///< a key
  friend bool operator==(const LockHolder&, const LockHolder&) = default;
};

/// `status`: READ FULL STATUS; nothing: the drive has none. `nexus`: the ports of the nexus that is written through; empty: not known.
/// `told`: what the command's wholocked printed; empty: nothing.
LockHolder judge_holder(const scsi::LockState& state, const std::optional<scsi::FullStatus>& status,
                        const scsi::LocalPorts& nexus, const std::string& told);

/// Asks the drive behind `path`; `device`: as scsi::sysfs_device() has it. The error: the drive does not answer.
scsi::Result<LockHolder> look_at_holder(const std::string& path, const std::string& device, const std::string& told);

}  // namespace shstore::plugin
