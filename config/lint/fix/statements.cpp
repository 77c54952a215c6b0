#include "config/lint/fix/statements.h"

#include <algorithm>
#include <tuple>

namespace shstore::config::lint {

bool is_word(const Word& word) {
  switch (word.kind) {
    case LexemeKind::identifier:
    case LexemeKind::number:
    case LexemeKind::unquoted:
    case LexemeKind::quoted: return true;
    default: return false;
  }
}

std::vector<Word> words_in(std::string_view text) {
  std::vector<Word> result;
  Lexer lexer(text, 0, nullptr);
  for (Lexeme lexeme; lexer.next(lexeme);) {
    const auto first = static_cast<size_t>(lexeme.first - text.data());
    Word word{lexeme.kind, lexeme.at, first, first + lexeme.length, {}};
    if (word.kind == LexemeKind::identifier) {
      // The lexer counts the blanks behind a word of letters to the word.
      word.last = first + lexeme.written().find_last_not_of(" \t\v\f\r") + 1;
      word.text = text.substr(first, word.last - first);
    } else if (word.kind == LexemeKind::include) {
      word.text = path_of(lexeme);
    }
    result.push_back(std::move(word));
  }
  return result;
}

Statements::Statements(std::string_view text) : text_(text), words_(words_in(text)) {
  for (size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1)) {
    line_starts_.push_back(i + 1);
  }
}

std::optional<size_t> Statements::word_at(uint32_t line, uint32_t column) const {
  if (column >= Location::kLastColumn) return std::nullopt;
  const auto before = [](const Word& word, const std::pair<uint32_t, uint32_t>& place) {
    return std::pair<uint32_t, uint32_t>(word.at.line, word.at.column) < place;
  };
  const auto found = std::lower_bound(words_.begin(), words_.end(), std::pair(line, column), before);
  if (found == words_.end() || found->at.line != line || found->at.column != column) return std::nullopt;
  return static_cast<size_t>(found - words_.begin());
}

std::optional<Statement> Statements::directive(size_t name) const {
  if (name >= words_.size() || words_[name].kind != LexemeKind::identifier) return std::nullopt;
  Statement statement;
  statement.name = name;
  size_t i = name + 1;
  while (i < words_.size() && words_[i].kind == LexemeKind::end) ++i;
  if (i >= words_.size() || words_[i].kind != LexemeKind::equals) return std::nullopt;
  statement.equals = i++;
  statement.first_value = i;
  while (i < words_.size() && (is_word(words_[i]) || words_[i].kind == LexemeKind::comma)) ++i;
  if (i == words_.size() || i == statement.first_value || !is_word(words_[statement.first_value])) return std::nullopt;
  if (words_[i].kind != LexemeKind::end && words_[i].kind != LexemeKind::close) return std::nullopt;
  statement.last_value = i - 1;
  statement.behind = i;
  return statement;
}

std::optional<Body> Statements::body(size_t type) const {
  if (type >= words_.size() || words_[type].kind != LexemeKind::identifier) return std::nullopt;
  Body body;
  size_t i = type + 1;
  while (i < words_.size() && words_[i].kind == LexemeKind::end) ++i;
  if (i >= words_.size() || words_[i].kind != LexemeKind::open) return std::nullopt;
  body.open = i++;
  while (i < words_.size()) {
    const LexemeKind kind = words_[i].kind;
    if (kind == LexemeKind::close) {
      body.close = i;
      return body;
    }
    if (kind == LexemeKind::end || kind == LexemeKind::include) {
      ++i;
    } else if (const auto statement = directive(i)) {
      body.directives.push_back(*statement);
      i = statement->behind;
    } else if (const auto behind = behind_block(i)) {
      i = *behind;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<size_t> Statements::behind_block(size_t name) const {
  if (words_[name].kind != LexemeKind::identifier) return std::nullopt;
  size_t i = name + 1;
  while (i < words_.size() && (words_[i].kind == LexemeKind::end || words_[i].kind == LexemeKind::equals)) ++i;
  if (i == words_.size() || words_[i].kind != LexemeKind::open) return std::nullopt;
  for (size_t depth = 0; i < words_.size(); ++i) {
    if (words_[i].kind == LexemeKind::open) ++depth;
    if (words_[i].kind == LexemeKind::close && --depth == 0) return i + 1;
  }
  return std::nullopt;
}

bool Statements::is_line_end(size_t word) const {
  return word < words_.size() && words_[word].kind == LexemeKind::end && text_[words_[word].first] != ';';
}

bool Statements::begins_line(size_t word) const {
  const size_t first = words_[word].first, start = line_start(first);
  return text_.substr(start, first - start).find_first_not_of(" \t") == std::string_view::npos;
}

size_t Statements::line_start(size_t offset) const {
  return *std::prev(std::upper_bound(line_starts_.begin(), line_starts_.end(), offset));
}

Location Statements::location(size_t offset) const {
  const auto behind = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return {0, static_cast<uint32_t>(behind - line_starts_.begin()),
          static_cast<uint32_t>(offset - *std::prev(behind) + 1)};
}

}  // namespace shstore::config::lint
