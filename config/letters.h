// Letters and blanks, as Bacula and our own files compare and drop them. ASCII only, whatever the locale.
#pragma once

#include <string_view>

namespace shstore::config {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Without any of `blanks` at its beginning and its end; a view of `text`, or an empty one of nowhere.
constexpr std::string_view trimmed(std::string_view text, std::string_view blanks) {
  const size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace shstore::config
