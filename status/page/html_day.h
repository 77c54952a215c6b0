// The last day as a picture: a row for each drive, in inline SVG. No I/O.
#pragma once

#include <string>

#include "status/page/page.h"

namespace shstore::status {

/// Patterns that the pictures fill with; once on the page, before the first picture.
std::string day_patterns();

/// A host's colour and pattern as a small square.
std::string host_chip(size_t host);
/// "h3": sets the host's colour for what is within.
std::string host_class(size_t host);

/// The legend, the hours and the rows; empty if there is no drive.
std::string day_section(const Page& page);

}  // namespace shstore::status
