// Repairs a configuration in memory: checks it, applies the fixes of the findings, checks again, until
// nothing more can be fixed. No I/O but through the reader that is given.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/lint/fix/finding.h"
#include "config/lint/fix/write_files.h"
#include "config/sd_config.h"

namespace shstore::config::lint {

struct Checked {
  std::vector<Finding> findings;
  size_t parse_errors = 0;  ///< what Bacula's parser would refuse; a fix must never add to it
};

/// Loads everything through the reader and checks it; called once a round.
using Check = std::function<Checked(FileReader&)>;

/// Two paths of one file have the same identity.
using Identity = std::function<std::string(const std::string&)>;
/// By the file system: links followed.
std::string canonical_path(const std::string& path);

struct Repair {
  std::vector<FileChange> changes;  ///< by path, as it was first opened
  std::vector<Finding> fixed;       ///< in the order of the fixing; their places are those of the text at that time
  std::vector<Finding> remaining;   ///< of the text after the last round
  /// Sentences for the administrator about what did not go as it should; empty as a rule.
  std::vector<std::string> notes;
};

/// At most ten rounds. What overlaps another fix waits for the next round. A finding that is still there
/// after its fix is not fixed a second time, and a round that makes the parser complain is undone: both are
/// defects of a rule, and noted.
Repair repair(FileReader& reader, const Check& check, const Identity& identity = canonical_path);

/// "/etc/bacula/bacula-sd.conf:12:3: fixed SHS007: set AlwaysOpen to no", one line for each.
std::string fixed_text(const std::vector<Finding>& fixed);

/// What all of `changes` change, as unified_diff() shows it.
std::string diff_text(const std::vector<FileChange>& changes, bool color);

}  // namespace shstore::config::lint
