// From the text of a file to words with their places (lex), and from words to resources and directives
// (parse).
//
// The work is done in two steps because of `@file`: an include may stand wherever a word may, even in the
// middle of a list, and only the lexer knows where a word may stand (`a @b` is one word, "a@b", to Bacula).
// So each file is cut into words on its own, source.h puts the words of included files in their place, and
// the second grammar runs over that one sequence of words. Both steps are Spirit X3, which is used in
// grammar.cpp only.
//
// Neither step recurses: a grammar describes one word or one statement, and a loop with a stack of its own
// does the nesting. Both are linear in the length of the text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/directives.h"
#include "config/document.h"

namespace shstore::config {

enum class LexemeKind : uint8_t {
  identifier,
  number,
  unquoted,
  quoted,
  include,
  open,
  close,
  equals,
  comma,
  end
};

/// A word or a punctuation mark of one file.
struct Lexeme {
  LexemeKind kind = LexemeKind::end;
  char follow = '\n';  ///< the character right behind it; see Token::follow
  Location at;
  uint32_t first = 0, last = 0;  ///< the bytes [first, last) of the file's text
  std::string text;              ///< words and the file name of an include; empty for punctuation
};

struct LexedFile {
  std::vector<Lexeme> lexemes;  ///< empty, or the last one is an `end`
  std::vector<Diagnostic> diagnostics;
};

/// Cuts a text into words by the rules of lib/lex.c. `text` has '\n' as its only line end and holds no NUL.
/// Errors: a quote that is never closed (the next line is read as if it were closed), a word longer than
/// Bacula's 5000 bytes, more than 2,000,000 words (the rest is not read).
LexedFile lex(std::string_view text, uint32_t file);

/// Adds the resources in `lexemes` to `document`, and a diagnostic for each line that makes no sense.
/// `texts[i]` is the text of file i; `directives` are those of the program whose configuration it is: they tell
/// where a value may stand, and that a `Device {` inside another block means that a `}` is missing. Blocks may be nested 32 deep; deeper ones are reported and left out.
void parse(std::span<const Lexeme> lexemes, std::span<const std::string> texts, const DirectiveTable& directives,
           Document& document);

}  // namespace shstore::config
