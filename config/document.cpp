#include "config/document.h"

#include <fmt/format.h>

#include "config/letters.h"

namespace shstore::config {
namespace {

bool is_gap(char c) { return c == ' ' || c == '\t'; }

}  // namespace

bool same_name(std::string_view written, std::string_view canonical) {
  if (written == canonical) return true;
  size_t i = 0, j = 0;
  for (;;) {
    while (i < written.size() && is_gap(written[i])) ++i;
    while (j < canonical.size() && is_gap(canonical[j])) ++j;
    if (i == written.size() || j == canonical.size()) return i == written.size() && j == canonical.size();
    if (lower(written[i++]) != lower(canonical[j++])) return false;
  }
}

std::string to_text(const Diagnostic& diagnostic, const std::vector<std::string>& files) {
  const Location& at = diagnostic.at;
  const std::string_view severity = diagnostic.severity == Severity::error ? "error" : "warning";
  const std::string_view file = at.file < files.size() ? std::string_view(files[at.file]) : "?";
  if (at.line == 0) return fmt::format("{}: {}: {}", file, severity, diagnostic.message);
  return fmt::format("{}:{}:{}: {}: {}", file, at.line, at.column, severity, diagnostic.message);
}

}  // namespace shstore::config
