// The command line of shstore-lint.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/lint/fix/finding.h"

namespace shstore::config::lint {

/// `[HOST=]FILE[:storage-ctl.conf][@VERSION]`, as it was written; load_site.h takes it apart, because it must look at files.
struct Options {
  enum class Action { lint, fix, diff, graph, explain, list_rules, print_config, generate };
  Action action = Action::lint;

  std::string dir;                       ///< `FILE[@VERSION]`, bacula-dir.conf; empty: none; "-": standard input
  std::vector<std::string> sds;          ///< `[HOST=]FILE[:storage-ctl.conf][@VERSION]`
  std::vector<std::string> inventories;  ///< `[HOST=]FILE`
  std::string stdin_name;                ///< what standard input is called in findings
  std::optional<bool> is_here;           ///< --here, --not-here
  bool allow_commands = false;
  std::optional<int> bacula_version;  ///< 9 (9.6), 11, 13 or 15
  int upgrade_to = 0;                 ///< the same; 0: no upgrade is to be looked at

  std::string version_word, upgrade_word;  ///< as written, for the two above

  std::vector<std::string> select, ignore;  ///< codes of rules
  Level min_level = Level::info;
  bool error_on_warning = false;
  bool exit_zero = false;

  std::string format = "text";
  enum class Colour { automatic, always, never };
  Colour colour = Colour::automatic;

  std::string explain;                    ///< a rule's code
  std::vector<std::string> print_config;  ///< "sd" or "dir", and a file
  std::string graph = "text";

  /// For Action::generate: see config/generate.h.
  std::string into, director, passwords, working, plugins, scripts;
  std::vector<std::string> addresses;  ///< `HOST=ADDRESS[:PORT]`
};

/// The program is to print `text` and exit with `status`: help, version, or what is wrong with the command line (2).
struct Farewell {
  int status = 0;
  std::string text;
};

/// `words` are the command line without the program's name.
tl::expected<Options, Farewell> parse_options(std::vector<std::string> words);

}  // namespace shstore::config::lint
