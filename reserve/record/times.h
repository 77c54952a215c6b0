// Moments as text. No I/O.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace shstore::record {

using WallTime = std::chrono::sys_seconds;

/// "2026-11-22T10:48:52Z" (RFC 3339).
std::string time_text(WallTime t);

/// The moment of such a text; nothing if it is none.
std::optional<WallTime> parse_time(const std::string& text);

/// "2026-11-22 at 10:48:52 UTC", for sentences.
std::string moment_in_words(WallTime t);

/// "68 s", "25 min", "3 h 5 min", "2 d 4 h": for people.
std::string age_text(std::chrono::seconds age);

}  // namespace shstore::record
