#include "config/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/spirit/home/x3.hpp>
#include <cstring>

namespace shstore::config {
namespace {

namespace x3 = boost::spirit::x3;

constexpr size_t kLongestWord = 5000;  // the buffer that lex_open_file() gives to add_str()
constexpr int kMostRepairs = 20;       // each may read to the end of the file once more

// B_ISSPACE but for the line end, and the characters that end a word in lib/lex.c's states.
const auto blank = x3::char_(" \t\v\f\r");
const auto letter = x3::char_("a-zA-Z");
const auto digit = x3::char_("0-9");
const auto identifier_end = x3::char_("\n=}{;,\"#");
const auto number_end = x3::char_(" \t\v\f\r\n,;");
const auto string_char = ~x3::char_("\n=}{;,# \t\v\f\r");
const auto include_char = ~x3::char_("\n}{;,\"# \t\v\f\r");

// A backslash outside of quotes joins the next line to this one when a blank or the line end follows it,
// and otherwise vanishes together with the character behind it.
const auto continuation = '\\' >> ((' ' >> *~x3::char_('\n') >> x3::lit('\n')) | x3::char_);
const auto skipped = *(blank | continuation);
const auto end_of_line = (-('#' >> *~x3::char_('\n')) >> '\n') | ';';

const auto letters = letter >> *(letter | blank);  // the blanks between letters are dropped later
const auto identifier = letters >> &identifier_end;
const auto number = +digit >> &number_end;
const auto unquoted = -letters >> *string_char;

const auto escaped = '\\' >> x3::char_;
const auto quoted = '"' >> *(escaped | ~x3::char_("\\\"")) >> '"';
const auto quoted_path = '"' >> *(escaped | ~x3::char_("\\\"\n")) >> '"';
const auto include = '@' >> *include_char >> -quoted_path;

const auto directive_line = x3::eol >> *blank >> letter >> *(letter | blank) >> '=';

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct Scanned {
  LexemeKind kind = LexemeKind::end;
  bool is_closed = true;  ///< of what begins with a quote
};

/// The word at `at`, where something else than a blank stands; `at` moves behind it.
Scanned scan(const char*& at, const char* end) {
  const auto mark = [&](LexemeKind kind) {
    ++at;
    return Scanned{kind};
  };
  switch (*at) {
    case '{': return mark(LexemeKind::open);
    case '}': return mark(LexemeKind::close);
    case '=': return mark(LexemeKind::equals);
    case ',': return mark(LexemeKind::comma);
    case '"': return {LexemeKind::quoted, x3::parse(at, end, quoted)};
    case '@': x3::parse(at, end, include); return {LexemeKind::include, at == end || *at != '"'};
    default: break;
  }
  if (x3::parse(at, end, end_of_line)) return {LexemeKind::end};
  if (x3::parse(at, end, number)) return {LexemeKind::number};
  if (x3::parse(at, end, identifier)) return {LexemeKind::identifier};
  x3::parse(at, end, unquoted);
  return {LexemeKind::unquoted};
}

const char* line_end(const char* at, const char* end) { return std::find(at, end, '\n'); }

/// Will a quote be opened, from here to the end of the text, that is never closed?
bool ends_inside_a_quote(const char* at, const char* end) {
  for (;;) {
    x3::parse(at, end, skipped);
    if (at == end) return false;
    const Scanned word = scan(at, end);
    if (word.is_closed) continue;
    if (word.kind == LexemeKind::quoted) return true;
    at = line_end(at, end);
  }
}

/// Does a later line of a quoted string look like `Name = `? Then a closing quote is probably missing.
bool swallows_a_directive(std::string_view text) {
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    const char* from = text.data() + at;
    if (x3::parse(from, text.data() + text.size(), directive_line)) return true;
  }
  return false;
}

/// The bytes of a word that Bacula keeps, one by one, for as long as `take` is true.
template <class Take>
void for_each_byte(const Lexeme& word, Take take) {
  std::string_view text = word.written();
  const bool is_quoted = word.kind == LexemeKind::quoted;
  if (is_quoted) text = text.substr(1, text.size() - 2);
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_quoted && text[i] == '\\') ++i;
    if (!is_quoted && is_blank(text[i])) continue;
    if (!take(text[i])) return;
  }
}

}  // namespace

Lexer::Lexer(std::string_view text, uint32_t file, Diagnostics* diagnostics)
    : begin_(text.data()),
      at_(begin_),
      end_(begin_ + text.size()),
      line_start_(begin_),
      file_(file),
      diagnostics_(diagnostics) {}

