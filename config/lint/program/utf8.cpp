#include "config/lint/program/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "scsi/base/printable.h"
#include "scsi/base/utf8.h"

namespace shstore::config::lint {
namespace {

struct Range {
  uint32_t first, last;
};

// The blocks that matter in practice, not all of Unicode's tables.
constexpr std::array kCombining = {Range{0x0300, 0x036F}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF},
                                   Range{0xFE00, 0xFE0F}, Range{0xFEFF, 0xFEFF}};
constexpr std::array kWide = {Range{0x1100, 0x115F}, Range{0x2E80, 0xA4CF},   Range{0xAC00, 0xD7A3},
                              Range{0xF900, 0xFAFF}, Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
                              Range{0xFFE0, 0xFFE6}, Range{0x1F300, 0x1FAFF}, Range{0x20000, 0x3FFFD}};

template <size_t n>
bool is_in(const std::array<Range, n>& ranges, uint32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& range) { return code >= range.first && code <= range.last; });
}

}  // namespace

Character first_character(std::string_view text) {
  const auto c = base::first_character(text);
  if (!c.valid) return {1, 1, false};
  const bool ours = c.code == U'\t';  // shown as it is
  if (!ours && !base::may_be_shown(c.code)) return {c.bytes, 1, false};
  return {c.bytes, is_in(kCombining, c.code) ? 0u : is_in(kWide, c.code) ? 2u : 1u, true};
}

size_t count_characters(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_character(text).bytes);
  return count;
}

}  // namespace shstore::config::lint
