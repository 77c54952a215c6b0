// The only file that includes Spirit X3.
#include "config/grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/spirit/home/x3.hpp>
#include <optional>
#include <set>
#include <utility>

namespace shstore::config {
namespace {

namespace x3 = boost::spirit::x3;

constexpr size_t longest_word = 5000;     // the buffer that lex_open_file() gives to add_str()
constexpr size_t most_words = 2'000'000;  // bounds memory: no configuration comes near it
constexpr int most_repairs = 20;          // each may read to the end of the file once more
constexpr size_t deepest_block = 32;

// ---- Characters to words
// --------------------------------------------------------------------------------------

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
const auto skipped = x3::omit[*(blank | continuation)];
const auto end_of_line = x3::omit[(-('#' >> *~x3::char_('\n')) >> '\n') | ';'];

const auto letters = letter >> *(letter | blank);  // the blanks between letters are dropped later
const auto identifier = x3::raw[letters >> &identifier_end];
const auto number = x3::raw[+digit >> &number_end];
const auto unquoted = x3::raw[-letters >> *string_char];

const auto escaped = '\\' >> x3::char_;
const auto quoted = '"' >> *(escaped | ~x3::char_("\\\"")) >> '"';
const auto quoted_path = '"' >> *(escaped | ~x3::char_("\\\"\n")) >> '"';
const auto include = '@' >> *include_char >> -quoted_path;

struct PunctuationTable : x3::symbols<LexemeKind> {
  PunctuationTable() {
    add("{", LexemeKind::open)("}", LexemeKind::close)("=", LexemeKind::equals)(",", LexemeKind::comma);
  }
};
const PunctuationTable punctuation;

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  return text;
}

/// Does a later line of a quoted string look like `Name = `? Then a closing quote is probably missing.
bool swallows_a_directive(std::string_view text) {
  const auto line = x3::omit[x3::eol >> *blank >> letter >> *(letter | blank) >> '='];
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    auto from = text.begin() + static_cast<std::ptrdiff_t>(at);
    if (x3::parse(from, text.end(), line)) return true;
  }
  return false;
}

class Lexer {
 public:
  Lexer(std::string_view text, uint32_t file) : text_(text), file_(file), at_(text.begin()) {
    for (size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1)) {
      line_starts_.push_back(i + 1);
    }
  }

  LexedFile run() {
    for (;;) {
      x3::parse(at_, text_.end(), skipped);
      if (at_ == text_.end()) break;
      if (result_.lexemes.size() == most_words) {
        complain(offset(),
                 fmt::format("more than {} words: this cannot be a configuration file", most_words));
        break;
      }
      next();
    }
    warn_of_swallowed_directives();
    return std::move(result_);
  }

 private:
  using Iterator = std::string_view::const_iterator;

  void next() {
    const size_t first = offset();
    std::string text;
    LexemeKind kind{};
    if (x3::parse(at_, text_.end(), end_of_line)) return add(LexemeKind::end, first, {});
    if (x3::parse(at_, text_.end(), punctuation, kind)) return add(kind, first, {});
    if (text_[first] == '"') return next_quoted(first);
    if (text_[first] == '@') return next_include(first);
    if (x3::parse(at_, text_.end(), number, text)) return add(LexemeKind::number, first, std::move(text));
    if (x3::parse(at_, text_.end(), identifier, text)) {
      return add(LexemeKind::identifier, first, without_blanks(std::move(text)));
    }
    text.clear();
    x3::parse(at_, text_.end(), unquoted, text);
    add(LexemeKind::unquoted, first, without_blanks(std::move(text)));
  }

  void next_include(size_t first) {
    std::string path;
    x3::parse(at_, text_.end(), include, path);
    if (at_ != text_.end() && *at_ == '"') {
      complain(first, "the file name of this include has no closing quote");
      return skip_line();
    }
    add(LexemeKind::include, first, std::move(path));
  }

  void next_quoted(size_t first) {
    std::string text;
    if (x3::parse(at_, text_.end(), quoted, text)) return add(LexemeKind::quoted, first, std::move(text));
    const size_t culprit = unclosed_quote(first);
    complain(culprit, "this quote is never closed: is a \" missing at the end of the line?");
    const auto is_later = [&](const Lexeme& lexeme) { return lexeme.first >= culprit; };
    std::erase_if(result_.lexemes, is_later);
    at_ = text_.begin() + static_cast<std::ptrdiff_t>(culprit);
    skip_line();
    add(LexemeKind::quoted, culprit, {});
    if (++repairs_ == most_repairs) at_ = text_.end();
  }

  /// The quote to blame for a string that runs to the end of the file: the first one behind which directives
  /// vanished. All that were counted as closing behind it were really opening, and the other way round.
  size_t unclosed_quote(size_t last_quote) const {
    for (const Lexeme& lexeme : result_.lexemes) {
      if (lexeme.kind == LexemeKind::quoted && swallows_a_directive(lexeme.text)) return lexeme.first;
    }
    return last_quote;
  }

  /// Bacula accepts such a string, and what was meant to be a directive is lost without a word.
  void warn_of_swallowed_directives() {
    for (const Lexeme& lexeme : result_.lexemes) {
      if (lexeme.kind != LexemeKind::quoted || !swallows_a_directive(lexeme.text)) continue;
      const std::string message = fmt::format(
          "this quoted string goes on for {} lines and contains what looks like directives: is a closing \" "
          "missing?",
          std::count(lexeme.text.begin(), lexeme.text.end(), '\n') + 1);
      result_.diagnostics.push_back({Severity::warning, lexeme.at, message});
    }
  }

  void skip_line() { at_ = std::find(at_, text_.end(), '\n'); }

  void add(LexemeKind kind, size_t first, std::string text) {
    if (text.size() > longest_word) {
      complain(first, fmt::format("this word is {} bytes long; Bacula stops at words of more than {} bytes",
                                  text.size(), longest_word));
    }
    Lexeme lexeme{kind, at_ == text_.end() ? '\n' : *at_, location(first), 0, 0, std::move(text)};
    lexeme.first = static_cast<uint32_t>(first);
    lexeme.last = static_cast<uint32_t>(offset());
    result_.lexemes.push_back(std::move(lexeme));
  }

  size_t offset() const { return static_cast<size_t>(at_ - text_.begin()); }

  Location location(size_t offset) const {
    const auto next_line = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const size_t line = static_cast<size_t>(next_line - line_starts_.begin());
    return {file_, static_cast<uint32_t>(line), static_cast<uint32_t>(offset - line_starts_[line - 1] + 1)};
  }

  void complain(size_t offset, std::string message) {
    result_.diagnostics.push_back({Severity::error, location(offset), std::move(message)});
  }

  std::string_view text_;
  uint32_t file_;
  Iterator at_;
  std::vector<size_t> line_starts_{0};
  int repairs_ = 0;
  LexedFile result_;
};