bool Lexer::next(Lexeme& word) {
  for (;;) {
    const char* const blanks = at_;
    x3::parse(at_, end_, skipped);
    if (at_ - blanks > 1) count_lines(blanks, at_);
    if (at_ == end_) return false;
    word.first = at_;
    word.at = location(at_);
    const Scanned scanned = scan(at_, end_);
    word.kind = scanned.kind;
    word.is_closed = true;
    word.length = static_cast<uint32_t>(at_ - word.first);
    if (scanned.kind == LexemeKind::quoted) {
      if (!scanned.is_closed || is_to_blame_for_an_unclosed_quote(word)) {
        close_at_line_end(word);
      } else {
        count_lines(word.first, at_);
      }
    } else if (scanned.kind == LexemeKind::include) {
      if (!scanned.is_closed) {
        complain(word.at, "the file name of this include has no closing quote");
        at_ = line_end(at_, end_);
        continue;
      }
      count_lines(word.first, at_);
    } else if (scanned.kind == LexemeKind::end && at_[-1] == '\n') {
      ++line_;
      line_start_ = at_;
    }
    word.follow = at_ == end_ ? '\n' : *at_;
    if (scanned.kind == LexemeKind::identifier) {
      while (is_blank(word.last()[-1])) --word.length;
    }
    if (word.length > kLongestWord) check_length(word);
    return true;
  }
}

Location Lexer::location(const char* place) const {
  return {file_, line_, static_cast<uint32_t>(place - line_start_ + 1)};
}

void Lexer::count_lines(const char* from, const char* to) {
  while ((from = line_end(from, to)) != to) {
    line_start_ = ++from;
    ++line_;
  }
}

/// A string that runs to the end of the file began at the first quote behind which directives vanished: all that were
/// counted as closing behind it were really opening, and the other way round. Bacula accepts such a string if the
/// quotes happen to pair, and what was meant to be a directive is lost without a word.
bool Lexer::is_to_blame_for_an_unclosed_quote(const Lexeme& word) {
  if (!swallows_a_directive(word.written())) return false;
  rest_is_sound_ = rest_is_sound_ || !ends_inside_a_quote(at_, end_);
  if (!rest_is_sound_) return true;
  if (diagnostics_) {
    const std::string message = fmt::format(
        "this quoted string goes on for {} lines and contains what looks like directives: is a closing \" missing?",
        std::count(word.first, word.last(), '\n') + 1);
    diagnostics_->add(Severity::warning, word.at, message, Diagnostic::Kind::syntax);
  }
  return false;
}

void Lexer::close_at_line_end(Lexeme& word) {
  complain(word.at, "this quote is never closed: is a \" missing at the end of the line?");
  at_ = line_end(word.first, end_);
  word.length = static_cast<uint32_t>(at_ - word.first);
  while (is_blank(word.last()[-1])) --word.length;
  word.is_closed = false;
  if (++repairs_ == kMostRepairs) at_ = end_;
}

void Lexer::check_length(const Lexeme& word) {
  if (word.kind > LexemeKind::include || !word.is_closed) return;
  size_t size = 0;
  for_each_byte(word, [&](char) { return ++size > 0; });
  if (word.kind == LexemeKind::include) --size;  // the @
  if (size <= kLongestWord) return;
  complain(word.at,
           fmt::format("this word is {} bytes long; Bacula stops at words of more than {} bytes", size, kLongestWord));
}

void Lexer::complain(const Location& at, std::string message) {
  if (diagnostics_) diagnostics_->add(Severity::error, at, std::move(message), Diagnostic::Kind::syntax);
}

std::string_view text_of(const Lexeme& word, Sources& sources) {
  const std::string_view written = word.written();
  std::string_view same = written;  // if nothing is to be dropped
  if (word.kind == LexemeKind::quoted) {
    if (!word.is_closed) return {};
    same = written.substr(1, written.size() - 2);
    if (same.find('\\') == std::string_view::npos) return same.substr(0, kLongestWord);
  } else if (word.kind == LexemeKind::number || std::none_of(written.begin(), written.end(), is_blank)) {
    return same.substr(0, kLongestWord);
  }
  std::string text;
  for_each_byte(word, [&](char c) {
    text += c;
    return text.size() < kLongestWord;
  });
  return sources.keep(text);
}

std::string path_of(const Lexeme& word) {
  std::string path;
  const char* at = word.first;
  x3::parse(at, word.last(), include, path);
  return path;
}

}  // namespace shstore::config
