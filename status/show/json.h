// Snapshots for programs: one JSON object. No I/O.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "status/look/snapshot.h"

namespace shstore::status {

/// The form of what to_json() writes. Fields may be added to it; one that changes or goes makes a new number.
inline constexpr std::string_view kStatusSchema = "shstore-status/1";

/// Pretty-printed, with a final newline. Keys of reservations are strings, times RFC 3339 in UTC, and what is
/// not known is null. `taken`: the moment of the whole.
std::string to_json(const std::vector<SdSnapshot>& daemons, record::WallTime taken,
                    const std::vector<Unreadable>& unreadable = {});

}  // namespace shstore::status
