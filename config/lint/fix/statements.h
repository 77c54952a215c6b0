// One file's words, and where its statements begin and end: what an edit must know of the text around a
// place. Unlike config/document.h it keeps to one file and knows line ends and comments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/lexer.h"

namespace shstore::config::lint {

/// A word or a punctuation mark: the bytes [first, last) of the text.
struct Word {
  LexemeKind kind = LexemeKind::end;
  Location at;
  size_t first = 0, last = 0;
  std::string text;  ///< a name as written, the file name of an include
};

/// All of a text, one line end at its end or none.
std::vector<Word> words_in(std::string_view text);

bool is_word(const Word& word);

/// `Name = value, value`: indices into Statements::words().
struct Statement {
  size_t name = 0;
  size_t equals = 0;
  size_t first_value = 0, last_value = 0;
  size_t behind = 0;  ///< the line end, `;` or `}` behind it
};

/// `Type { ... }`
struct Body {
  size_t open = 0, close = 0;  ///< the braces
  std::vector<Statement> directives;
};

class Statements {
 public:
  /// Keeps a view: the text, as Source::texts has it, must outlive this.
  explicit Statements(std::string_view text);

  const std::vector<Word>& words() const { return words_; }
  std::string_view text() const { return text_; }

  /// The word that begins at a place; nothing if none does.
  std::optional<size_t> word_at(uint32_t line, uint32_t column) const;

  /// The directive whose name is words()[name]. Nothing if it is not one, has no value, or one that goes on
  /// in an include or holds a `=` or `{`.
  std::optional<Statement> directive(size_t name) const;

  /// The body of the resource whose type is words()[type], with the directives that stand in this file and
  /// not in a nested block. Nothing if it has no end in this file, or a statement in it makes no sense.
  std::optional<Body> body(size_t type) const;

  /// A line end, perhaps with a comment; not `;`.
  bool is_line_end(size_t word) const;
  /// Only blanks come before it on its line.
  bool begins_line(size_t word) const;
  /// Where the line of this byte begins.
  size_t line_start(size_t offset) const;
  Location location(size_t offset) const;

 private:
  /// The word behind a nested block `Name { ... }` or `Name = { ... }`.
  std::optional<size_t> behind_block(size_t name) const;

  std::string_view text_;
  std::vector<Word> words_;
  std::vector<size_t> line_starts_{0};
};

}  // namespace shstore::config::lint
