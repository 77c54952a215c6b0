#include "config/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace shstore::config {
namespace {

constexpr size_t deepest_include = 32;
constexpr size_t most_includes = 10'000;
constexpr size_t most_words = 4'000'000;
constexpr size_t largest_file = size_t{64} << 20;

/// Bacula's bfgets(): CR LF and a lone CR end a line, too.
std::string with_unix_line_ends(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      result += text[i];
      continue;
    }
    result += '\n';
    if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  if (!result.empty() && result.back() != '\n') result += '\n';
  return result;
}

/// What is wrong with the file as a whole, or an empty string.
std::string unreadable(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return "this file is UTF-16, which Bacula cannot read: save it as UTF-8, for example with iconv";
  }
  if (text.size() > largest_file) return "this file is larger than 64 MiB";
  return {};
}

class SourceReader {
 public:
  explicit SourceReader(FileReader& reader) : reader_(reader) {}

  Source run(const std::string& path) {
    const uint32_t main = file_number(path);
    auto text = reader_.read(path);
    if (text) {
      load(main, *text);
      begin(main);
    } else {
      complain({main, 0, 0}, text.error());
    }
    while (!reading_.empty()) step();
    return std::move(source_);
  }

 private:
  /// A file of which the words up to `next` were copied.
  struct Reading {
    uint32_t file;
    size_t next;
  };

  uint32_t file_number(const std::string& path) {
    const auto [entry, is_new] = numbers_.try_emplace(path, static_cast<uint32_t>(source_.files.size()));
    if (is_new) {
      source_.files.push_back(path);
      source_.texts.emplace_back();
      lexemes_.emplace_back();
    }
    return entry->second;
  }

  void load(uint32_t file, std::string_view text) {
    const std::string problem = unreadable(text);
    if (!problem.empty()) return complain({file, 0, 0}, problem);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    source_.texts[file] = with_unix_line_ends(text);
    blank_out_nul_bytes(file);
    LexedFile lexed = lex(source_.texts[file], file);
    lexemes_[file] = std::move(lexed.lexemes);
    std::move(lexed.diagnostics.begin(), lexed.diagnostics.end(), std::back_inserter(source_.diagnostics));
  }

  /// Bacula takes a NUL for the end of the line, so what follows on the line is lost without a word.
  void blank_out_nul_bytes(uint32_t file) {
    std::string& text = source_.texts[file];
    const size_t nul = text.find('\0');
    if (nul == std::string::npos) return;
    const auto head = text.begin() + static_cast<std::ptrdiff_t>(nul);
    const auto line = static_cast<uint32_t>(std::count(text.begin(), head, '\n') + 1);
    const size_t line_start = nul == 0 ? 0 : text.rfind('\n', nul - 1) + 1;
    complain({file, line, static_cast<uint32_t>(nul - line_start + 1)},
             "a NUL byte: this is not a text file, or it was damaged", Diagnostic::Kind::syntax);
    std::replace(head, text.end(), '\0', ' ');
  }

  void begin(uint32_t file) { reading_.push_back({file, 0}); }

  void step() {
    Reading& reading = reading_.back();
    if (reading.next == lexemes_[reading.file].size() || full_) {
      reading_.pop_back();
      return;
    }
    const Lexeme& lexeme = lexemes_[reading.file][reading.next++];
    if (lexeme.kind == LexemeKind::include) {
      const Lexeme include = lexeme;  // load() may move the vector it is in
      return take_in(include);
    }
    if (source_.lexemes.size() == most_words) {
      full_ = true;
      return complain(lexeme.at, fmt::format("more than {} words in all included files", most_words));
    }
    source_.lexemes.push_back(lexeme);
  }

  void take_in(const Lexeme& include) {
    if (include.text.starts_with('|')) return leave_out_command(include);
    if (include.text.empty()) return complain(include.at, "a file name must follow the @", Diagnostic::Kind::syntax);
    if (includes_itself(include.text)) {
      return complain(include.at, fmt::format("{} includes itself: {}", include.text, chain(include.text)));
    }
    if (reading_.size() > deepest_include) {
      return complain(include.at, fmt::format("includes are nested more than {} deep", deepest_include));
    }
    if (++includes_ > most_includes) {
      full_ = true;
      return complain(include.at, fmt::format("more than {} includes", most_includes));
    }
    if (numbers_.contains(include.text)) return begin(numbers_.at(include.text));
    auto text = reader_.read(include.text);
    if (!text) return complain(include.at, text.error());
    const uint32_t file = file_number(include.text);
    load(file, *text);
    begin(file);
  }

  void leave_out_command(const Lexeme& include) {
    source_.commands_skipped = true;
    const std::string message = fmt::format(
        "the output of \"{}\" is left out: Bacula runs this command, shstore runs no commands from a "
        "configuration",
        include.text.substr(1));
    source_.diagnostics.push_back({Severity::warning, include.at, message, Diagnostic::Kind::not_run});
  }

  bool includes_itself(const std::string& path) const {
    return std::any_of(reading_.begin(), reading_.end(),
                       [&](const Reading& reading) { return source_.files[reading.file] == path; });
  }

  /// "a.conf -> b.conf -> a.conf"
  std::string chain(const std::string& path) const {
    std::string result;
    for (const Reading& reading : reading_) result += source_.files[reading.file] + " -> ";
    return result + path;
  }

  void complain(const Location& at, std::string message,
                Diagnostic::Kind kind = Diagnostic::Kind::unreadable) {
    source_.diagnostics.push_back({Severity::error, at, std::move(message), kind});
  }

  FileReader& reader_;
  Source source_;
  std::map<std::string, uint32_t> numbers_;   ///< of files by path
  std::vector<std::vector<Lexeme>> lexemes_;  ///< of each file, includes still in it
  std::vector<Reading> reading_;              ///< the file at the bottom includes the one above, and so on
  size_t includes_ = 0;
  bool full_ = false;
};

}  // namespace

Source read_source(const std::string& path, FileReader& reader) {
  return SourceReader(reader).run(path);
}

Document to_document(Source&& source, const DirectiveTable& directives) {
  Document document;
  document.files = std::move(source.files);
  document.diagnostics = std::move(source.diagnostics);
  document.commands_skipped = source.commands_skipped;
  parse(source.lexemes, source.texts, directives, document);
  const auto sources = std::make_shared<Sources>();
  for (size_t i = 0; i < source.texts.size(); ++i) {
    sources->files.push_back({document.files[i], std::move(source.texts[i])});
  }
  document.sources = sources;
  return document;
}

}  // namespace shstore::config
