#include "config/huge_pages.h"

#include <sys/mman.h>

#include <cstdint>

namespace shstore::config {

void prefer_huge_pages(const void* memory, size_t bytes) {
  constexpr uintptr_t huge = uintptr_t{2} << 20;
  const auto from = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t first = (from + huge - 1) / huge * huge, last = (from + bytes) / huge * huge;
  if (first >= last) return;
  static_cast<void>(::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE));
}

}  // namespace shstore::config
