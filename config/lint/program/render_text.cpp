#include <fmt/format.h>

#include "config/lint/program/excerpt.h"
#include "config/lint/program/report.h"
#include "scsi/base/printable.h"

namespace shstore::config::lint {
namespace {

constexpr std::string_view kBold = "\x1b[1m", kRed = "\x1b[1;31m", kYellow = "\x1b[1;33m", kCyan = "\x1b[1;36m",
                           kBlue = "\x1b[1;34m", kPlain = "\x1b[0m";

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::error: return kRed;
    case Level::warning: return kYellow;
    case Level::info: break;
  }
  return kCyan;
}

// Of the configuration's words: whoever writes one must not write to the terminal, or a line of the log.
std::string shown(std::string_view text) { return base::printable(text, base::kReplacementCharacter); }

std::string to_text(const Place& place) {
  if (place.line == 0) return shown(place.file);
  return fmt::format("{}:{}:{}", shown(place.file), place.line, std::max(place.column, 1U));
}

class TextRenderer {
 public:
  TextRenderer(const Report& report, const Look& look) : report_(report), look_(look) {}

  std::string run() {
    for (const Finding& finding : report_.findings) add(finding);
    text_ += summary(report_) + "\n";
    return std::move(text_);
  }

 private:
  void add(const Finding& finding) {
    const std::string kind = fmt::format("{}[{}]", lint::to_text(finding.level), finding.code);
    text_ += fmt::format("{}: {}: {}\n", painted(kBold, to_text(finding.at)), painted(colour_of(finding.level), kind),
                         painted(kBold, shown(finding.message)));
    add_excerpt(finding.at, colour_of(finding.level));
    for (const Note& note : finding.notes) {
      text_ += fmt::format("{}: {}: {}\n", to_text(note.at), painted(kCyan, "note"), shown(note.text));
      add_excerpt(note.at, kBlue);
    }
    if (!finding.help.empty()) text_ += fmt::format("{}: {}\n", painted(kCyan, "help"), shown(finding.help));
    text_ += '\n';
  }

  void add_excerpt(const Place& place, std::string_view colour) {
    if (place.line == 0) return;
    const Excerpt shown = excerpt(report_.texts.line(place.file, place.line), place.column, place.length);
    if (shown.line.empty()) return;
    const std::string number = fmt::format("{:>5}", place.line);
    text_ += fmt::format("{} {}\n", painted(kBlue, number + " |"), shown.line);
    text_ +=
        fmt::format("{} {}\n", painted(kBlue, std::string(number.size(), ' ') + " |"), painted(colour, shown.carets));
  }

  std::string painted(std::string_view colour, std::string_view text) const {
    return look_.colour ? fmt::format("{}{}{}", colour, text, kPlain) : std::string(text);
  }

  const Report& report_;
  const Look& look_;
  std::string text_;
};

}  // namespace

std::string render_text(const Report& report, const Look& look) { return TextRenderer(report, look).run(); }

}  // namespace shstore::config::lint
