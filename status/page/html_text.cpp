#include "status/page/html_text.h"

#include <fmt/chrono.h>

#include "scsi/base/printable.h"
#include "scsi/base/utf8.h"
#include "reserve/record/times.h"

namespace shstore::status {

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto c = base::first_character(text);
    const bool shown = c.valid && (base::may_be_shown(c.code) || c.code == U'\t' || c.code == U'\n');
    switch (c.code) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '[': out += out.ends_with("##") ? "&#91;" : "["; break;  // no command to a workflow's log
      default: out += shown ? text.substr(0, c.bytes) : base::kReplacementCharacter;
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::string clock_text(record::WallTime t) {
  return fmt::format("{:%H:%M}", fmt::gmtime(std::chrono::system_clock::to_time_t(t)));
}

std::string moment_text(record::WallTime t, record::WallTime now) {
  using std::chrono::days;
  if (std::chrono::floor<days>(t) == std::chrono::floor<days>(now)) return clock_text(t);
  return fmt::format("{:%e %b %H:%M}", fmt::gmtime(std::chrono::system_clock::to_time_t(t)));
}

std::string moment_markup(record::WallTime t, record::WallTime now) {
  return fmt::format("<time datetime=\"{}\">{}</time>", record::time_text(t), moment_text(t, now));
}

}  // namespace shstore::status
