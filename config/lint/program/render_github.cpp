// ::error file=FILE,line=LINE,col=COLUMN,title=CODE::MESSAGE
// (github.com/actions/toolkit, packages/core/src/command.ts: what must be escaped, and how)
#include <fmt/format.h>

#include "config/lint/program/report.h"
#include "scsi/base/printable.h"

namespace shstore::config::lint {
namespace {

std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for (const char c : base::printable_lines(text, base::kReplacementCharacter)) {
    if (special.find(c) == std::string_view::npos) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

std::string property(std::string_view text) { return escaped(text, "%\r\n:,"); }

std::string message(const Finding& finding) {
  std::string text = finding.message;
  for (const Note& note : finding.notes) {
    text += fmt::format("\nnote: {}:{}: {}", note.at.file, note.at.line, note.text);
  }
  if (!finding.help.empty()) text += "\nhelp: " + finding.help;
  return escaped(text, "%\r\n");
}

std::string_view command(Level level) { return level == Level::info ? "notice" : to_text(level); }

}  // namespace

std::string render_github(const Report& report, const Look&) {
  std::string result;
  for (const Finding& finding : report.findings) {
    result += fmt::format("::{} file={}", command(finding.level), property(finding.at.file));
    if (finding.at.line != 0) result += fmt::format(",line={},col={}", finding.at.line, finding.at.column);
    result += fmt::format(",title={}::{}\n", property(finding.code), message(finding));
  }
  return result;
}

}  // namespace shstore::config::lint
