#include "config/dropped.h"

#include <fmt/format.h>

#include <string>

namespace shstore::config {
namespace {

/// What is not as somebody meant it when this directive is lost.
std::string_view consequence(std::string_view directive) {
  if (same_name(directive, "Lock Command") || same_name(directive, "Control Device")) {
    return ": nothing locks the drive";
  }
  if (same_name(directive, "File")) return ": what it names is not backed up";
  if (same_name(directive, "Exclude")) return ": what it names is not left out";
  return {};
}

}  // namespace

void add_dropped(const Location& at, std::string_view behind, std::string_view directive, std::string_view what,
                 Diagnostics& diagnostics) {
  std::string message = fmt::format("Bacula drops the rest of the line behind {}", behind);
  if (!directive.empty()) {
    message += fmt::format(", so that \"{}\" is not set{}", directive, consequence(directive));
  } else if (!what.empty()) {
    message += fmt::format(": \"{}\"", what);
  }
  diagnostics.add(Severity::warning, at, std::move(message), Diagnostic::Kind::dropped);
}

void report_dropped(const Directive& directive, size_t taken, bool is_secret, Diagnostics& diagnostics) {
  const auto& values = directive.values;
  if (taken == 0 || taken > values.size()) return;
  const char mark = values[taken - 1].separator;
  const bool goes_on = taken < values.size() || mark == '=' || mark == ',' || mark == '?';
  if (!goes_on) return;
  const std::string behind = fmt::format("the value of \"{}\"", directive.name);
  const Token& first = values[taken < values.size() ? taken : taken - 1];
  std::string_view lost;
  for (size_t i = taken; i < values.size() && lost.empty(); ++i) {
    if (values[i].separator == '=') lost = values[i].text;
  }
  const std::string_view what = is_secret || taken == values.size() ? std::string_view() : first.text;
  add_dropped(first.at, behind, is_secret ? std::string_view() : lost, what, diagnostics);
}

}  // namespace shstore::config
