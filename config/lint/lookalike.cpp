#include "config/lint/lookalike.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace shstore::config::lint {
namespace {

bool is_separator(char c) { return std::string_view("-_.: ").find(c) != std::string_view::npos; }

char fold(char c) {
  if (c == '0') return 'o';
  if (c == '1' || c == 'i' || c == 'I' || c == '|') return 'l';
  if (is_separator(c)) return '-';
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

std::string described(char c) {
  if (c == ' ') return "a blank";
  const auto byte = static_cast<unsigned char>(c);
  return fmt::format("{} \"{}\"", std::isdigit(byte) ? "the digit" : std::isalpha(byte) ? "the letter" : "the sign", c);
}

}  // namespace

std::string folded(std::string_view name) {
  std::string result(name);
  std::transform(result.begin(), result.end(), result.begin(), fold);
  return result;
}

uint64_t folded_hash(std::string_view name) {
  static const auto table = [] {
    std::array<unsigned char, 256> folds{};
    for (size_t i = 0; i < folds.size(); ++i) folds[i] = static_cast<unsigned char>(fold(static_cast<char>(i)));
    return folds;
  }();
  uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const char c : name) hash = (hash ^ table[static_cast<unsigned char>(c)]) * 1099511628211U;
  return hash ^ (hash >> 29U);
}

std::string folded_tightly(std::string_view name) {
  std::string result = folded(name);
  result.erase(std::remove(result.begin(), result.end(), '-'), result.end());
  return result;
}

std::string difference(std::string_view a, std::string_view b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_a == a.end() && in_b == b.end()) return {};
  if (in_a == a.end() || (in_b != b.end() && is_separator(*in_b) && a.size() < b.size())) {
    return fmt::format("one has {} more", described(*in_b));
  }
  if (in_b == b.end() || (is_separator(*in_a) && b.size() < a.size())) {
    return fmt::format("one has {} more", described(*in_a));
  }
  return fmt::format("{} in one, {} in the other", described(*in_a), described(*in_b));
}

}  // namespace shstore::config::lint
