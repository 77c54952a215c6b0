// A place in a configuration.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace shstore::config {

/// A place in one of the files that were read. Lines and columns count from 1; columns count bytes. In 8 bytes, because a
/// large configuration has millions of them.
struct Location {
  static constexpr uint32_t kMostFiles = 1 << 14;          ///< more than a configuration may include
  static constexpr uint32_t kLastColumn = (1U << 18) - 1;  ///< stands for all from there on: nothing is changed there

  uint32_t line = 0;
  uint32_t file : 14 = 0;  ///< index into Sources::files
  uint32_t column : 18 = 0;

  constexpr Location() = default;
  constexpr Location(uint32_t in_file, uint32_t at_line, uint32_t at_column)
      : line(at_line), file(in_file & (kMostFiles - 1)), column(std::min(at_column, kLastColumn) & kLastColumn) {}

  constexpr bool has_column() const { return column != 0 && column != kLastColumn; }

  friend constexpr bool operator==(const Location& a, const Location& b) = default;
  /// In the order of the files and of their text.
  friend constexpr std::strong_ordering operator<=>(const Location& a, const Location& b) {
    if (a.file != b.file) return +a.file <=> +b.file;
    if (a.line != b.line) return a.line <=> b.line;
    return +a.column <=> +b.column;
  }
};
static_assert(sizeof(Location) == 8);

}  // namespace shstore::config
