// Are two device nodes one drive, by one I_T nexus? The lock is to be on the drive that is written, through the port that writes
// it: a reservation belongs to an I_T nexus (SPC-4 5.13), and with two paths to a drive the lock of one path refuses the
// writes of the other.
//
// same_drive() only compares. What it compares is read by read_node() from the kernel's sysfs, where the pages 80h and 83h of
// INQUIRY are as the kernel read them when it found the device: no drive is asked.
#pragma once

#include <string>

#include "scsi/inquiry.h"

namespace shstore::scsi {

/// A path that Archive Device or Control Device names, and what is known of what is there.
struct DeviceNode {
  enum class Kind {
    absent,     ///< there is nothing by that name, or this user cannot see it: `why`
    no_device,  ///< a file, a folder or a socket: it is no SCSI device of this kernel
    untold,     ///< a device of which sysfs tells nothing: there is none, or it is another machine's
    scsi,
  };
  std::string path;
  Kind kind = Kind::absent;
  std::string why{};            ///< absent: the reason
  bool socket = false;          ///< no_device: shstore-target's, perhaps
  std::string device{};         ///< scsi: as sysfs_device() has it, ends in its address
  std::string generic{};        ///< scsi: "/dev/sg3"; empty: it has no generic node
  std::string serial{};         ///< page 80h; empty: not known
  std::string designator{};     ///< page 83h, of the logical unit: "naa.50014380023560d4"; empty: not known
  std::string address() const;  ///< "2:0:0:0", host, channel, target and LUN; empty unless scsi
  /// "/dev/nst0 (2:0:0:0, serial number HU19477B2C)"
  std::string text() const;
  friend bool operator==(const DeviceNode&, const DeviceNode&) = default;
};

/// `sysfs` is "/sys" but in tests. Links are followed. Does not open the device.
DeviceNode read_node(const std::string& path, const std::string& sysfs = "/sys");

/// Of an archive device that is simulated by a file or folder: the drive that it stands for, as PATH.drive says it (the serial
/// number, one line). Only where the control device is a socket: on a drive of the kernel's nobody reads it. Empty: no such file.
std::string simulated_serial(const std::string& archive_device);

struct SameDrive {
  enum class Kind {
    one_nexus,   ///< one drive, by one path
    other_path,  ///< one drive, but the control device is another path to it
    two_drives,  ///< or one of them is no drive at all
    absent,      ///< the archive device is not there now
    exchanged,   ///< it is not the drive that it was (never by same_drive(), which does not know what was)
    unproven,    ///< nobody tells
  };
  Kind kind = Kind::unproven;
  std::string text{};          ///< unless one_nexus: one sentence without its full stop
  std::string lock_through{};  ///< the path by which the drive that is written is locked; never empty
  std::string device{};        ///< of that path, as sysfs_device() has it; empty: none of the kernel's
  bool usable() const { return kind != Kind::two_drives && kind != Kind::absent && kind != Kind::exchanged; }
  friend bool operator==(const SameDrive&, const SameDrive&) = default;
};

/// `archive` is what bacula-sd opens, `control` its Control Device. Where the kernel knows the archive device, the lock goes through
/// that device's own generic node, whatever the control device is.
SameDrive same_drive(const DeviceNode& archive, const DeviceNode& control);

/// The generic node of a device ("/dev/sg3"); empty: the kernel has taken the device away, or has no such node for it.
std::string generic_node(const std::string& device, const std::string& sysfs = "/sys");

/// Can commands be sent to a device: its state is running, its iSCSI session LOGGED_IN, its Fibre Channel remote port Online? What
/// sysfs does not tell counts as good; a device that is gone does not.
bool is_usable(const std::string& device, const std::string& sysfs = "/sys");

}  // namespace shstore::scsi
