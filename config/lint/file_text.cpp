#include "config/lint/file_text.h"

#include <algorithm>

namespace shstore::config::lint {

FileText::FileText(std::string_view bytes) : bytes_(bytes) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  size_t at = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  while (at < bytes.size()) {
    const size_t end = std::min(bytes.find_first_of("\r\n", at), bytes.size());
    const bool two = bytes.substr(end, 2) == "\r\n";
    const size_t next = std::min(end + (two ? 2 : 1), bytes.size());
    lines_.push_back({at, end, next});
    at = next;
  }
}

std::optional<FileText::Range> FileText::find(uint32_t line, uint32_t column, uint32_t length) const {
  if (line == 0 || column == 0 || line > lines_.size() + 1) return std::nullopt;
  size_t number = line - 1;
  if (number == lines_.size()) {
    if (column != 1 || length != 0) return std::nullopt;
    const bool unfinished = !lines_.empty() && lines_.back().end == lines_.back().next;
    return Range{bytes_.size(), bytes_.size(), unfinished};
  }
  const size_t first = lines_[number].first + (column - 1);
  if (first > lines_[number].end) return std::nullopt;
  size_t last = first;
  size_t left = length;
  while (left > lines_[number].end - last) {
    left -= lines_[number].end - last + 1;
    last = lines_[number].next;
    if (++number == lines_.size()) break;
  }
  if (number == lines_.size() && left > 0) return std::nullopt;
  return Range{first, last + left, false};
}

std::string_view FileText::line_end_at(size_t offset) const {
  const auto behind = std::upper_bound(lines_.begin(), lines_.end(), offset,
                                       [](size_t value, const Line& line) { return value < line.first; });
  for (auto line = behind; line != lines_.begin();) {
    --line;
    if (line->next > line->end) return bytes_.substr(line->end, line->next - line->end);
  }
  return "\n";
}

}  // namespace shstore::config::lint
