// Just enough UTF-8 to count characters and columns.
#pragma once

#include <cstddef>
#include <string_view>

namespace shstore::config::lint {

struct Character {
  size_t bytes = 1;    ///< at least 1
  size_t columns = 1;  ///< on a terminal: 0 for a combining mark, 2 for a wide one
  bool valid = true;   ///< false: not to be shown as it is: no UTF-8, or what base::may_be_shown() says; a tab is
};

/// The character that `text` begins with; `text` must not be empty.
Character first_character(std::string_view text);

/// How many characters there are; a byte that is no UTF-8 counts as one.
size_t count_characters(std::string_view text);

}  // namespace shstore::config::lint
