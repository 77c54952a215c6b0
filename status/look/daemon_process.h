// Whether a bacula-sd runs with a given configuration, whatever it has loaded: looked up in the kernel's list of
// processes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace shstore::status {

/// What the list of processes tells of one bacula-sd.conf.
struct DaemonProcess {
  std::optional<int64_t> pid{};  ///< of a bacula-sd that runs with this very file
  /// Without a pid: there are processes of which this user may not know enough, so there may be one all the same.
  bool hidden = false;
};

/// Looks through `proc` (proc(5)) for a program bacula-sd whose configuration is `sd_file`: the same file, whatever the name.
/// The arguments as stored/stored.c of Bacula 9.6 to 15 takes them: -c FILE, else the first that is no option, else
/// /etc/bacula/bacula-sd.conf; one that only tests its configuration (-t) is no daemon.
DaemonProcess find_daemon(const std::string& sd_file, const std::string& proc = "/proc");

}  // namespace shstore::status