// ---- Words to statements
// --------------------------------------------------------------------------------------

constexpr uint32_t bit(LexemeKind kind) {
  return 1U << static_cast<uint32_t>(kind);
}

/// Matches one word of certain kinds; its attribute is the word.
struct WordParser : x3::parser<WordParser> {
  using attribute_type = const Lexeme*;
  static constexpr bool has_attribute = true;

  constexpr explicit WordParser(uint32_t kinds) : kinds_(kinds) {}

  template <class Iterator, class Context, class RuleContext, class Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context&, RuleContext&,
             Attribute& attribute) const {
    if (first == last || !(kinds_ & bit(first->kind))) return false;
    x3::traits::move_to(static_cast<const Lexeme*>(&*first), attribute);
    ++first;
    return true;
  }

 private:
  uint32_t kinds_;
};

constexpr uint32_t words = bit(LexemeKind::identifier) | bit(LexemeKind::number) | bit(LexemeKind::unquoted) |
                           bit(LexemeKind::quoted);

const auto name = WordParser(bit(LexemeKind::identifier));
const auto nested_name = WordParser(bit(LexemeKind::identifier) | bit(LexemeKind::unquoted));  // ipv4, ipv6
const auto line_end = WordParser(bit(LexemeKind::end));
const auto opening = x3::omit[WordParser(bit(LexemeKind::open))];
const auto closing = x3::omit[WordParser(bit(LexemeKind::close))];
const auto equals = x3::omit[WordParser(bit(LexemeKind::equals))];
const auto word = WordParser(words);
const auto gap = x3::omit[*line_end];  // Bacula's T_SKIP_EOL

const auto block_start = name >> gap >> opening;
const auto directive_start = name >> gap >> equals;
const auto nested_start = nested_name >> gap >> equals;
const auto value = *WordParser(words | bit(LexemeKind::comma) | bit(LexemeKind::equals));
const auto wrapped_value = gap >> &(word >> !equals) >> value;
const auto ignored =
    x3::omit[*WordParser(words | bit(LexemeKind::comma) | bit(LexemeKind::equals) | bit(LexemeKind::open))];
const auto rest_of_line = x3::omit[*WordParser(words | bit(LexemeKind::comma) | bit(LexemeKind::equals))];

Token to_token(const Lexeme& lexeme) {
  Token token{lexeme.text, lexeme.kind == LexemeKind::quoted, lexeme.at, {}, lexeme.follow, 0};
  switch (lexeme.kind) {
    case LexemeKind::identifier:
      token.kind = Token::Kind::identifier;
      break;
    case LexemeKind::number:
      token.kind = Token::Kind::number;
      break;
    case LexemeKind::quoted:
      token.kind = Token::Kind::quoted;
      break;
    default:
      token.kind = Token::Kind::unquoted;
      break;
  }
  return token;
}

