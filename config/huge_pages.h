// Large memory that is about to be filled from one end to the other.
#pragma once

#include <cstddef>

namespace shstore::config {

/// Asks the kernel for huge pages, where a range is large enough for some: to get a million small ones one by one takes as
/// long as to parse what is written into them. Only a hint; nothing depends on whether it is followed.
void prefer_huge_pages(const void* memory, size_t bytes);

}  // namespace shstore::config
