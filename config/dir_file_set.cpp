#include "config/dir_file_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <regex.h>

#include <algorithm>
#include <array>

#include "config/dropped.h"
#include "config/raw_words.h"
#include "config/spelling.h"
#include "config/values.h"

namespace shstore::config {
namespace {

using namespace std::string_view_literals;
using Kind = FileSetOption::Kind;

constexpr size_t kMostLetters = 49;  // MAX_FOPTS less the end of the string

// inc_conf.c, options_items[].
constexpr std::array kOptions = {FileSetOption{"Compression", "Compression", Kind::letters},
                                 FileSetOption{"Signature", "Signature", Kind::letters},
                                 FileSetOption{"One FS", "OneFs", Kind::letters},
                                 FileSetOption{"Recurse", "Recurse", Kind::letters},
                                 FileSetOption{"Sparse", "Sparse", Kind::letters},
                                 FileSetOption{"Dedup", "Dedup", Kind::letters, 0, 11},
                                 FileSetOption{"Hard Links", "HardLinks", Kind::letters},
                                 FileSetOption{"Replace", "Replace", Kind::letters},
                                 FileSetOption{"Portable", "Portable", Kind::letters},
                                 FileSetOption{"Mtime Only", "MtimeOnly", Kind::letters},
                                 FileSetOption{"Keep Atime", "KeepAtime", Kind::letters},
                                 FileSetOption{"Exclude", "Exclude", Kind::letters},
                                 FileSetOption{"ACL Support", "AclSupport", Kind::letters},
                                 FileSetOption{"Ignore Case", "IgnoreCase", Kind::letters},
                                 FileSetOption{"HFS Plus Support", "HfsPlusSupport", Kind::letters},
                                 FileSetOption{"No Atime", "NoAtime", Kind::letters},
                                 FileSetOption{"Enhanced Wild", "EnhancedWild", Kind::letters},
                                 FileSetOption{"Check File Changes", "CheckFileChanges", Kind::letters},
                                 FileSetOption{"Honor No Dump Flag", "HonorNoDumpFlag", Kind::letters},
                                 FileSetOption{"Xattr Support", "XattrSupport", Kind::letters},
                                 FileSetOption{"Read Fifo", "ReadFifo", Kind::letters},
                                 FileSetOption{"Base Job", "BaseJob", Kind::text, 'J'},
                                 FileSetOption{"Accurate", "Accurate", Kind::text, 'C'},
                                 FileSetOption{"Verify", "Verify", Kind::text, 'V'},
                                 FileSetOption{"Strip Path", "StripPath", Kind::text, 'P'},
                                 FileSetOption{"Regex", "Regex", Kind::regex},
                                 FileSetOption{"Regex Dir", "RegexDir", Kind::regex},
                                 FileSetOption{"Regex File", "RegexFile", Kind::regex},
                                 FileSetOption{"Base", "Base", Kind::word},
                                 FileSetOption{"Wild", "Wild", Kind::pattern},
                                 FileSetOption{"Wild Dir", "WildDir", Kind::pattern},
                                 FileSetOption{"Wild File", "WildFile", Kind::pattern},
                                 FileSetOption{"Plugin", "Plugin", Kind::word},
                                 FileSetOption{"FS Type", "FsType", Kind::list},
                                 FileSetOption{"Drive Type", "DriveType", Kind::list}};

// inc_conf.c, FS_options[]. Read FIFO comes before Portable there, but each option looks at its own words only.
constexpr auto kLetters = std::to_array<FileSetLetters>({{"Signature", "Md5", "M"},
                                                         {"Signature", "Sha1", "S"},
                                                         {"Signature", "Sha256", "S2"},
                                                         {"Signature", "Sha512", "S3"},
                                                         {"Signature", "Xxhash64", "S5", 15},
                                                         {"Signature", "Xxh3_64", "S6", 15},
                                                         {"Signature", "Xxh3_128", "S7", 15},
                                                         {"Compression", "Gzip", "Z6"},
                                                         {"Compression", "Gzip1", "Z1"},
                                                         {"Compression", "Gzip2", "Z2"},
                                                         {"Compression", "Gzip3", "Z3"},
                                                         {"Compression", "Gzip4", "Z4"},
                                                         {"Compression", "Gzip5", "Z5"},
                                                         {"Compression", "Gzip6", "Z6"},
                                                         {"Compression", "Gzip7", "Z7"},
                                                         {"Compression", "Gzip8", "Z8"},
                                                         {"Compression", "Gzip9", "Z9"},
                                                         {"Compression", "Lzo", "Zo"},
                                                         {"Compression", "zstd", "Zs", 15},
                                                         {"Compression", "zstd3", "Zs", 15},
                                                         {"Compression", "zstd1", "Zr", 15},
                                                         {"Compression", "zstd10", "Zu", 15},
                                                         {"Compression", "zstd19", "Zt", 15},
                                                         {"Dedup", "Storage", "d1"},
                                                         {"Dedup", "BothSides", "d2"},
                                                         {"Dedup", "None", "d0"},
                                                         {"OneFs", "No", "f"},
                                                         {"OneFs", "Yes", "0"},
                                                         {"Recurse", "No", "h"},
                                                         {"Recurse", "Yes", "0"},
                                                         {"Sparse", "Yes", "s"},
                                                         {"Sparse", "No", "0"},
                                                         {"HardLinks", "No", "H"},
                                                         {"HardLinks", "Yes", "0"},
                                                         {"Replace", "Always", "a"},
                                                         {"Replace", "IfNewer", "w"},
                                                         {"Replace", "Never", "n"},
                                                         {"ReadFifo", "Yes", "r"},
                                                         {"ReadFifo", "No", "0"},
                                                         {"Portable", "Yes", "p"},
                                                         {"Portable", "No", "0"},
                                                         {"MtimeOnly", "Yes", "m"},
                                                         {"MtimeOnly", "No", "0"},
                                                         {"KeepAtime", "Yes", "k"},
                                                         {"KeepAtime", "No", "0"},
                                                         {"Exclude", "Yes", "e"},
                                                         {"Exclude", "No", "0"},
                                                         {"AclSupport", "Yes", "A"},
                                                         {"AclSupport", "No", "0"},
                                                         {"IgnoreCase", "Yes", "i"},
                                                         {"IgnoreCase", "No", "0"},
                                                         {"HfsPlusSupport", "Yes", "R"},
                                                         {"HfsPlusSupport", "No", "0"},
                                                         {"NoAtime", "Yes", "K"},
                                                         {"NoAtime", "No", "0"},
                                                         {"EnhancedWild", "Yes", "K"},
                                                         {"EnhancedWild", "No", "0"},
                                                         {"CheckFileChanges", "Yes", "c"},
                                                         {"CheckFileChanges", "No", "0"},
                                                         {"HonorNoDumpFlag", "Yes", "N"},
                                                         {"HonorNoDumpFlag", "No", "0"},
                                                         {"XattrSupport", "Yes", "X"},
                                                         {"XattrSupport", "No", "0"}});

constexpr std::array kBlockDirectives = {"File"sv, "Plugin"sv, "Exclude Dir Containing"sv, "Options"sv};

/// What regcomp() has against a pattern; empty if nothing. Repetitions of repetitions are not tried: they may take
/// more memory than there is.
std::string problem_of_regex(const std::string& pattern) {
  if (std::count(pattern.begin(), pattern.end(), '{') > 1) return {};
  regex_t compiled;
  const int error = ::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  std::array<char, 200> text{};
  if (error != 0) ::regerror(error, &compiled, text.data(), text.size());
  if (error == 0) ::regfree(&compiled);
  return text.data();
}

class FileSetReader {
 public:
  FileSetReader(bool is_exclude, Diagnostics& diagnostics) : is_exclude_(is_exclude), diagnostics_(diagnostics) {}