class Builder {
 public:
  Builder(std::span<const Lexeme> lexemes, std::span<const std::string> texts, const DirectiveTable& directives,
          Document& document)
      : at_(lexemes.data()),
        end_(lexemes.data() + lexemes.size()),
        texts_(texts),
        directives_(directives),
        document_(document) {}

  void run() {
    while (at_ != end_) statement();
    if (open_.empty()) return;
    complained_.reset();
    complain(open_.front().block.at,
             fmt::format("{} is never closed: a }} is missing", title(open_.front())));
    close_all(end_ == at_ && last_ ? last_->at : Location{});
  }

 private:
  /// A block whose `}` has not come yet.
  struct Open {
    Block block;
    std::string name;
    bool has_equals = false;
    bool discard = false;  ///< only kept to find its `}`: a diagnostic was given for how it begins
  };

  void statement() {
    last_ = at_;
    const Lexeme* head = nullptr;
    if (x3::parse(at_, end_, x3::omit[line_end])) return;
    if (x3::parse(at_, end_, closing)) return close(last_->at);
    if (x3::parse(at_, end_, block_start, head)) return open(*head);
    const bool nested = open_.size() > 1;
    if (nested ? x3::parse(at_, end_, nested_start, head) : x3::parse(at_, end_, directive_start, head)) {
      return directive(*head);
    }
    broken();
  }

  void directive(const Lexeme& head) {
    const Lexeme* const sign = at_ - 1;  // the `=`
    if (open_.empty()) {
      complain(head.at,
               fmt::format("\"{} =\" stands outside of any resource: is a line such as \"Device {{\" "
                           "missing above, or is there a }} too many?",
                           written(head)));
    }
    if (x3::parse(at_, end_, gap >> opening)) return push(head, open_.empty(), true);
    std::vector<const Lexeme*> words_and_marks;
    if (!is_one_word(head)) {
      x3::parse(at_, end_, value, words_and_marks);
    } else if (const Lexeme* only = nullptr; x3::parse(at_, end_, gap >> word, only)) {
      words_and_marks.push_back(only);
    }
    if (words_and_marks.empty() && may_wrap(head)) x3::parse(at_, end_, wrapped_value, words_and_marks);
    Directive result{written(head), head.at, {}, {}, raw(*sign), true, false};
    fill(result, words_and_marks);
    if (open_.empty()) return;
    if (at_ != end_ && at_->kind == LexemeKind::open) ignore_brace(result);
    open_.back().block.directives.push_back(std::move(result));
  }

  /// Behind a value, Bacula's scan_to_eol() passes over a `{` like over any other word, so it opens nothing.
  void ignore_brace(Directive& directive) {
    const std::string message =
        fmt::format("Bacula ignores the \"{{\" behind the value of \"{}\"", directive.name);
    document_.diagnostics.push_back({Severity::warning, at_->at, message});
    if (!directive.values.empty() && directive.values.back().separator == 0) {
      directive.values.back().separator = '{';
    }
    x3::parse(at_, end_, ignored);
  }

  bool may_wrap(const Lexeme& head) const {
    if (open_.size() != 1) return open_.size() > 1;
    const DirectiveInfo* const info = directives_.find(open_.front().block.type, head.text);
    return info && config::may_wrap(info->type);
  }

  bool is_one_word(const Lexeme& head) const {
    if (open_.size() != 1) return false;
    const DirectiveInfo* const info = directives_.find(open_.front().block.type, head.text);
    return info && config::is_one_word(info->type);
  }

  void fill(Directive& result, const std::vector<const Lexeme*>& words_and_marks) {
    for (const Lexeme* lexeme : words_and_marks) {
      if (bit(lexeme->kind) & words) {
        result.values.push_back(to_token(*lexeme));
        continue;
      }
      const char mark = lexeme->kind == LexemeKind::comma ? ',' : '=';
      if (result.values.empty()) {
        complain(lexeme->at, fmt::format("unexpected \"{}\" before the value of \"{}\"", mark, result.name));
        result.broken = true;
        return;
      }
      char& separator = result.values.back().separator;
      separator = separator == 0 ? mark : '?';
    }
    const bool block_ends = at_ != end_ && at_->kind == LexemeKind::close;
    if (block_ends && !result.values.empty() && result.values.back().separator == 0) {
      result.values.back().separator = '}';
    }
  }

