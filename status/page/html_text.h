// Text for a page that is HTML and XML at once. No I/O.
#pragma once

#include <string>
#include <string_view>

#include "reserve/record/state.h"

namespace shstore::status {

/// Safe between tags and in quoted attributes, whatever the bytes: markup is escaped, and what XML 1.0 does not allow
/// (control characters, bytes that are no UTF-8) and what would turn the direction of text around is shown as U+FFFD.
std::string escaped(std::string_view text);

/// "10:48"
std::string clock_text(record::WallTime t);
/// "10:48", and with its date if that is not the day of `now`: "21 Nov 10:48"
std::string moment_text(record::WallTime t, record::WallTime now);

/// The same as markup, with the moment itself in it for a script.
std::string moment_markup(record::WallTime t, record::WallTime now);

}  // namespace shstore::status
