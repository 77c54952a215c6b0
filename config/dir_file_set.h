// The Include and Exclude blocks of a Fileset (dird/inc_conf.c).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/document.h"

namespace shstore::config {

/// A directive of an Options block.
struct FileSetOption {
  enum class Kind {
    letters,  ///< one of several words, each of which stands for one or two letters (store_opts)
    text,     ///< a letter and the text up to a colon: `Vpins5:` (store_lopts)
    word,     ///< (store_base, store_plugin)
    pattern,  ///< (store_wild)
    regex,    ///< a POSIX extended regular expression (store_regex)
    list,     ///< (store_fstype, store_drivetype)
  };
  std::string_view name;   ///< "One FS"
  std::string_view shown;  ///< "OneFs", as Bacula's JSON tools write it
  Kind kind = Kind::letters;
  char letter = 0;  ///< of a text
  int since = 9;    ///< as DirectiveInfo::since
};

/// In Bacula's order.
std::span<const FileSetOption> file_set_options();

/// A word that an option of kind `letters` may be, and what it becomes.
struct FileSetLetters {
  std::string_view option;  ///< FileSetOption::shown
  std::string_view word, letters;
  int since = 9;  ///< as DirectiveInfo::since
};

/// In Bacula's order, which matters: the JSON tools show the first whose letters occur.
std::span<const FileSetLetters> file_set_letters();

struct FileSetOptions {
  Location at;
  std::string letters;  ///< of all options of the kinds letters and text, one behind the other; Bacula keeps 49
  std::map<std::string_view, std::vector<std::string>> lists;  ///< the other kinds, by FileSetOption::shown
};

/// An Include or Exclude block.
struct FileSetBlock {
  Location at;
  std::vector<Token> files, plugins;
  std::optional<std::string> exclude_dir_containing;
  std::vector<FileSetOptions> options;
  std::set<std::string_view> given;  ///< FileSetOption::shown of the options in any of `options`
};

/// Errors go to `diagnostics`; what is wrong is left out.
FileSetBlock read_file_set_block(const Directive& directive, bool is_exclude, Diagnostics& diagnostics);

}  // namespace shstore::config
