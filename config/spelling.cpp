#include "config/spelling.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "config/letters.h"

namespace shstore::config {
namespace {

constexpr size_t kMaxEdits = 3;
constexpr size_t kLongestWord = 64;  // longer than any name there is; keeps the cost of nonsense small

std::string squeeze(std::string_view word) {
  std::string result;
  for (const char c : word) {
    if (c == ' ' || c == '\t') continue;
    result += lower(c);
  }
  return result;
}

/// Levenshtein's distance, one row at a time.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> split(std::string_view words) {
  std::vector<std::string_view> result;
  while (!words.empty()) {
    const size_t end = std::min(words.find(' '), words.size());
    result.push_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return result;
}

std::string_view nearest(std::string_view written, std::span<const std::string_view> candidates) {
  const std::string word = squeeze(written);
  if (word.size() > kLongestWord) return {};
  size_t allowed = std::min(kMaxEdits, std::max<size_t>(1, word.size() / 3));
  std::string_view best;
  for (const std::string_view candidate : candidates) {
    const size_t distance = edit_distance(word, squeeze(candidate));
    if (distance > allowed || (!best.empty() && distance == allowed)) continue;
    allowed = distance;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view written, std::span<const std::string_view> candidates) {
  const std::string_view best = nearest(written, candidates);
  return best.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", best);
}

}  // namespace shstore::config
