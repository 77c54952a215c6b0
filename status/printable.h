// Text that may be shown on a terminal. No I/O.
#pragma once

#include <string>
#include <string_view>

namespace shstore::status {

/// The same, with a ? for every control character, line ends too, and for every byte that is no UTF-8: what comes from a
/// configuration, a state or a drive cannot write to the terminal.
std::string printable(std::string_view text);

/// The same, and line ends stay.
std::string printable_lines(std::string_view text);

}  // namespace shstore::status
