#include "scsi/base/printable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scsi/base/utf8.h"

namespace shstore::base {
namespace {

struct Range {
  char32_t first, last;
};

// Unicode's control (Cc), format (Cf) and separator (Zl, Zp) characters, and what is no character.
constexpr std::array kNeverShown = {
    Range{0x0000, 0x001F},    // C0
    Range{0x007F, 0x009F},    // DEL, C1
    Range{0x00AD, 0x00AD},    // soft hyphen
    Range{0x061C, 0x061C},    // Arabic letter mark
    Range{0x180E, 0x180E},    // Mongolian vowel separator
    Range{0x200B, 0x200F},    // zero width, left-to-right and right-to-left marks
    Range{0x2028, 0x202E},    // line and paragraph separators, embeddings and overrides
    Range{0x2060, 0x206F},    // word joiner, isolates
    Range{0xFDD0, 0xFDEF},    // noncharacters
    Range{0xFEFF, 0xFEFF},    // zero width no-break space
    Range{0xFFF9, 0xFFFB},    // interlinear annotation
    Range{0x1D173, 0x1D17A},  // musical format characters
    Range{0xE0000, 0xE007F},  // tags
};

// As JSON has it: two halves above U+FFFF.
std::string escape(char32_t code) {
  if (code < 0x10000) return fmt::format("\\u{:04x}", static_cast<uint32_t>(code));
  const auto rest = static_cast<uint32_t>(code) - 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
}

// "##[error]" is a command to the log of a workflow wherever it stands in a line (github.com/actions/runner, ActionCommand.TryParse).
bool begins_command(std::string_view before, char32_t code) { return code == U'[' && before.ends_with("##"); }

// `kept`: of the control characters, those that stay.
std::string clean(std::string_view text, std::string_view instead, std::u32string_view kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto c = first_character(text);
    const bool shown =
        c.valid && (may_be_shown(c.code) || kept.find(c.code) != kept.npos) && !begins_command(out, c.code);
    out += shown ? text.substr(0, c.bytes) : instead;
    text.remove_prefix(c.bytes);
  }
  return out;
}

}  // namespace

bool may_be_shown(char32_t code) {
  if ((code & 0xFFFE) == 0xFFFE) return false;  // the last two of every plane are no characters
  return std::none_of(kNeverShown.begin(), kNeverShown.end(),
                      [&](const Range& r) { return code >= r.first && code <= r.last; });
}

// The runner splits a log's lines at CR, too, and passes over blanks before the two colons (ActionCommand.TryParseV2).
bool commands_a_workflow(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of("\r\n", at), text.size());
    const auto line = text.substr(at, end - at);
    const auto first = line.find_first_not_of(" \t\v\f");
    if (line.find("##[") != line.npos || (first != line.npos && line.substr(first).starts_with("::"))) return true;
    at = end + 1;
  }
  return false;
}

std::string printable(std::string_view text, std::string_view instead) { return clean(text, instead, U""); }

std::string printable_lines(std::string_view text, std::string_view instead) { return clean(text, instead, U"\n"); }

std::string printable_text(std::string_view text, std::string_view instead) {
  const auto cleaned = clean(text, instead, U"\n\t");
  std::string out;
  for (std::string_view rest = cleaned; !rest.empty();) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end == rest.npos ? end : end + 1);
    const auto first = line.find_first_not_of(" \t");
    const bool command = first != line.npos && line.substr(first).starts_with("::");
    out += command ? fmt::format("{}{}{}", line.substr(0, first), instead, line.substr(first + 1)) : std::string(line);
    rest.remove_prefix(line.size());
  }
  return out;
}

// Outside of strings JSON has nothing that may not be shown but line ends.
std::string printable_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const auto c = first_character(json);
    if (!c.valid) {
      out += kReplacementCharacter;
    } else if ((may_be_shown(c.code) || c.code == U'\n') && !begins_command(out, c.code)) {
      out += json.substr(0, c.bytes);
    } else {
      out += escape(c.code);
    }
    json.remove_prefix(c.bytes);
  }
  return out;
}

}  // namespace shstore::base
