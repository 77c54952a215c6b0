#include "config/statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/spirit/home/x3.hpp>
#include <optional>
#include <utility>

#include "config/dropped.h"
#include "config/letters.h"
#include "config/value.h"

namespace shstore::config {
namespace {

namespace x3 = boost::spirit::x3;

constexpr size_t kDeepestBlock = 32;
constexpr size_t kMostSpares = 64;

constexpr uint32_t bit(LexemeKind kind) { return 1U << static_cast<uint32_t>(kind); }

/// Matches one word of certain kinds; its attribute is the word.
struct WordParser : x3::parser<WordParser> {
  using attribute_type = const Lexeme*;
  static constexpr bool kHasAttribute = true;

  constexpr explicit WordParser(uint32_t kinds) : kinds_(kinds) {}

  template <class Iterator, class Context, class RuleContext, class Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context&, RuleContext&, Attribute& attribute) const {
    if (first == last || !(kinds_ & bit(first->kind))) return false;
    x3::traits::move_to(static_cast<const Lexeme*>(&*first), attribute);
    ++first;
    return true;
  }

 private:
  uint32_t kinds_;
};

constexpr uint32_t kWords =
    bit(LexemeKind::identifier) | bit(LexemeKind::number) | bit(LexemeKind::unquoted) | bit(LexemeKind::quoted);

constexpr uint32_t kValueParts = kWords | bit(LexemeKind::comma) | bit(LexemeKind::equals);

const auto name = WordParser(bit(LexemeKind::identifier));
const auto nested_name = WordParser(bit(LexemeKind::identifier) | bit(LexemeKind::unquoted));  // ipv4, ipv6
const auto line_end = WordParser(bit(LexemeKind::end));
const auto opening = x3::omit[WordParser(bit(LexemeKind::open))];
const auto closing = x3::omit[WordParser(bit(LexemeKind::close))];
const auto equals = x3::omit[WordParser(bit(LexemeKind::equals))];
const auto word = WordParser(kWords);
const auto gap = x3::omit[*line_end];  // Bacula's T_SKIP_EOL

const auto block_start = name >> gap >> opening;
const auto directive_start = name >> gap >> equals;
const auto nested_start = nested_name >> gap >> equals;
const auto value = *WordParser(kValueParts);
const auto wrapped_value = gap >> &(word >> !equals) >> value;
const auto ignored = x3::omit[*WordParser(kValueParts | bit(LexemeKind::open))];
const auto rest_of_line = x3::omit[*WordParser(kValueParts)];

Token::Kind token_kind(LexemeKind kind) {
  switch (kind) {
    case LexemeKind::identifier: return Token::Kind::identifier;
    case LexemeKind::number: return Token::Kind::number;
    case LexemeKind::quoted: return Token::Kind::quoted;
    default: return Token::Kind::unquoted;
  }
}

/// The place behind a word.
Location behind(const Lexeme& lexeme) {
  const Location& at = lexeme.at;
  const std::string_view written = lexeme.written();
  const size_t last_end = lexeme.kind == LexemeKind::quoted ? written.rfind('\n') : std::string_view::npos;
  if (last_end == std::string_view::npos) return {at.file, at.line, at.column + lexeme.length};
  const auto lines = static_cast<uint32_t>(std::count(written.begin(), written.end(), '\n'));
  return {at.file, at.line + lines, static_cast<uint32_t>(written.size() - last_end)};
}

class Builder {
 public:
  Builder(const DirectiveTable& directives, Sources& sources, Diagnostics& diagnostics,
          const std::function<void(Block&)>& take)
      : directives_(directives), sources_(sources), diagnostics_(diagnostics), take_(take) {}

  /// `lexemes` must end where a statement ends, unless they are the last.
  void run(std::span<const Lexeme> lexemes) {
    at_ = lexemes.data();
    end_ = at_ + lexemes.size();
    while (at_ != end_) statement();
  }

  void finish() {
    if (open_.empty()) return;
    complained_.reset();
    complain(open_.front().block.at, fmt::format("{} is never closed: a }} is missing", title(open_.front())));
    close_all(statement_at_);
  }

 private:
  /// A block whose `}` has not come yet.
  struct Open {
    Block block;
    std::string_view name;
    bool has_equals = false;
    bool discard = false;  ///< only kept to find its `}`: a diagnostic was given for how it begins
  };

  void statement() {
    if (depth_left_out_ > 0) return skip_word();
    if (drops_behind_ && drop_word()) return;
    statement_at_ = at_->at;
    const Lexeme* head = nullptr;
    if (x3::parse(at_, end_, x3::omit[line_end])) return;
    if (x3::parse(at_, end_, closing)) return close(statement_at_);
    if (x3::parse(at_, end_, block_start, head)) return open(*head);
    const bool nested = open_.size() > 1;
    if (nested ? x3::parse(at_, end_, nested_start, head) : x3::parse(at_, end_, directive_start, head)) {
      return directive(*head);
    }
    broken();
  }