  FileSetBlock run(const Directive& directive) {
    result_.at = directive.at;
    if (directive.has_equals || directive.block.empty()) {
      complain(directive.at, fmt::format("{}: expected a block, with no = before its {{; the old form is gone since "
                                         "Bacula 1.36",
                                         directive.name));
      return result_;
    }
    for (const Directive& inner : directive.block[0].directives) read(inner);
    return std::move(result_);
  }

 private:
  void read(const Directive& directive) {
    const std::string_view name = directive.name;
    if (directive.broken) return;
    if (same_name(name, "Options")) return read_options(directive);
    if (same_name(name, "File")) return read_file(directive, result_.files);
    if (same_name(name, "Plugin")) return not_in_exclude(directive) ? read_file(directive, result_.plugins) : void();
    if (same_name(name, "Exclude Dir Containing")) {
      if (!not_in_exclude(directive)) return;
      const auto value = to_strname(directive.values);
      if (!value) return complain(place(directive), fmt::format("{}: {}", name, value.error()));
      result_.exclude_dir_containing = std::string(*value);
      return report_dropped(directive, 1, false, diagnostics_);
    }
    unknown(directive, is_exclude_ ? "Exclude" : "Include", kBlockDirectives);
  }

  bool not_in_exclude(const Directive& directive) {
    if (is_exclude_) complain(directive.at, fmt::format("{} is not allowed in an Exclude block", directive.name));
    return !is_exclude_;
  }

