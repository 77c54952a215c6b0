#include "status/page/html_text.h"

#include <fmt/chrono.h>

namespace shstore::status {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// The character at the beginning of the text and how many bytes it takes; kReplacement and one byte if there is none
/// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
struct Character {
  char32_t code = kReplacement;
  size_t bytes = 1;
};

Character first_character(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) return {};
  return {code, length};
}

bool unfit(char32_t c) {
  const bool control = (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c <= 0x9F);
  const bool turns_text = c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || turns_text || c == 0xFFFE || c == 0xFFFF || c == kReplacement;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [code, bytes] = first_character(text);
    switch (code) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += unfit(code) ? std::string_view("\xEF\xBF\xBD") : text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

std::string clock_text(record::WallTime t) { return fmt::format("{:%H:%M}", fmt::gmtime(std::chrono::system_clock::to_time_t(t))); }

std::string moment_text(record::WallTime t, record::WallTime now) {
  using std::chrono::days;
  if (std::chrono::floor<days>(t) == std::chrono::floor<days>(now)) return clock_text(t);
  return fmt::format("{:%e %b %H:%M}", fmt::gmtime(std::chrono::system_clock::to_time_t(t)));
}

}  // namespace shstore::status