  /// The readers of some blocks leave the rest of the line behind their } to scan_to_eol(). False when it has ended.
  bool drop_word() {
    if (at_->kind == LexemeKind::end || at_->kind == LexemeKind::close) {
      if (dropped_) report_dropped_words();
      drops_behind_.reset();
      dropped_.reset();
      return false;
    }
    if (!dropped_) dropped_ = *at_;
    ++at_;
    return true;
  }

  void report_dropped_words() {
    const bool is_directive = dropped_->kind == LexemeKind::identifier;
    const std::string what = shortened(dropped_->written());
    add_dropped(dropped_->at, fmt::format("the }} of {}", *drops_behind_), is_directive ? what : "", what,
                diagnostics_);
  }

  void directive(const Lexeme& head) {
    const Lexeme* const sign = at_ - 1;  // the `=`
    if (open_.empty()) {
      complain(head.at, fmt::format("\"{} =\" stands outside of any resource: is a line such as \"Device {{\" "
                                    "missing above, or is there a }} too many?",
                                    head.written()));
    }
    if (x3::parse(at_, end_, gap >> opening)) return push(head, open_.empty(), true);
    words_and_marks_.clear();
    if (!is_one_word(head)) {
      x3::parse(at_, end_, value, words_and_marks_);
    } else if (const Lexeme* only = nullptr; x3::parse(at_, end_, gap >> word, only)) {
      words_and_marks_.push_back(only);
    }
    if (words_and_marks_.empty() && may_wrap(head)) x3::parse(at_, end_, wrapped_value, words_and_marks_);
    Directive result{head.written(), head.at, {}, {}, raw(*sign), true, false};
    result.end = behind(words_and_marks_.empty() ? *sign : *words_and_marks_.back());
    fill(result);
    if (!result.values.empty() && !Written::is_near(result.values[0].at, result.at)) {
      sources_.note_directive(result.values[0].at, result.at);
    }
    if (open_.empty()) return;
    if (at_ != end_ && at_->kind == LexemeKind::open) ignore_brace(result);
    open_.back().block.directives.push_back(std::move(result));
  }

  /// Behind a value, Bacula's scan_to_eol() passes over a `{` like over any other word, so it opens nothing.
  void ignore_brace(Directive& directive) {
    const std::string message = fmt::format("Bacula ignores the \"{{\" behind the value of \"{}\"", directive.name);
    diagnostics_.add(Severity::warning, at_->at, message, Diagnostic::Kind::syntax);
    if (!directive.values.empty() && directive.values.back().separator == 0) {
      directive.values.back().separator = '{';
    }
    x3::parse(at_, end_, ignored);
    directive.end = behind(at_[-1]);
  }

  bool may_wrap(const Lexeme& head) const {
    if (open_.size() != 1) return open_.size() > 1;
    const DirectiveInfo* const info = type_ ? directives_.find(*type_, head.written()) : nullptr;
    return info && config::may_wrap(info->type);
  }

  bool is_one_word(const Lexeme& head) const {
    if (open_.size() != 1 || !type_ || !type_->has_one_word_values) return false;
    const DirectiveInfo* const info = directives_.find(*type_, head.written());
    return info && config::is_one_word(info->type);
  }

  Token to_token(const Lexeme& lexeme) {
    const Token::Kind kind = token_kind(lexeme.kind);
    return {text_of(lexeme, sources_), kind == Token::Kind::quoted, lexeme.at, kind, lexeme.follow, 0, lexeme.length};
  }