  void read_file(const Directive& directive, std::vector<Token>& into) {
    const auto value = to_string(directive.values);
    if (!value) return complain(place(directive), fmt::format("{}: {}", directive.name, value.error()));
    report_dropped(directive, 1, false, diagnostics_);
    const Token& word = directive.values[0];
    if (word.kind != Token::Kind::quoted && word.text.find('\\') != std::string::npos) {
      return complain(word.at,
                      fmt::format("{}: a name with a backslash must be quoted, or written with /", directive.name));
    }
    into.push_back(word);
  }

  void read_options(const Directive& directive) {
    if (!not_in_exclude(directive)) return;
    if (directive.has_equals || directive.block.empty()) {
      return complain(directive.at, "Options: expected a block, with no = before its {");
    }
    result_.options.emplace_back().at = directive.at;
    for (const Directive& option : directive.block[0].directives) {
      if (!option.broken) read_option(option);
    }
  }

  void read_option(const Directive& directive) {
    const auto found = std::find_if(kOptions.begin(), kOptions.end(), [&](const FileSetOption& option) {
      return same_name(directive.name, option.name);
    });
    if (found == kOptions.end()) {
      std::vector<std::string_view> known;
      for (const FileSetOption& option : kOptions) known.push_back(option.name);
      return unknown(directive, "Options", known);
    }
    if (!directive.block.empty()) return complain(directive.at, fmt::format("{}: expected a value", directive.name));
    switch (found->kind) {
      case Kind::letters:
      case Kind::text: return read_letters(*found, directive);
      case Kind::list: return read_list(*found, directive);
      case Kind::word: return read_word(*found, directive, to_strname(directive.values));
      case Kind::pattern: return read_word(*found, directive, to_string(directive.values));
      case Kind::regex: return read_regex(*found, directive);
    }
  }

  void read_letters(const FileSetOption& option, const Directive& directive) {
    const std::vector<RawWord> words = words_of_raw(directive);
    if (words.empty() || words[0].kind > RawWord::Kind::quoted) {
      return complain(place(directive), fmt::format("{}: the value is missing", directive.name));
    }
    const std::string& value = words[0].text;
    report_rest(directive, words);
    if (option.since > 9) diagnostics_.depends(directive.at, fmt::format("{} in Options", option.name), option.since);
    std::string more;
    if (option.kind == Kind::text) {
      const bool is_number = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
      if (option.letter == 'P' && !is_number) {
        return complain(words[0].at, fmt::format("{}: expected a number, found \"{}\"", directive.name, value));
      }
      more = fmt::format("{}{}:", option.letter, value);
      check_letters(option, words[0]);
    } else if (const auto* const entry = find_letters(option, value)) {
      more = entry->letters;
      if (entry->since > option.since) {
        diagnostics_.depends(words[0].at, fmt::format("{} = {}", option.name, value), entry->since);
      }
    } else {
      return complain(words[0].at, fmt::format("{}: expected one of {}, found \"{}\"", directive.name,
                                               fmt::join(words_of(option), ", "), value));
    }
    std::string& all = result_.options.back().letters;
    all.append(more, 0, kMostLetters - std::min(all.size(), kMostLetters));
    result_.given.insert(option.shown);
  }

