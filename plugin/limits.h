// What does not work in this daemon as it should: sentences for the administrator, in the daemon's log and in every view.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/shared/shared_devices.h"

namespace shstore::plugin {

/// Why something could not be begun, each; empty: it was.
struct Missing {
  std::string watch{};   ///< the kernel's messages are not heard
  std::string opens{};   ///< nobody tells at once of what opens a device
  std::string proofs{};  ///< programs that move tapes cannot ask
  std::string states{};  ///< the state is written by nobody
  std::string nodes{};   ///< nobody tells where the nodes of a drive lead to by now
};

struct LimitFacts {
  const std::vector<config::SharedDevice>& devices;
  Missing missing{};
  std::string no_opens{};             ///< why nobody is ever told of what opens a device (OpenWatch::unavailable)
  std::string no_nodes{};             ///< why that is told of some drive never (NodeWatch::unavailable)
  bool can_wake = true;               ///< RunningJobs::can_wake
  std::vector<std::string> daemon{};  ///< Daemon::limits
  std::vector<std::string> drives{};  ///< SharedDrives::limits
  std::vector<std::pair<std::string, std::string>> notes{};  ///< DriveIdentity::note, by control device; may be empty
  std::string notify{}, history{};                           ///< Notifier::trouble, StatePublisher::history_error
};

/// One sentence each, without a full stop.
std::vector<std::string> limits(const LimitFacts& facts);

/// "LT09_1_Drive0" (/dev/nst0), and others with the same control device.
std::string names_of(const std::vector<config::SharedDevice>& devices, const std::string& control);

}  // namespace shstore::plugin
