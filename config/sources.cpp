#include "config/sources.h"

#include <algorithm>

namespace shstore::config {
namespace {

constexpr size_t kPageSize = size_t{64} << 10;
constexpr uint32_t kLinesPerMark = 64;

/// Of the line that follows the one at `from`; npos behind the last line end.
size_t next_line(std::string_view text, size_t from) {
  const size_t end = text.find('\n', from);
  return end == std::string_view::npos ? end : end + 1;
}

std::string_view line_at(std::string_view text, size_t from) {
  if (from >= text.size()) return {};
  return text.substr(from, text.find('\n', from) - from);
}

}  // namespace

std::string_view Sources::keep(std::string_view text) {
  if (pages_.empty() || pages_.back().capacity() - pages_.back().size() < text.size()) {
    pages_.emplace_back().reserve(std::max(kPageSize, text.size()));
  }
  std::string& page = pages_.back();
  const size_t at = page.size();
  page.append(text);  // never beyond its capacity, so that earlier views stay valid
  return std::string_view(page).substr(at);
}

std::string_view line_of(std::string_view text, uint32_t line) {
  if (line == 0) return {};
  size_t from = 0;
  for (uint32_t i = 1; i < line; ++i) {
    from = next_line(text, from);
    if (from == std::string_view::npos) return {};
  }
  return line_at(text, from);
}

Lines::Lines(std::string_view text) : text_(text) {
  for (size_t from = 0; from < text.size(); from = next_line(text, from)) {
    if (count_++ % kLinesPerMark == 0) marks_.push_back(from);
  }
}

size_t Lines::start(uint32_t number) const {
  if (number == 0 || number > count_) return text_.size();
  size_t from = marks_[(number - 1) / kLinesPerMark];
  for (uint32_t i = (number - 1) % kLinesPerMark; i > 0; --i) from = next_line(text_, from);
  return from;
}

std::string_view Lines::line(uint32_t number) const { return line_at(text_, start(number)); }

size_t Lines::offset(uint32_t number, uint32_t column) const {
  const size_t from = start(number);
  return column == 0 ? text_.size() : std::min(text_.size(), from + column - 1);
}

}  // namespace shstore::config
