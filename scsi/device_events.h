// What the kernel tells, unasked, of the SCSI devices of this host: that a unit attention of a reset was reported to
// anybody on it, and that a device is gone.
//
// A drive tells each I_T nexus of a reset once, in answer to whatever command comes next. While a job writes that is a
// write of st's, and neither st (before Linux 6.12) nor bacula-sd says a word of it. The kernel's SCSI layer does, whoever
// sent the command: drivers/scsi/scsi_error.c (scsi_report_sense) makes each unit attention 29/xx the event
// SDEV_UA=POWER_ON_RESET_OCCURRED of the device, which is sent as a uevent (NETLINK_KOBJECT_UEVENT), to be read by any user.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scsi/base/descriptor.h"
#include "scsi/error.h"

namespace shstore::scsi {

struct DeviceEvent {
  enum class Kind {
    reset,  ///< it reported a unit attention 29/xx: power on, reset, I_T nexus loss
    gone,   ///< the kernel has taken it away: its session was logged out, its cable pulled
  };
  Kind kind = Kind::reset;
  std::string device;  ///< in sysfs, without "/sys": "/devices/platform/host2/session1/target2:0:0/2:0:0:0"
  friend bool operator==(const DeviceEvent&, const DeviceEvent&) = default;
};

/// One message of the kernel: "ACTION@PATH", then NAME=VALUE, each ended by a zero byte. Nothing if it is about anything
/// else, or of another form.
std::vector<DeviceEvent> parse_device_event(std::string_view message);

/// Is that message about a SCSI device, a node of one (st, sg), or the session or port by which it is reached: has any come, gone or
/// changed? What a node leads to may be another one by now.
bool tells_of_nodes(std::string_view message);

/// Of the device behind a node (/dev/sg0), as DeviceEvent::device has it; empty: it has none (a socket of
/// shstore-target, a node that is not there). `sysfs` is "/sys" but in tests.
std::string sysfs_device(const std::string& node, const std::string& sysfs = "/sys");

/// The messages from now on. Not thread-safe. Move-only.
class DeviceEvents {
 public:
  /// The error says why the kernel cannot be listened to.
  static Result<DeviceEvents> open();
  /// For tests: reads from that socket; takes it over.
  explicit DeviceEvents(int socket, bool hears_all = true) : socket_(socket), hears_all_(hears_all) {}

  struct Batch {
    std::vector<DeviceEvent> events{};
    bool nodes = false;  ///< tells_of_nodes() of one of all that came
    bool lost = false;   ///< there were more than the kernel kept: anything may have happened
  };
  /// What has come; does not wait.
  Batch read();
  /// Readable when something has come.
  int descriptor() const { return socket_.get(); }
  /// False: this process is in a network namespace to which the kernel sends nothing of devices (a container without root's rights), or
  /// it cannot be told.
  bool hears_all() const { return hears_all_; }

 private:
  base::Descriptor socket_;
  bool hears_all_ = true;
};

}  // namespace shstore::scsi
