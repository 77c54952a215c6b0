// Names that a reader takes for one another: LT0 and LTO.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shstore::config::lint {

/// Equal for names that look alike: without regard to case, with 0 as O, 1, I and | as l, and one kind of
/// separator.
std::string folded(std::string_view name);

/// A hash of it: equal if folded() is.
uint64_t folded_hash(std::string_view name);

/// The same with separators left out: Media Types are written LTO9 by one and LTO-9 by another.
std::string folded_tightly(std::string_view name);

/// What to look at: `the letter "O" in one, the digit "0" in the other`; empty for equal names.
std::string difference(std::string_view a, std::string_view b);

}  // namespace shstore::config::lint
