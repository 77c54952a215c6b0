// One line of a file with a caret line under it, fit for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shstore::config::lint {

struct Excerpt {
  std::string line;    ///< no line end; empty if there is nothing to show
  std::string carets;  ///< blanks and tabs up to the first `^`
};

/// `column` (from 1) and `length` count bytes; a length of 0 means the word that begins there. Tabs stay tabs in both
/// lines, so that the carets are right whatever a tab is worth. UTF-8 takes the columns that a terminal gives it;
/// control characters and what is no UTF-8 become U+FFFD, so that no file can write to the terminal. A line of more
/// than `width` columns is cut around the caret, with `...` where something is missing. Passwords are shown as `*`.
/// Empty for a line of more than 16 KiB: no administrator wrote it.
Excerpt excerpt(std::string_view line, uint32_t column, uint32_t length, size_t width = 100);

/// The bytes of the word that begins at `column`: a quoted text with its quotes, a directive's name up to its `=`, else
/// up to a blank or a mark of the grammar; 1 where there is no word.
uint32_t word_length(std::string_view line, uint32_t column);

/// The same line with each byte of a password's value replaced by `*`: whatever stands behind `password` and `=`, in
/// any spelling that Bacula accepts (also `dbpassword` and the like), and behind a `password` that lacks its `=`.
std::string without_passwords(std::string_view line);

}  // namespace shstore::config::lint
