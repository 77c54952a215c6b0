// Moments as text. No I/O.
#pragma once

#include <chrono>
#include <string>

namespace shstore::status {

using WallTime = std::chrono::sys_seconds;

/// "2026-11-22T10:48:52Z" (RFC 3339).
std::string time_text(WallTime t);

/// "68 s", "25 min", "3 h 5 min", "2 d 4 h": for people.
std::string age_text(std::chrono::seconds age);

}  // namespace shstore::status
