// Who uses a drive without a job, and who keeps one from all hosts for nothing. No I/O.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "status/look/snapshot.h"

namespace shstore::status {

/// So long a drive may be open for no job before a monitor is told, and so long a job may have it without using it.
inline constexpr std::chrono::minutes kOpenForNoJob{10}, kUnusedByJob{1};

/// Sentences without their full stops. A job that has a drive and does not use it is told of after kUnusedByJob: until then it
/// may be loading its tape.
std::vector<std::string> use_remarks(const SdSnapshot& sd, const DeviceSnapshot& device);

/// Those of them that a monitor should warn of.
std::vector<std::string> use_warnings(const SdSnapshot& sd, const DeviceSnapshot& device);

}  // namespace shstore::status
