// What the linter found, and the forms in which it is told. A renderer is a pure function: one small file, and one row
// in renderers.cpp.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/lint/fix/finding.h"
#include "config/lint/program/texts.h"

namespace shstore::config::lint {

struct Report {
  std::vector<Finding> findings;  ///< by file, line, column and code
  size_t files = 0;               ///< that were looked at, includes among them
  const Texts& texts;
};

struct Count {
  size_t errors = 0, warnings = 0, infos = 0;
};
Count count(const std::vector<Finding>& findings);

/// "2 errors, 1 warning in 3 files" or "no findings in 3 files".
std::string summary(const Report& report);

std::string_view to_text(Level level);  ///< "error", "warning" or "info"

/// What a renderer must know of where its text goes.
struct Look {
  bool colour = false;
  /// The directory that paths in SARIF are relative to; absolute.
  std::string directory;
};

struct Renderer {
  std::string_view name;  ///< as in --format
  std::string_view meaning;
  std::string (*render)(const Report& report, const Look& look) = nullptr;
};

std::span<const Renderer> all_renderers();
const Renderer* find_renderer(std::string_view name);

/// `file:line:column: error[SHS001]: message`, the line and carets below it, notes, help, and a summary at the end.
std::string render_text(const Report& report, const Look& look);
/// One object, schema "shstore-lint/1": {"schema", "findings": [...], "summary"}. What is not known is null.
std::string render_json(const Report& report, const Look& look);
/// SARIF 2.1.0, columns in Unicode code points.
std::string render_sarif(const Report& report, const Look& look);
/// Workflow commands of GitHub Actions, one line each.
std::string render_github(const Report& report, const Look& look);

}  // namespace shstore::config::lint
