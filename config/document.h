// The configuration file as it was written: resources, directives and their raw values, each with its place.
// Nothing is interpreted here; values.h turns raw values into typed ones. Names and values are views into the Sources
// of what was loaded, which keeps them alive.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/location.h"
#include "config/sources.h"

namespace shstore::config {

enum class Severity { error, warning };

/// Something to tell the administrator about one place of the configuration.
struct Diagnostic {
  /// What it is about, for who must tell diagnostics apart without reading them (the linter's codes).
  enum class Kind : uint8_t {
    syntax,             ///< words that make no sense where they stand
    value,              ///< a value that Bacula refuses
    repeated,           ///< a directive or a resource's name given twice
    unknown_directive,  ///< of no Bacula
    unknown_type,       ///< a resource type of no Bacula
    no_such_resource,   ///< the name of a resource that is not there
    missing,            ///< a required directive or resource
    unreadable,         ///< a file that cannot be read, or an include that leads nowhere
    not_run,            ///< a command of an include that Bacula runs and shstore did not
    not_expanded,       ///< a directory's name that Bacula lets a shell expand and shstore does not
    left_out,           ///< there would be more to say
    dropped,            ///< text that Bacula reads over without a word
    placeholder,        ///< @NAME@: a template that was not filled in
    quotes,             ///< typographic quotes, which are letters to Bacula
  };

  Severity severity = Severity::error;
  Location at;
  std::string message;  ///< one sentence in the administrator's words, no location, no newline
  Kind kind = Kind::syntax;
};

/// Something written that not every version of Bacula accepts: a value, or what a directive needs beside it. Versions are
/// those of DirectiveInfo::since.
struct VersionBound {
  Location at;
  std::string what;  ///< `Compression = ZSTD`
  int since = 9;     ///< the first version that accepts it; other_builds: none as Debian builds it
  int gone = 0;      ///< the first version that refuses it; 0: none
};

/// One word of a value as the lexer saw it: `"Lock Me"` or `Drive-0`.
struct Token {
  /// Bacula's token kinds; a Name, for one, may be any of them but a number (lib/lex.c, T_NAME).
  enum class Kind : uint8_t { identifier, number, unquoted, quoted };

  std::string_view text;  ///< with quotes and escapes removed, or with blanks removed as Bacula does (lib/lex.c)
  bool quoted = false;
  Location at;
  Kind kind = Kind::unquoted;
  /// The character right behind the word. Bacula looks at it to see whether a list (',') or a time (' ') goes
  /// on.
  char follow = '\n';
  /// The punctuation that comes before the next word, blanks skipped: ',' or '='; '}' when the block ends
  /// behind this word on the same line; '?' for several marks in a row, which no directive allows; 0 for
  /// none.
  char separator = 0;
  uint32_t length = 0;  ///< bytes as written from `at` on, quotes and line ends included
};

struct Block;

/// `Name = value, value` or `Name = { ... }` or `Name { ... }`.
struct Directive {
  std::string_view name;  ///< as written, e.g. "Media Type"; compare with same_name()
  Location at;            ///< where the name begins
  std::vector<Token> values;
  std::vector<Block> block;  ///< zero or one nested block (FileSet's Include, SDAddresses, ...)
  /// The text after `=` to the end of the line or `;`, for values with a syntax of their own.
  std::string_view raw;
  bool has_equals = false;  ///< a block may stand without `=`, as in `Include { ... }`
  bool broken = false;      ///< a diagnostic was already given for its value, which must not be used
  /// The place behind its last word or brace, before blanks, `;` and comment. In another file than `at` if an include
  /// brought the value.
  Location end{};
};

/// `Device { ... }`, or a nested `{ ... }`.
struct Block {
  std::string_view type;  ///< as written, e.g. "Device"; empty for an anonymous nested block
  Location at;
  Location end;  ///< the closing brace
  std::vector<Directive> directives;
};

/// Bacula compares directive and resource names without case, blanks and tabs (lib/lex.c, lex_get_token
/// T_NAME).
bool same_name(std::string_view written, std::string_view canonical);

/// "bacula-sd.conf:12:5: error: message"
std::string to_text(const Diagnostic& diagnostic, const std::vector<std::string>& files);

}  // namespace shstore::config
