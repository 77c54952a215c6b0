// A file's bytes and the places of the text that Bacula makes of them (config/source.h): a byte order mark
// does not count, CR LF and CR are one line end like LF, and the last line always has one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shstore::config::lint {

/// Finds the bytes behind lines and columns. Keeps a view: the bytes must outlive it.
class FileText {
 public:
  explicit FileText(std::string_view bytes);

  /// A stretch of the bytes. `past_end`: it begins behind the line end that a last line without one is given.
  struct Range {
    size_t first = 0, last = 0;
    bool past_end = false;
    friend bool operator==(const Range&, const Range&) = default;
  };

  /// The bytes of `length` characters from a place on; nothing if the place is not in the text. The column
  /// behind a line's last character is that of its line end; the line behind the last one has only column 1.
  std::optional<Range> find(uint32_t line, uint32_t column, uint32_t length) const;

  /// How the line that holds this byte ends: "\n", "\r\n" or "\r"; the last line as the one before it.
  std::string_view line_end_at(size_t offset) const;

 private:
  struct Line {
    size_t first = 0;  ///< its first byte
    size_t end = 0;    ///< where its line end begins
    size_t next = 0;   ///< behind its line end; equal to `end` if there is none
  };

  std::string_view bytes_;
  std::vector<Line> lines_;
};

}  // namespace shstore::config::lint
