// Reads a configuration file and everything it includes into one sequence of words.
#pragma once

#include <string>
#include <vector>

#include "config/document.h"
#include "config/grammar.h"
#include "config/sd_config.h"

namespace shstore::config {

struct Source {
  std::vector<std::string> files;  ///< paths as given to the reader; files[0] is the one asked for
  std::vector<std::string> texts;  ///< of each file, with '\n' as the only line end
  std::vector<Lexeme> lexemes;     ///< with includes replaced by what they include
  std::vector<Diagnostic> diagnostics;
  bool commands_skipped = false;
};

/// Reads `path` and its includes. An include's path is opened as written, so a relative one starts at the
/// working directory of the process, not at the including file (lib/lex.c, lex_open_file). Errors: a file
/// that the reader cannot deliver, UTF-16, NUL bytes, files that include each other, includes more than 32
/// deep or 10,000 in all. `@|command` is never executed: a warning takes its place.
Source read_source(const std::string& path, FileReader& reader);

/// The words of `source` as resources and directives.
Document to_document(Source&& source, const DirectiveTable& directives);

}  // namespace shstore::config