  void fill(Directive& result) {
    const auto is_word = [](const Lexeme* lexeme) { return (bit(lexeme->kind) & kWords) != 0; };
    if (!spare_values_.empty()) {
      result.values = std::move(spare_values_.back());
      spare_values_.pop_back();
    }
    result.values.reserve(
        static_cast<size_t>(std::count_if(words_and_marks_.begin(), words_and_marks_.end(), is_word)));
    for (const Lexeme* lexeme : words_and_marks_) {
      if (is_word(lexeme)) {
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
  std::string_view raw(const Lexeme& sign) const {
    const char* last = sign.last();
    for (const Lexeme* i = &sign + 1; i != end_ && i->at.file == sign.at.file; ++i) {
      if (!(bit(i->kind) & kValueParts)) break;
      last = i->last();
    }
    return trimmed({sign.last(), static_cast<size_t>(last - sign.last())}, " \t\v\f\r\n");
  }

  void open(const Lexeme& head) {
    if (!open_.empty() && !directives_.find_type(head.written()).empty()) {
      complain(head.at, fmt::format("{} begins inside of {} (line {}): is a }} missing above?", head.written(),
                                    title(open_.front()), open_.front().block.at.line));
      close_all(head.at);
    }
    push(head, false);
  }

  void push(const Lexeme& head, bool discard, bool has_equals = false) {
    if (open_.size() == kDeepestBlock) {
      complain(head.at, fmt::format("blocks are nested more than {} deep; the inner ones are left out", kDeepestBlock));
      return skip_block();
    }
    Open opened;
    if (bit(head.kind) & kWords) opened.name = head.written();
    opened.block.at = head.at;
    if (open_.empty()) {
      opened.block.type = opened.name;
      opened.block.directives = std::move(spare_directives_);
      type_ = directives_.type(opened.name);
    }
    opened.discard = discard;
    opened.has_equals = has_equals;
    open_.push_back(std::move(opened));
  }

  void skip_block() { depth_left_out_ = 1; }

  void skip_word() {
    if (at_->kind == LexemeKind::open) ++depth_left_out_;
    if (at_->kind == LexemeKind::close) --depth_left_out_;
    ++at_;
  }

  void close(const Location& where) {
    if (open_.empty()) return complain(where, "there is no open { that this } could close");
    Open closed = std::move(open_.back());
    open_.pop_back();
    closed.block.end = where;
    if (closed.discard) return;
    if (open_.empty()) return hand_over(closed.block);
    Directive holder{closed.name, closed.block.at, {}, {}, {}, closed.has_equals, false};
    holder.end = {where.file, where.line, uint32_t{where.column} + 1};
    holder.block.push_back(std::move(closed.block));
    open_.back().block.directives.push_back(std::move(holder));
    if (open_.size() == 1 && drops_rest_of_line(closed.name)) drops_behind_ = closed.name;
  }

  /// store_inc() and store_runscript() in dird/.
  bool drops_rest_of_line(std::string_view block) const {
    return &directives_ == &dir_directives() &&
           (same_name(block, "Include") || same_name(block, "Exclude") || same_name(block, "RunScript"));
  }

  /// What the receiver leaves of it is used for the next one: getting memory takes time.
  void hand_over(Block& block) {
    take_(block);
    for (Directive& directive : block.directives) {
      if (spare_values_.size() == kMostSpares || directive.values.capacity() > kMostSpares) continue;
      directive.values.clear();
      spare_values_.push_back(std::move(directive.values));
    }
    spare_directives_ = std::move(block.directives);
    spare_directives_.clear();
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
      case LexemeKind::equals: return "unexpected \"=\": the name of a directive must precede it";
      case LexemeKind::comma: return "unexpected \",\": a list must stand on one line, behind its directive's =";
      default: break;
    }
    const std::string what = shortened(first.written());
    if (outside) return fmt::format("expected a resource such as \"Device {{\", found \"{}\"", what);
    if (first.kind == LexemeKind::identifier) return fmt::format("expected \"=\" behind \"{}\"", what);
    return fmt::format("\"{}\" cannot be the name of a directive: names are made of letters and blanks", what);
  }

  static std::string shortened(std::string_view written) {
    std::string text(written.size() > 60 ? written.substr(0, 57) : written);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return written.size() > 60 ? text + "..." : text;
  }

  static std::string_view title(const Open& open) { return open.name.empty() ? "the block" : open.name; }

  /// One complaint per line: the ones that follow it are most often its consequences.
  void complain(const Location& where, std::string message) {
    if (complained_ && complained_->file == where.file && complained_->line == where.line) return;
    complained_ = where;
    diagnostics_.add(Severity::error, where, std::move(message), Diagnostic::Kind::syntax);
  }

  const DirectiveTable& directives_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  const std::function<void(Block&)>& take_;
  const Lexeme* at_ = nullptr;
  const Lexeme* end_ = nullptr;
  Location statement_at_;  ///< where the current statement begins
  std::vector<Open> open_;
  size_t depth_left_out_ = 0;  ///< in how many blocks we are that are nested too deep
  std::optional<Location> complained_;
  std::optional<std::string_view> drops_behind_;  ///< the block whose } stood on this line
  std::optional<Lexeme> dropped_;                 ///< the first word or mark that was lost behind it
  const ResourceType* type_ = nullptr;            ///< of the outermost open block, if it is known
  std::vector<Directive> spare_directives_;
  std::vector<std::vector<Token>> spare_values_;
  std::vector<const Lexeme*> words_and_marks_;  ///< of the value that is being read
};

}  // namespace

void parse(WordStream& stream, const DirectiveTable& directives, Sources& sources, Diagnostics& diagnostics,
           const std::function<void(Block&)>& take) {
  Builder builder(directives, sources, diagnostics, take);
  for (auto portion = stream.next(); !portion.empty(); portion = stream.next()) builder.run(portion);
  builder.finish();
}

}  // namespace shstore::config
