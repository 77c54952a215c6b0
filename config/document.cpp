#include "config/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace shstore::config {
namespace {

constexpr size_t most_diagnostics = 1000;

bool is_gap(char c) {
  return c == ' ' || c == '\t';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool same_name(std::string_view written, std::string_view canonical) {
  size_t i = 0, j = 0;
  for (;;) {
    while (i < written.size() && is_gap(written[i])) ++i;
    while (j < canonical.size() && is_gap(canonical[j])) ++j;
    if (i == written.size() || j == canonical.size()) return i == written.size() && j == canonical.size();
    if (lower(written[i++]) != lower(canonical[j++])) return false;
  }
}

void finish_diagnostics(std::vector<Diagnostic>& diagnostics) {
  const auto place = [](const Diagnostic& d) { return std::tuple(d.at.file, d.at.line, d.at.column); };
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  if (diagnostics.size() <= most_diagnostics) return;
  // Errors must not get lost among warnings: has_errors() decides by them.
  std::stable_partition(diagnostics.begin(), diagnostics.end(),
                        [](const Diagnostic& d) { return d.severity == Severity::error; });
  const size_t left_out = diagnostics.size() - most_diagnostics;
  diagnostics.resize(most_diagnostics);
  diagnostics.push_back({Severity::warning, diagnostics.back().at,
                         fmt::format("{} more messages are left out", left_out), Diagnostic::Kind::left_out});
}

std::string to_text(const Diagnostic& diagnostic, const std::vector<std::string>& files) {
  const Location& at = diagnostic.at;
  const std::string_view severity = diagnostic.severity == Severity::error ? "error" : "warning";
  const std::string_view file = at.file < files.size() ? std::string_view(files[at.file]) : "?";
  if (at.line == 0) return fmt::format("{}: {}: {}", file, severity, diagnostic.message);
  return fmt::format("{}:{}:{}: {}: {}", file, at.line, at.column, severity, diagnostic.message);
}

}  // namespace shstore::config
