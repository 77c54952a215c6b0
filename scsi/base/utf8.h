// UTF-8, character by character. No I/O.
#pragma once

#include <cstddef>
#include <string_view>

namespace shstore::base {

struct Character {
  char32_t code = 0xFFFD;  ///< U+FFFD where the byte is no UTF-8
  size_t bytes = 1;        ///< at least 1
  bool valid = false;      ///< false: the byte is no UTF-8 (RFC 3629: overlong, a surrogate, above U+10FFFF, cut off)
};

/// The character that `text` begins with; `text` is not empty.
Character first_character(std::string_view text);

}  // namespace shstore::base
