#include "config/lint/program/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace shstore::config::lint {
namespace {

struct Range {
  uint32_t first, last;
};

// The blocks that matter in practice, not all of Unicode's tables.
constexpr std::array combining = {Range{0x0300, 0x036F}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF},
                                  Range{0xFE00, 0xFE0F}, Range{0xFEFF, 0xFEFF}};
constexpr std::array wide = {Range{0x1100, 0x115F},   Range{0x2E80, 0xA4CF},   Range{0xAC00, 0xD7A3},
                             Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
                             Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1FAFF}, Range{0x20000, 0x3FFFD}};

template <size_t n>
bool is_in(const std::array<Range, n>& ranges, uint32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& range) { return code >= range.first && code <= range.last; });
}

size_t length_by_first_byte(uint8_t byte) {
  if (byte < 0x80) return 1;
  if (byte >= 0xC2 && byte <= 0xDF) return 2;
  if (byte >= 0xE0 && byte <= 0xEF) return 3;
  return byte >= 0xF0 && byte <= 0xF4 ? 4 : 0;
}

}  // namespace

Character first_character(std::string_view text) {
  constexpr Character invalid{1, 1, false};
  const auto first = static_cast<uint8_t>(text[0]);
  const size_t length = length_by_first_byte(first);
  if (length == 1) return {};
  if (length == 0 || length > text.size()) return invalid;
  uint32_t code = first & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return invalid;
    code = code << 6 | (byte & 0x3FU);
  }
  constexpr std::array<uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return invalid;
  // C1 controls move a terminal's cursor just as C0 controls do.
  if (code < 0xA0) return {length, 1, false};
  const size_t columns = is_in(combining, code) ? 0 : is_in(wide, code) ? 2 : 1;
  return {length, columns, true};
}

size_t count_characters(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_character(text).bytes);
  return count;
}

}  // namespace shstore::config::lint
