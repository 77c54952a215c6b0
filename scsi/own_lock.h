// Our own lock on a nexus that we cannot use: another port of this host, or one that is no more (a port was replaced, an iSCSI
// session was logged in anew). It keeps this host out for ever, since RELEASE and REGISTER with our key do nothing from here.
//
// PREEMPT with our own key as both keys moves such a lock to the nexus that sends it and takes our key off all others (SPC-4
// 5.13.11.2.4; the kernel's target and fence_scsi do the same). It must not hit another host that uses our key by mistake: so
// first it is told whose each registration under our key is.
#pragma once

#include <string>
#include <vector>

#include "scsi/drive_lock.h"
#include "scsi/local_ports.h"

namespace shstore::scsi {

/// Whose a registration under our key is, as far as its initiator port tells.
enum class Whose {
  ours,     ///< a port that this host has now (FC, SAS), or exactly one that it is known to have registered by
  perhaps,  ///< iSCSI: our own initiator name with another ISID: an ended session of ours, or a cloned machine's
  anothers,
  untold,  ///< the drive does not say
};

/// `remembered`: the text() of TransportIDs by which this very machine has registered, as READ FULL STATUS showed them then. For iSCSI
/// they alone count: a name is in a file that is cloned with the disk, and sysfs shows no ISID.
Whose whose(const TransportId& initiator, const LocalPorts& ports, const std::vector<std::string>& remembered);

/// What is on the drive under our key.
struct OwnKey {
  struct Port {
    std::string initiator;  ///< as TransportId::text()
    bool holds = false;
    Whose whose = Whose::untold;
    friend bool operator==(const Port&, const Port&) = default;
  };
  std::vector<Port> ports{};
  uint32_t generation = 0;  ///< PRGENERATION at which that was so
  bool any(Whose w) const;
  /// "iqn...:dir,i,0x00023d000002, which holds the lock"
  std::string text() const;
  friend bool operator==(const OwnKey&, const OwnKey&) = default;
};

OwnKey own_key(const FullStatus& status, ReservationKey own, const LocalPorts& ports,
               const std::vector<std::string>& remembered);

/// Is our key registered on this nexus? Changes nothing: REGISTER with one key as both succeeds only where it is registered.
Result<bool> registered_here(LogicalUnit& unit, ReservationKey own);

/// The kernel's target does not keep two sessions of one InitiatorName apart: whatever one of them has reserved, the other writes. So
/// a key that is not ours, registered by the iSCSI name `name` that this host reaches the drive by, is an error: of a machine that was
/// cloned, or of an earlier key of this one. What to say; empty: there is none.
std::string another_key_by_name(const FullStatus& status, ReservationKey own, const std::string& name,
                                const std::string& path);

/// Takes our key off every other nexus and moves the lock to this one, if our key holds it. Only if `seen` is so still; else an
/// error of kind refused, and the drive is as it was. True: the lock is held here now, proven. False: our key held none; it may be
/// registered here or not.
Result<bool> gather_own_key(LogicalUnit& unit, DriveLock& lock, const OwnKey& seen);

}  // namespace shstore::scsi
