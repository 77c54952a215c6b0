// Text in the columns of a terminal. No I/O.
#pragma once

#include <string>
#include <string_view>

namespace shstore::status::watch {

/// How many columns printable() text takes: one for each character.
size_t columns_of(std::string_view text);

/// At most `width` columns of printable text; a > in the last one says that there was more.
std::string cut(std::string_view text, size_t width);

/// cut(), filled with blanks to exactly `width` columns.
std::string fitted(std::string_view text, size_t width);

}  // namespace shstore::status::watch
