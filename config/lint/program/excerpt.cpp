#include "config/lint/program/excerpt.h"

#include <algorithm>
#include <vector>

#include "config/lint/program/utf8.h"

namespace shstore::config::lint {
namespace {

constexpr size_t kLongestLine = 16384;
constexpr std::string_view kGap = "...";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr size_t kColumnsOfATab = 8;  // for the line's width only

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// One character as it is shown.
struct Cell {
  std::string_view shown;
  size_t offset = 0;  ///< its first byte in the line
  size_t columns = 1;
};

std::vector<Cell> cells_of(std::string_view line) {
  std::vector<Cell> cells;
  for (size_t at = 0; at < line.size();) {
    const Character character = first_character(line.substr(at));
    const auto byte = static_cast<unsigned char>(line[at]);
    Cell cell{line.substr(at, character.bytes), at, character.columns};
    if (!character.valid || byte == 0x7F || (byte < 0x20 && byte != '\t')) cell.shown = kReplacement;
    if (byte == '[' && line.substr(0, at).ends_with("##")) cell.shown = kReplacement;  // as base::printable() has it
    if (byte == '\t') cell.columns = kColumnsOfATab;
    cells.push_back(cell);
    at += character.bytes;
  }
  return cells;
}

size_t columns_of(const std::vector<Cell>& cells, size_t first, size_t last) {
  size_t columns = 0;
  for (size_t i = first; i < last; ++i) columns += cells[i].columns;
  return columns;
}

/// Which cells are shown: all, or as many as fit around the caret, a third of them before it.
struct Window {
  size_t first = 0, last = 0;
};

Window window_around(const std::vector<Cell>& cells, size_t caret, size_t width) {
  if (columns_of(cells, 0, cells.size()) <= width) return {0, cells.size()};
  const size_t room = width - 2 * kGap.size();
  Window window{caret, caret};
  const auto used = [&] { return columns_of(cells, window.first, window.last); };
  while (window.first > 0 && used() + cells[window.first - 1].columns <= room / 3) --window.first;
  while (window.last < cells.size() && used() + cells[window.last].columns <= room) ++window.last;
  while (window.first > 0 && used() + cells[window.first - 1].columns <= room) --window.first;
  return window;
}

/// The number of the first cell at or behind this byte.
size_t cell_at(const std::vector<Cell>& cells, size_t offset) {
  const auto found = std::lower_bound(cells.begin(), cells.end(), offset,
                                      [](const Cell& cell, size_t wanted) { return cell.offset < wanted; });
  return static_cast<size_t>(found - cells.begin());
}

/// A directive's name has blanks in it: `Media Type` of `Media Type = T`. 0 if what begins here is none.
size_t name_length(std::string_view text) {
  size_t last = 0, at = 0;
  for (; at < text.size() && (is_letter(text[at]) || is_blank(text[at])); ++at) {
    if (is_letter(text[at])) last = at + 1;
  }
  return at < text.size() && text[at] == '=' ? last : 0;
}

}  // namespace

uint32_t word_length(std::string_view line, uint32_t column) {
  if (column == 0 || column > line.size()) return 1;
  const std::string_view rest = line.substr(column - 1);
  size_t end = 0;
  const size_t quote = rest.starts_with("@|\"") ? 2 : rest.starts_with("@\"") ? 1 : 0;  // of an include
  if (rest[quote] == '"') {
    end = quote + 1;
    while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
    end = std::min(end + 1, rest.size());
  } else {
    end = std::max(std::min(rest.find_first_of(" \t;,={}#\""), rest.size()), name_length(rest));
  }
  return static_cast<uint32_t>(std::max<size_t>(end, 1));
}

Excerpt excerpt(std::string_view line, uint32_t column, uint32_t length, size_t width) {
  if (line.size() > kLongestLine || column == 0) return {};
  if (length == 0) length = word_length(line, column);
  const std::string safe = without_passwords(line);
  const std::vector<Cell> cells = cells_of(safe);
  const size_t caret = cell_at(cells, column - 1);
  const size_t caret_end = std::max(cell_at(cells, column - 1 + size_t{length}), caret + 1);
  const Window window = window_around(cells, caret, width);

  Excerpt result;
  if (window.first > 0) result.carets = std::string(kGap.size(), ' ');
  if (window.first > 0) result.line = kGap;
  for (size_t i = window.first; i < window.last; ++i) {
    result.line += cells[i].shown;
    if (i < caret) result.carets += cells[i].shown == "\t" ? "\t" : std::string(cells[i].columns, ' ');
    if (i >= caret && i < caret_end) result.carets += std::string(cells[i].columns, '^');
  }
  if (window.last < cells.size()) result.line += kGap;
  if (caret == cells.size()) result.carets += '^';
  return result;
}

std::string without_passwords(std::string_view line) {
  constexpr std::string_view kWord = "password";
  std::string result(line);
  for (size_t i = 0; i < line.size(); ++i) {
    size_t at = i, matched = 0;
    // Blanks inside a directive's name do not count.
    while (at < line.size() && matched < kWord.size() && (lower(line[at]) == kWord[matched] || is_blank(line[at]))) {
      if (!is_blank(line[at++])) ++matched;
      if (matched == 0) break;
    }
    if (matched < kWord.size()) continue;
    const size_t name_end = at;
    while (at < line.size() && (is_blank(line[at]) || line[at] == '=')) ++at;
    if (at < line.size() && at == name_end && line[at] != '"') continue;
    size_t end = line.find_first_of(";}#", at);
    if (at < line.size() && line[at] == '"') {
      end = at + 1;
      while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
      ++at;
    }
    end = std::min(end, line.size());
    std::fill(result.begin() + static_cast<std::ptrdiff_t>(at), result.begin() + static_cast<std::ptrdiff_t>(end), '*');
    i = end;
  }
  return result;
}

}  // namespace shstore::config::lint
