#include "config/raw_words.h"

#include <algorithm>
#include <string_view>

namespace shstore::config {
namespace {

constexpr std::string_view kBlanks = " \t\v\f\r\n";
constexpr std::string_view kEndsOfWord = " \t\v\f\r\n=}{;,#";

class RawLexer {
 public:
  RawLexer(std::string_view text, Location at) : text_(text), at_(at) {}

  std::vector<RawWord> run() {
    while (next_ < text_.size()) step();
    return std::move(words_);
  }

 private:
  void step() {
    const char c = text_[next_];
    if (kBlanks.find(c) != std::string_view::npos) return advance(1);
    // Outside of quotes a backslash vanishes together with the character behind it, or joins the next line.
    if (c == '\\') return advance(text_.substr(next_).starts_with("\\ ") ? to_end_of_line() : 2);
    if (c == '"') return quoted();
    if (c == '=') return add(RawWord::Kind::equals, 1);
    if (c == ',') return add(RawWord::Kind::comma, 1);
    if (c == '{' || c == '}') return add(RawWord::Kind::brace, 1);
    if (c == '#') return advance(to_end_of_line());
    if (c == ';') return advance(1);
    word();
  }

  void word() {
    const std::string_view rest = text_.substr(next_);
    const size_t length = std::min(rest.find_first_of(kEndsOfWord), rest.size());
    const bool is_number = std::all_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length),
                                       [](char c) { return c >= '0' && c <= '9'; });
    add(is_number ? RawWord::Kind::number : RawWord::Kind::text, length);
  }

  void quoted() {
    const Location at = at_;
    std::string text;
    advance(1);
    while (next_ < text_.size() && text_[next_] != '"') {
      if (text_[next_] == '\\') advance(1);
      if (next_ < text_.size()) text += text_[next_];
      advance(1);
    }
    advance(1);
    words_.push_back({RawWord::Kind::quoted, std::move(text), at});
  }

  void add(RawWord::Kind kind, size_t length) {
    words_.push_back({kind, std::string(text_.substr(next_, length)), at_});
    advance(length);
  }

  size_t to_end_of_line() const { return std::min(text_.find('\n', next_), text_.size()) - next_; }

  void advance(size_t count) {
    for (; count > 0 && next_ < text_.size(); --count) {
      const bool ends_line = text_[next_++] == '\n';
      at_ = {at_.file, at_.line + (ends_line ? 1 : 0), ends_line ? 1 : uint32_t{at_.column} + 1};
    }
  }

  std::string_view text_;
  Location at_;
  size_t next_ = 0;
  std::vector<RawWord> words_;
};

}  // namespace

std::vector<RawWord> words_of_raw(const Directive& directive) {
  return RawLexer(directive.raw, directive.values.empty() ? directive.at : directive.values[0].at).run();
}

}  // namespace shstore::config
