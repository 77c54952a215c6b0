#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "config/lint/program/report.h"

namespace shstore::config::lint {
namespace {

constexpr std::array kTable = {
    Renderer{"text", "for people and editors", render_text},
    Renderer{"json", "one object, schema shstore-lint/1", render_json},
    Renderer{"sarif", "SARIF 2.1.0, for code scanning", render_sarif},
    Renderer{"github", "annotations of GitHub Actions", render_github},
};

std::string some(size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

}  // namespace

std::span<const Renderer> all_renderers() { return kTable; }

const Renderer* find_renderer(std::string_view name) {
  const auto found =
      std::find_if(kTable.begin(), kTable.end(), [&](const Renderer& renderer) { return renderer.name == name; });
  return found == kTable.end() ? nullptr : &*found;
}

Count count(const std::vector<Finding>& findings) {
  Count result;
  for (const Finding& finding : findings) {
    switch (finding.level) {
      case Level::error: ++result.errors; break;
      case Level::warning: ++result.warnings; break;
      case Level::info: ++result.infos; break;
    }
  }
  return result;
}

std::string_view to_text(Level level) {
  constexpr std::array<std::string_view, 3> kWords = {"error", "warning", "info"};
  return kWords[static_cast<size_t>(level)];
}

std::string summary(const Report& report) {
  const Count found = count(report.findings);
  std::vector<std::string> parts;
  if (found.errors > 0) parts.push_back(some(found.errors, "error"));
  if (found.warnings > 0) parts.push_back(some(found.warnings, "warning"));
  if (found.infos > 0) parts.push_back(some(found.infos, "info"));
  const std::string findings = parts.empty() ? "no findings" : fmt::format("{}", fmt::join(parts, ", "));
  return fmt::format("{} in {}", findings, some(report.files, "file"));
}

}  // namespace shstore::config::lint
