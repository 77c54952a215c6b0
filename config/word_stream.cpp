#include "config/word_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace shstore::config {
namespace {

constexpr size_t kDeepestInclude = 32;
constexpr size_t kMostIncludes = 10'000;
constexpr size_t kEnoughWords = 4096;     // of a portion: they stay in the processor's cache
constexpr size_t kLongestInclude = 5000;  // a longer one is too long a word, which the lexer says

/// Bacula's bfgets(): CR LF and a lone CR end a line, too.
void use_unix_line_ends(std::string& text) {
  size_t to = text.find('\r');
  if (to != std::string::npos) {
    for (size_t from = to; from < text.size(); ++from) {
      const bool is_return = text[from] == '\r';
      text[to++] = is_return ? '\n' : text[from];
      if (is_return && from + 1 < text.size() && text[from + 1] == '\n') ++from;
    }
    text.resize(to);
  }
  if (!text.empty() && text.back() != '\n') text += '\n';
}

/// What is wrong with the file as a whole, or an empty string.
std::string unreadable(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return "this file is UTF-16, which Bacula cannot read: save it as UTF-8, for example with iconv";
  }
  if (text.size() > kLargestFile) return "this file is larger than 4 GiB";
  return {};
}

/// `@SD_PASSWORD@`, perhaps with text behind it; Bacula takes it for an include.
bool is_placeholder(std::string_view written) {
  const size_t end = written.find('@', 1);
  if (end == std::string_view::npos || end < 3) return false;
  return std::all_of(written.begin() + 1, written.begin() + static_cast<std::ptrdiff_t>(end), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// Does a statement end behind these words whatever follows? Behind a brace, and behind the only word of a value.
bool ends_a_statement(const std::vector<Lexeme>& words) {
  if (words.back().kind == LexemeKind::close) return true;
  if (words.back().kind != LexemeKind::end || words.size() < 3) return false;
  const auto last = words.rbegin();
  return last[1].kind <= LexemeKind::quoted && last[2].kind == LexemeKind::equals;
}

}  // namespace

WordStream::WordStream(const std::string& path, FileReader& reader, const LoadOptions& options, Sources& sources,
                       Diagnostics& diagnostics)
    : reader_(reader), options_(options), sources_(sources), diagnostics_(diagnostics) {
  const uint32_t main = add_file(path);
  auto text = reader_.read(path);
  if (!text) {
    diagnostics_.add(Severity::error, {main, 0, 0}, text.error(), Diagnostic::Kind::unreadable);
    return;
  }
  load(main, std::move(*text));
  begin(main, {main, 0, 0}, true);
}

std::span<const Lexeme> WordStream::next() {
  portion_.clear();
  while (!reading_.empty()) {
    if (!take_word()) continue;
    if (portion_.size() >= kEnoughWords && ends_a_statement(portion_)) break;
  }
  return portion_;
}

/// One step; true if it brought a word.
bool WordStream::take_word() {
  Lexeme& word = portion_.emplace_back();
  if (!reading_.back().words.next(word)) {
    portion_.pop_back();
    reading_.pop_back();
    return false;
  }
  if (word.kind == LexemeKind::include && is_placeholder(word.written())) {
    note_placeholder(word);
    word.kind = LexemeKind::unquoted;
  }
  if (word.kind == LexemeKind::include) {
    const Lexeme include = word;
    portion_.pop_back();
    if (include.length <= kLongestInclude) take_in(include);
    return false;
  }
  const Location at = word.at;
  if (++words_ > options_.limits.words) {
    portion_.pop_back();
    give_up(at, fmt::format("more than {} words in all files", options_.limits.words));
    return false;
  }
  if (portion_.size() > options_.limits.words_in_statement) {
    give_up(at, fmt::format("more than {} words without a directive or a }} among them: this cannot be a configuration",
                            options_.limits.words_in_statement));
  }
  return true;
}

/// Each once: a template has the same one in many places.
void WordStream::note_placeholder(const Lexeme& word) {
  const std::string_view name = word.written().substr(0, word.written().find('@', 1) + 1);
  if (!placeholders_.insert(std::string(name)).second) return;
  diagnostics_.add(Severity::error, word.at,
                   fmt::format("{} is a placeholder that was not filled in: this is a template", name),
                   Diagnostic::Kind::placeholder);
}

void WordStream::take_in(const Lexeme& include) {
  const std::string path = path_of(include);
  if (path.empty()) {
    return diagnostics_.add(Severity::error, include.at, "a file name must follow the @", Diagnostic::Kind::syntax);
  }
  if (is_skipped_command(path)) return warn_of_command(path, include.at);
  if (!may_take_in(path, include.at)) return;
  const auto known = numbers_.find(path);
  if (known != numbers_.end()) return begin(known->second, include.at, false);
  auto text = text_of_include(path);
  if (!text) return diagnostics_.add(Severity::error, include.at, text.error(), Diagnostic::Kind::unreadable);
  const uint32_t file = add_file(path);
  load(file, std::move(*text));
  begin(file, include.at, true);
}

bool WordStream::may_take_in(const std::string& path, const Location& at) {
  if (includes_itself(path)) {
    diagnostics_.add(Severity::error, at, fmt::format("{} includes itself: {}", path, chain(path)),
                     Diagnostic::Kind::unreadable);
    return false;
  }
  if (reading_.size() > kDeepestInclude) {
    diagnostics_.add(Severity::error, at, fmt::format("includes are nested more than {} deep", kDeepestInclude),
                     Diagnostic::Kind::unreadable);
    return false;
  }
  if (++includes_ <= kMostIncludes) return true;
  give_up(at, fmt::format("more than {} includes", kMostIncludes));
  return false;
}

tl::expected<std::string, std::string> WordStream::text_of_include(const std::string& path) {
  return path.starts_with('|') ? options_.commands->run(path.substr(1)) : reader_.read(path);
}

uint32_t WordStream::add_file(const std::string& path) {
  const auto file = static_cast<uint32_t>(sources_.files.size());
  numbers_.emplace(path, file);
  sources_.files.push_back({path, {}});
  return file;
}

void WordStream::load(uint32_t file, std::string text) {
  const std::string problem = unreadable(text);
  if (!problem.empty()) return diagnostics_.add(Severity::error, {file, 0, 0}, problem, Diagnostic::Kind::unreadable);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  use_unix_line_ends(text);
  sources_.files[file].text = std::move(text);
  blank_out_nul_bytes(file);
}

/// Bacula takes a NUL for the end of the line, so what follows on the line is lost without a word.
void WordStream::blank_out_nul_bytes(uint32_t file) {
  std::string& text = sources_.files[file].text;
  const size_t nul = text.find('\0');
  if (nul == std::string::npos) return;
  const auto head = text.begin() + static_cast<std::ptrdiff_t>(nul);
  const auto line = static_cast<uint32_t>(std::count(text.begin(), head, '\n') + 1);
  const size_t line_start = nul == 0 ? 0 : text.rfind('\n', nul - 1) + 1;
  diagnostics_.add(Severity::error, {file, line, static_cast<uint32_t>(nul - line_start + 1)},
                   "a NUL byte: this is not a text file, or it was damaged", Diagnostic::Kind::syntax);
  std::replace(head, text.end(), '\0', ' ');
}

void WordStream::begin(uint32_t file, const Location& at, bool is_new) {
  const std::string& text = sources_.files[file].text;
  text_ += text.size();
  if (text_ > options_.limits.text) {
    return give_up(at, fmt::format("more than {} bytes in all files, each counted as often as it is included",
                                   options_.limits.text));
  }
  reading_.push_back({file, Lexer(text, file, is_new ? &diagnostics_ : nullptr)});
}

bool WordStream::is_skipped_command(const std::string& path) const {
  return path.starts_with('|') && !(options_.allow_commands && options_.commands);
}

void WordStream::warn_of_command(const std::string& path, const Location& at) {
  commands_skipped_ = true;
  const std::string message = fmt::format(
      "the output of \"{}\" is left out: Bacula runs this command, shstore runs no commands from a "
      "configuration",
      path.substr(1));
  diagnostics_.add(Severity::warning, at, message, Diagnostic::Kind::not_run);
}

bool WordStream::includes_itself(const std::string& path) const {
  return std::any_of(reading_.begin(), reading_.end(),
                     [&](const Reading& reading) { return sources_.files[reading.file].path == path; });
}

/// "a.conf -> b.conf -> a.conf"
std::string WordStream::chain(const std::string& path) const {
  std::string result;
  for (const Reading& reading : reading_) result += sources_.files[reading.file].path + " -> ";
  return result + path;
}

void WordStream::give_up(const Location& at, std::string message) {
  diagnostics_.add(Severity::error, at, std::move(message), Diagnostic::Kind::unreadable);
  stop();
}

}  // namespace shstore::config
