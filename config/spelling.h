// Comparing words, and "did you mean": finding the word that was probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shstore::config {

bool equal_ignoring_case(std::string_view a, std::string_view b);

/// The words of a text, which single blanks separate.
std::vector<std::string_view> split(std::string_view words);

/// The candidate nearest to `written`, without regard to case and blanks, or empty if none is near: at most
/// three edits, and no more than one for each three letters, so that short words are not "corrected" into
/// other words.
std::string_view nearest(std::string_view written, std::span<const std::string_view> candidates);

/// `; did you mean "Device"?`, or empty.
std::string did_you_mean(std::string_view written, std::span<const std::string_view> candidates);

}  // namespace shstore::config