  /// The text from behind the `=` to where the value ends. What an include brought in is not part of it.
  std::string raw(const Lexeme& sign) const {
    const uint32_t file = sign.at.file;
    const std::string& text = texts_[file];
    uint32_t last = sign.last;
    for (const Lexeme* i = &sign + 1; i != end_ && i->at.file == file; ++i) {
      if (!(bit(i->kind) & (words | bit(LexemeKind::comma) | bit(LexemeKind::equals)))) break;
      last = i->last;
    }
    return trimmed(std::string_view(text).substr(sign.last, last - sign.last));
  }

  static std::string trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\v\f\r\n";
    const size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
  }

  /// A name as the administrator wrote it: "Media Type", where the lexer made "MediaType" of it.
  std::string written(const Lexeme& lexeme) const {
    const std::string& text = texts_[lexeme.at.file];
    return trimmed(std::string_view(text).substr(lexeme.first, lexeme.last - lexeme.first));
  }

  void open(const Lexeme& head) {
    if (!open_.empty() && !directives_.find_type(head.text).empty()) {
      complain(head.at, fmt::format("{} begins inside of {} (line {}): is a }} missing above?", written(head),
                                    title(open_.front()), open_.front().block.at.line));
      close_all(head.at);
    }
    push(head, false);
  }

  void push(const Lexeme& head, bool discard, bool has_equals = false) {
    if (open_.size() == deepest_block) {
      complain(head.at, fmt::format("blocks are nested more than {} deep; the inner ones are left out",
                                    deepest_block));
      return skip_block();
    }
    Open opened;
    opened.name = (bit(head.kind) & words) ? written(head) : std::string();
    opened.block.at = head.at;
    if (open_.empty()) opened.block.type = opened.name;
    opened.discard = discard;
    opened.has_equals = has_equals;
    open_.push_back(std::move(opened));
  }

  void skip_block() {
    for (size_t depth = 1; at_ != end_ && depth > 0; ++at_) {
      if (at_->kind == LexemeKind::open) ++depth;
      if (at_->kind == LexemeKind::close) --depth;
    }
  }

  void close(const Location& where) {
    if (open_.empty()) return complain(where, "there is no open { that this } could close");
    Open closed = std::move(open_.back());
    open_.pop_back();
    closed.block.end = where;
    if (closed.discard) return;
    if (open_.empty()) {
      document_.resources.push_back(std::move(closed.block));
      return;
    }
    Directive holder{std::move(closed.name), closed.block.at, {}, {}, {}, closed.has_equals, false};
    holder.block.push_back(std::move(closed.block));
    open_.back().block.directives.push_back(std::move(holder));
  }

  void close_all(const Location& where) {
    while (!open_.empty()) close(where);
  }

  void broken() {
    const Lexeme& first = *at_;
    complain(first.at, complaint_about(first));
    if (first.kind != LexemeKind::open) x3::parse(at_, end_, rest_of_line);
    if (at_ == end_ || at_->kind != LexemeKind::open) return;
    // Its } must not close the block around it.
    const Lexeme& brace = *at_++;
    push(brace, true);
  }

  std::string complaint_about(const Lexeme& first) const {
    const bool outside = open_.empty();
    switch (first.kind) {
      case LexemeKind::open:
        return outside ? "unexpected \"{\": a resource type such as Device must precede it"
                       : "unexpected \"{\": a directive and = must precede it";
      case LexemeKind::equals:
        return "unexpected \"=\": the name of a directive must precede it";
      case LexemeKind::comma:
        return "unexpected \",\": a list must stand on one line, behind its directive's =";
      default:
        break;
    }
    const std::string what = shortened(written(first));
    if (outside) return fmt::format("expected a resource such as \"Device {{\", found \"{}\"", what);
    if (first.kind == LexemeKind::identifier) return fmt::format("expected \"=\" behind \"{}\"", what);
    return fmt::format("\"{}\" cannot be the name of a directive: names are made of letters and blanks",
                       what);
  }

  static std::string shortened(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
  }

  static std::string title(const Open& open) { return open.name.empty() ? "the block" : open.name; }

  /// One complaint per line: the ones that follow it are most often its consequences.
  void complain(const Location& where, std::string message) {
    if (complained_ && complained_->file == where.file && complained_->line == where.line) return;
    complained_ = where;
    document_.diagnostics.push_back({Severity::error, where, std::move(message)});
  }

  const Lexeme* at_;
  const Lexeme* end_;
  const Lexeme* last_ = nullptr;  ///< where the current statement begins
  std::span<const std::string> texts_;
  const DirectiveTable& directives_;
  Document& document_;
  std::vector<Open> open_;
  std::optional<Location> complained_;
};

}  // namespace

LexedFile lex(std::string_view text, uint32_t file) {
  return Lexer(text, file).run();
}

void parse(std::span<const Lexeme> lexemes, std::span<const std::string> texts, const DirectiveTable& directives,
           Document& document) {
  Builder(lexemes, texts, directives, document).run();
}

}  // namespace shstore::config
