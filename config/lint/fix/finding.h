// What a rule has to say, and what could be done about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"

namespace shstore::config::lint {

enum class Level { error, warning, info };

/// A place in one of the files of the site.
struct Place {
  std::string file;     ///< its path as it was opened
  uint32_t line = 0;    ///< from 1; 0: the file as a whole
  uint32_t column = 0;  ///< from 1, in bytes
  uint32_t length = 0;  ///< bytes to underline; 0: not known, the report takes the word
  friend bool operator==(const Place&, const Place&) = default;
};

/// Replaces `length` bytes of one file at `at` by `text`. Lines and columns are those of the text as Bacula reads it
/// (document.h): a byte order mark does not count.
struct Edit {
  Place at;  ///< at.length is what is removed, across line ends if need be (a line end is one byte)
  std::string text;
};

/// Edits that belong together: all or none. Only given where the right answer is certain.
struct Fix {
  std::string title;  ///< "remove this directive"
  std::vector<Edit> edits;
};

/// Another place that the finding is about: "the first one is here".
struct Note {
  Place at;
  std::string text;
};

struct Finding {
  std::string_view code;  ///< "SHS001"
  Level level = Level::error;
  Place at;
  std::string message;  ///< one sentence in the administrator's words: what is wrong
  std::string help;     ///< one sentence: what to do; may be empty
  std::vector<Note> notes;
  std::optional<Fix> fix;
};

}  // namespace shstore::config::lint
