// What a drive itself says about its lock, read through the control device at this moment.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/shared/shared_devices.h"
#include "scsi/transport.h"

namespace shstore::status {

/// A key on the drive, and by whom it was put there.
struct Registrant {
  std::string key;        ///< "0xbac999"
  std::string initiator;  ///< its port, "21:00:00:1b:32:1f:43:65"; empty: the drive does not tell
  bool holder = false;
  friend bool operator==(const Registrant&, const Registrant&) = default;
};

struct LiveLock {
  std::string error;  ///< why the lock is not known; `why` says it to programs
  bool registered = false;
  bool locked = false;
  std::string blocked_by;  ///< "0xbac999" if another key holds the drive, else empty
  uint32_t generation = 0;

  enum class Why {
    known,            ///< the drive has told its lock
    misconfigured,    ///< the configuration does not say how it is locked
    own_command,      ///< it is locked by a command of the site's own, whose key is not known
    no_answer,        ///< not within the deadline
    unsupported,      ///< it knows no persistent reservations
    spc2_reserve,     ///< another host holds it by the old RESERVE command
    cannot_be_asked,  ///< the control device cannot be opened, or the drive answers with an error
  };
  Why why = Why::known;
  std::string type{};                     ///< of the reservation, "Exclusive Access"; empty: there is none
  std::vector<Registrant> registrants{};  ///< one for each I_T nexus
  /// Our key is registered from a port that is not this host's: another host uses it too.
  bool duplicate_key = false;
  /// The key or the type of the reservation is none that a Storage Daemon uses: another product has the
  /// drive.
  bool other_product = false;
  std::string vendor{}, product{}, revision{}, serial{};  ///< empty: not known
  std::vector<std::string> unit_attentions{};             ///< that our commands consumed, oldest first: "29/00"

  std::string not_recorded{};  ///< why those could not be written down for the plugin

  /// The drive has told its lock, or is none that can be asked for it: it is locked by a command of the site's own.
  bool is_known() const { return why == Why::known || why == Why::own_command; }

  /// Which drive it is, by what it says of itself: "HP Ultrium 4-SCSI, serial number HU10450A01"; two devices that say the
  /// same are one drive. Empty: it does not tell.
  std::string identity() const;

  /// Who holds the drive, as an initiator port; empty: nobody, or the drive does not tell.
  std::string holding_initiator() const;
};

/// How long all the drives together are waited for: a command's own deadline, and time for its answer to be
/// told.
inline constexpr std::chrono::milliseconds kLiveDeadline = scsi::kCommandDeadline + std::chrono::seconds(1);

/// Writes down for the plugin which unit attentions of the device (its place in the list, and itself) were
/// consumed; the reason if it cannot. Called on a thread of each device's own, perhaps after read_live() has
/// returned.
using RecordAttentions = std::function<tl::expected<void, std::string>(size_t, const config::SharedDevice&,
                                                                       const std::vector<std::string>& codes)>;

/// One answer per device, in the same order. PERSISTENT RESERVE IN and INQUIRY only: nothing on the drives
/// changes. All devices are asked at the same time, and what has not answered at the deadline is given up:
/// its thread may be left behind in a system call, so a program that has called this must end with _Exit. A device that was
/// given up is not asked again before that thread has come back.
std::vector<LiveLock> read_live(const std::vector<config::SharedDevice>& devices,
                                std::chrono::milliseconds deadline = kLiveDeadline,
                                const RecordAttentions& record = {});

}  // namespace shstore::status
