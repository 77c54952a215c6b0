// A text without what stands around it.
#pragma once

#include <string_view>

namespace shstore::base {

/// Without the blanks at both ends; a part of `text`.
constexpr std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r") {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace shstore::base
