#include "config/lint/fix/file_text.h"

#include <algorithm>

namespace shstore::config::lint {

FileText::FileText(std::string bytes) : bytes_(std::move(bytes)) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  size_t at = bytes_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at < bytes_.size()) {
    size_t end = bytes_.find_first_of("\r\n", at);
    if (end == std::string::npos) {
      end = bytes_.size();
      bytes_ += lines_.empty() ? "\n" : std::string(line_end_at(lines_.back().first));
      finished_ = false;
    }
    const size_t next = end + (bytes_.compare(end, 2, "\r\n") == 0 ? 2 : 1);
    lines_.push_back({at, end, next});
    at = next;
  }
}

std::string FileText::as_in_file(std::string edited) const {
  if (finished_) return edited;
  if (edited.ends_with('\n')) edited.pop_back();
  if (edited.ends_with('\r')) edited.pop_back();
  return edited;
}

std::optional<FileText::Range> FileText::find(uint32_t line, uint32_t column, uint32_t length) const {
  if (line == 0 || column == 0 || line > lines_.size() + 1) return std::nullopt;
  size_t number = line - 1;
  if (number == lines_.size()) {
    if (column != 1 || length != 0) return std::nullopt;
    return Range{bytes_.size(), bytes_.size()};
  }
  const size_t first = lines_[number].first + (column - 1);
  if (first > lines_[number].end) return std::nullopt;
  size_t last = first, left = length;
  while (number < lines_.size() && left > lines_[number].end - last) {
    left -= lines_[number].end - last + 1;
    last = lines_[number++].next;
  }
  if (number == lines_.size() && left > 0) return std::nullopt;
  return Range{first, last + left};
}

std::string_view FileText::line_end_at(size_t offset) const {
  if (lines_.empty()) return "\n";
  const auto behind = std::upper_bound(lines_.begin(), lines_.end(), offset,
                                       [](size_t value, const Line& line) { return value < line.first; });
  const Line& line = behind == lines_.begin() ? lines_.front() : *std::prev(behind);
  return std::string_view(bytes_).substr(line.end, line.next - line.end);
}

}  // namespace shstore::config::lint
