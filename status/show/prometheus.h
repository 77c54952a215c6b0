// Snapshots as metrics in Prometheus' text format. No I/O.
//
// What is not known has no sample: the age of another host's lock, the lock of a drive that does not answer.
// Counters are the plugin's own since bacula-sd started. Names of keys and hosts are labels of _info metrics
// only.
#pragma once

#include <string>
#include <vector>

#include "status/look/snapshot.h"

namespace shstore::status {

/// `success`: every daemon that was asked for is in `daemons`.
std::string to_prometheus(const std::vector<SdSnapshot>& daemons, record::WallTime taken, bool success,
                          const std::vector<Unreadable>& unreadable = {});

}  // namespace shstore::status
