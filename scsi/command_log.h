// Every SCSI command of this process and its answer, in one line, for debug_log=1.
#pragma once

#include <functional>
#include <string>

namespace shstore::scsi {

/// From now on each command that goes through what open_transport() opens is told to `line`, by the thread that sent it. Call it once,
/// before there are threads that open devices. `line` must be thread-safe and must not throw.
void log_commands(std::function<void(const std::string&)> line);

/// Where storage-ctl and the plugin write it: daemon and administrator at the same time. Open it with base::open_log().
inline constexpr const char* kDebugLogFile = "/var/log/bacula/storage-ctl.log";

}  // namespace shstore::scsi