  /// Bacula 9.6.7 takes any text and uses the letters that it knows; versions from 11 on refuse the others (inc_conf.c).
  /// Those are the letters of 15.0.3, tried one by one.
  void check_letters(const FileSetOption& option, const RawWord& word) {
    const std::string_view allowed = option.letter == 'V'   ? "acdgimnpsuV1235"
                                     : option.letter == 'P' ? "0123456789"
                                                            : "acdgimnopsuACJM1235";
    if (word.text.find_first_not_of(allowed) == std::string::npos) return;
    diagnostics_.depends(word.at, fmt::format("{} = {}", option.name, word.text), 9, 11);
  }

  void report_rest(const Directive& directive, const std::vector<RawWord>& words) {
    if (words.size() < 2) return;
    const bool names_next = words.size() > 2 && words[2].kind == RawWord::Kind::equals;
    add_dropped(words[1].at, fmt::format("the value of \"{}\"", directive.name), names_next ? words[1].text : "",
                words[1].text, diagnostics_);
  }

  static const FileSetLetters* find_letters(const FileSetOption& option, std::string_view word) {
    const auto found = std::find_if(kLetters.begin(), kLetters.end(), [&](const FileSetLetters& entry) {
      return entry.option == option.shown && equal_ignoring_case(entry.word, word);
    });
    return found == kLetters.end() ? nullptr : &*found;
  }

  static std::vector<std::string_view> words_of(const FileSetOption& option) {
    std::vector<std::string_view> result;
    for (const FileSetLetters& entry : kLetters) {
      if (entry.option == option.shown) result.push_back(entry.word);
    }
    return result;
  }

  void read_list(const FileSetOption& option, const Directive& directive) {
    Words words = directive.values;
    for (;;) {
      const auto value = to_string(words);
      if (!value) return complain(place(directive), fmt::format("{}: {}", directive.name, value.error()));
      result_.options.back().lists[option.shown].emplace_back(*value);
      if (words[0].follow != ',') return;
      words = words.subspan(1);
    }
  }

  void read_word(const FileSetOption& option, const Directive& directive, const Parsed<std::string_view>& value) {
    if (!value) return complain(place(directive), fmt::format("{}: {}", directive.name, value.error()));
    report_dropped(directive, 1, false, diagnostics_);
    auto& list = result_.options.back().lists[option.shown];
    if (option.shown == "Plugin") list.clear();  // Bacula keeps the last one
    list.emplace_back(*value);
  }

  void read_regex(const FileSetOption& option, const Directive& directive) {
    const auto value = to_string(directive.values);
    const std::string problem = value ? problem_of_regex(std::string(*value)) : std::string();
    if (!problem.empty()) {
      return complain(place(directive),
                      fmt::format("{}: this regular expression is wrong: {}", directive.name, problem));
    }
    read_word(option, directive, value);
  }

  void unknown(const Directive& directive, std::string_view where, std::span<const std::string_view> known) {
    diagnostics_.add(
        Severity::error, directive.at,
        fmt::format("unknown directive \"{}\" in {}{}", directive.name, where, did_you_mean(directive.name, known)),
        Diagnostic::Kind::unknown_directive);
  }

  static const Location& place(const Directive& directive) {
    return directive.values.empty() ? directive.at : directive.values[0].at;
  }

  void complain(const Location& at, std::string message) { diagnostics_.add(Severity::error, at, std::move(message)); }

  bool is_exclude_;
  Diagnostics& diagnostics_;
  FileSetBlock result_;
};

}  // namespace

std::span<const FileSetOption> file_set_options() { return kOptions; }

std::span<const FileSetLetters> file_set_letters() { return kLetters; }

FileSetBlock read_file_set_block(const Directive& directive, bool is_exclude, Diagnostics& diagnostics) {
  return FileSetReader(is_exclude, diagnostics).run(directive);
}

}  // namespace shstore::config
