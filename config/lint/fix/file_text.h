// A file's bytes and the places of the text that Bacula makes of them (config/sources.h): a byte order mark
// does not count, CR LF and CR are one line end like LF, and the last line always has one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shstore::config::lint {

/// Finds the bytes behind lines and columns.
class FileText {
 public:
  explicit FileText(std::string bytes);

  /// The bytes, with a line end at the end in any case: one like that of the line before.
  const std::string& bytes() const { return bytes_; }
  /// Bytes made of bytes() by edits, without the last line end if the file has none.
  std::string as_in_file(std::string edited) const;

  struct Range {
    size_t first = 0, last = 0;
  };

  /// The bytes of `length` characters from a place on; nothing if the place is not in the text. The column behind a
  /// line's last character is that of its line end; the line behind the last one has only column 1.
  std::optional<Range> find(uint32_t line, uint32_t column, uint32_t length) const;

  /// How the line that holds this byte ends: "\n", "\r\n" or "\r"; behind the last line, as that.
  std::string_view line_end_at(size_t offset) const;

 private:
  struct Line {
    size_t first = 0;  ///< its first byte
    size_t end = 0;    ///< where its line end begins
    size_t next = 0;   ///< behind its line end
  };

  std::string bytes_;
  bool finished_ = true;  ///< the file's last line has a line end
  std::vector<Line> lines_;
};

}  // namespace shstore::config::lint
