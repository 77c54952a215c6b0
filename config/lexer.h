// From the text of a file to words with their places, by the rules of lib/lex.c.
//
// Words and statements (statements.h) are two steps because of `@file`: an include may stand wherever a word may,
// even in the middle of a list, and only the lexer knows where a word may stand (`a @b` is one word, "a@b", to
// Bacula). So each file is cut into words on its own, word_stream.h puts the words of included files in their place,
// and the second grammar runs over that one sequence of words. Both grammars are Spirit X3, which is used in lexer.cpp
// and statements.cpp only. Neither recurses, and both are linear in the length of the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/diagnostics.h"
#include "config/document.h"

namespace shstore::config {

enum class LexemeKind : uint8_t { identifier, number, unquoted, quoted, include, open, close, equals, comma, end };

/// A word or a punctuation mark of one file.
struct Lexeme {
  const char* first = nullptr;  ///< in the file's text
  uint32_t length = 0;          ///< bytes as written, quotes included
  Location at;
  LexemeKind kind = LexemeKind::end;
  char follow = '\n';     ///< the character right behind it; see Token::follow
  bool is_closed = true;  ///< false for a quoted word whose end is guessed: the end of the line

  std::string_view written() const { return {first, length}; }
  const char* last() const { return first + length; }
};
static_assert(sizeof(Lexeme) == 24);

/// Cuts one file into words, one at a time.
///
/// Errors: a quote that is never closed (the next line is read as if it were closed), and a word longer than
/// Bacula's 5000 bytes.
class Lexer {
 public:
  /// `text` has '\n' as its only line end, one at its end, and holds no NUL. It must outlive the words.
  /// `diagnostics` may be nullptr: the second time that a file is read nothing new is to be said about it.
  Lexer(std::string_view text, uint32_t file, Diagnostics* diagnostics);

  /// Which part of the text was cut into words, from 0 to 1.
  double progress() const { return static_cast<double>(at_ - begin_) / static_cast<double>(end_ - begin_); }

  /// The next word; false at the end of the text. What an empty text or a text of comments has are `end`s.
  bool next(Lexeme& word);

 private:
  Location location(const char* place) const;
  void count_lines(const char* from, const char* to);
  bool is_to_blame_for_an_unclosed_quote(const Lexeme& quoted);
  void close_at_line_end(Lexeme& quoted);
  void check_length(const Lexeme& word);
  void complain(const Location& at, std::string message);

  const char* const begin_;
  const char* at_;
  const char* const end_;
  const char* line_start_;
  uint32_t line_ = 1;
  const uint32_t file_;
  Diagnostics* const diagnostics_;
  int repairs_ = 0;
  bool rest_is_sound_ = false;  ///< every quote from here on is closed
};

/// What Bacula makes of a word: without quotes and escapes, or without the blanks between its letters; at most 5000
/// bytes. A view into the file's text, or into `sources` if the two differ.
std::string_view text_of(const Lexeme& word, Sources& sources);

/// The file name of an include.
std::string path_of(const Lexeme& include);

}  // namespace shstore::config
