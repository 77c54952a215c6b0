// Reads a configuration file and everything it includes as one sequence of words.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/lexer.h"
#include "config/reading.h"
#include "config/sources.h"

namespace shstore::config {

/// Words in portions, so that memory holds the text and what is made of it, but not all words of it.
///
/// An include's path is opened as written, so a relative one starts at the working directory of the process, not at
/// the including file (lib/lex.c, lex_open_file). Errors: a file that the reader cannot deliver, UTF-16, NUL bytes,
/// files that include each other, includes more than 32 deep or 10,000 in all, more than the limits allow. Without
/// permission `@|command` is not executed: a warning takes its place.
class WordStream {
 public:
  WordStream(const std::string& path, FileReader& reader, const LoadOptions& options, Sources& sources,
             Diagnostics& diagnostics);

  /// The next words, valid until the next call; none at the end. A portion ends where a statement ends, unless it is
  /// the last.
  std::span<const Lexeme> next();

  bool commands_skipped() const { return commands_skipped_; }

  /// Which part of the main file was read, from 0 to 1.
  double progress() const { return reading_.empty() ? 1 : reading_.front().words.progress(); }

  /// Nothing more is to be read: the rest is more than somebody wants.
  void stop() { reading_.clear(); }

 private:
  /// A file whose words are being taken.
  struct Reading {
    uint32_t file = 0;
    Lexer words;
  };

  bool take_word();
  void note_placeholder(const Lexeme& word);
  void take_in(const Lexeme& include);
  bool may_take_in(const std::string& path, const Location& at);
  tl::expected<std::string, std::string> text_of_include(const std::string& path);
  uint32_t add_file(const std::string& path);
  void load(uint32_t file, std::string text);
  void blank_out_nul_bytes(uint32_t file);
  void begin(uint32_t file, const Location& at, bool is_new);
  bool is_skipped_command(const std::string& path) const;
  void warn_of_command(const std::string& path, const Location& at);
  bool includes_itself(const std::string& path) const;
  std::string chain(const std::string& path) const;
  void give_up(const Location& at, std::string message);

  FileReader& reader_;
  const LoadOptions options_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  std::map<std::string, uint32_t> numbers_;  ///< of files by path
  std::vector<Reading> reading_;             ///< the file at the bottom includes the one above, and so on
  std::vector<Lexeme> portion_;
  std::set<std::string> placeholders_;
  size_t includes_ = 0;
  uint64_t text_ = 0, words_ = 0;  ///< how much was read
  bool commands_skipped_ = false;
};

}  // namespace shstore::config
