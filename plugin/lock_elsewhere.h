// A lock of ours on a nexus that is no more: the path by which it was taken has gone, or the daemon's life in which it was taken has
// ended and this one comes by another port. It is moved here (scsi/own_lock.h) if it is provably the one that we took, and nobody
// of this host uses the drive.
#pragma once

#include <string>
#include <vector>

#include "plugin/drive_identity.h"
#include "scsi/own_lock.h"

namespace shstore::plugin {

/// `lost`: text() of the initiator ports by which this daemon, or its life before, took the lock and cannot give it back. `took`: the life
/// before had the lock when it was killed, so that any Fibre Channel or SAS port that this host has now will be that one. True: the
/// lock is held by this nexus now. False: there is no lock of ours elsewhere, or nothing shows that it is ours. The
/// error says why it stays where it is, and what gives it back.
scsi::Result<bool> bring_lock_here(scsi::LogicalUnit& unit, scsi::DriveLock& lock, const scsi::LocalPorts& ports,
                                   const std::vector<std::string>& lost, bool took, const DriveIdentity& identity);

/// Two machines with one iSCSI name are one initiator to the drive, whatever they lock: which other key is registered by the
/// name that this drive is reached by. Empty: none. `device`: as scsi::sysfs_device() has it.
std::string other_key_under_our_name(const scsi::FullStatus& status, scsi::ReservationKey own,
                                     const std::string& device, const std::string& path);

}  // namespace shstore::plugin
