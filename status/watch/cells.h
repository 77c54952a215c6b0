// Text in the columns of a terminal. No I/O.
#pragma once

#include <string>
#include <string_view>

namespace shstore::status::watch {

/// The same, with a ? for every control character and for every byte that is no UTF-8: what comes from a configuration or
/// from a drive cannot write to the terminal.
std::string printable(std::string_view text);

/// How many columns `printable` text takes: one for each character.
size_t columns_of(std::string_view text);

/// At most `width` columns of printable text; a > in the last one says that there was more.
std::string cut(std::string_view text, size_t width);

/// cut(), filled with blanks to exactly `width` columns.
std::string fitted(std::string_view text, size_t width);

}  // namespace shstore::status::watch
