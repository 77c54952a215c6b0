// The texts a configuration was read from. What is loaded from them shares them: reports show their lines, fixes find
// their bytes, and names and words of the document are views into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/location.h"

namespace shstore::config {

/// A file as Bacula reads it: without byte order mark, with '\n' as the only line end and one at the end. Lines,
/// columns and bytes of a Location are those of this text.
struct SourceText {
  std::string path;  ///< as it was opened
  std::string text;
};

/// Every file once, in the order of their first use; Location::file is the index. Addresses are stable.
struct Sources {
  std::deque<SourceText> files;

  /// Keeps a text for as long as the sources live.
  std::string_view keep(std::string_view text);

  /// Remembers the directive of a value that stands far from it, most often because an include brought it. Of a value that
  /// several directives have, the first one.
  void note_directive(const Location& value, const Location& directive) { directives_.emplace(value, directive); }
  /// The directive that was noted, else the value itself.
  Location directive_of(const Location& value) const {
    const auto found = directives_.find(value);
    return found == directives_.end() ? value : found->second;
  }

 private:
  std::map<Location, Location> directives_;
  std::deque<std::string> pages_;
};

/// The line without its line end; lines count from 1. Empty if there is no such line. Linear in the length of the
/// text: whoever needs many lines of one text uses Lines.
std::string_view line_of(std::string_view text, uint32_t line);

/// Finds any line of a text, which must outlive it, without reading the text from its beginning again.
class Lines {
 public:
  explicit Lines(std::string_view text);
  /// As line_of().
  std::string_view line(uint32_t number) const;
  /// The byte that a line (from 1) and a column (from 1) stand for; the length of the text if there is no such place.
  size_t offset(uint32_t number, uint32_t column) const;
  uint32_t count() const { return count_; }

 private:
  size_t start(uint32_t number) const;

  std::string_view text_;
  std::vector<size_t> marks_;  ///< where each 64th line begins, the first one included
  uint32_t count_ = 0;
};

}  // namespace shstore::config
