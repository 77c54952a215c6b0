// Keys from the bytes that a terminal sends. No I/O.
#pragma once

#include <string>
#include <vector>

namespace shstore::status::watch {

enum class Key { other, quit, sort, reverse, up, down, page_up, page_down, first, last, refresh, help };

/// Takes the keys out of `bytes`; the beginning of one whose rest has not come yet stays in it.
std::vector<Key> take_keys(std::string& bytes);

}  // namespace shstore::status::watch
