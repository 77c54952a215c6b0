// Small sites on the disk, one folder each:
//
//   bacula-dir.conf           the Director's file, if any
//   HOST/bacula-sd.conf       one for each Storage Daemon
//   HOST/storage-ctl.conf     beside it, if any
//   HOST/inventory.json       what the host knows of its hardware, if any
//   files.json                { "here": "HOST", "files": { "/dev/sg0": { "mode": "0660", "owner": "root", ...
//   } } }:
//                             the host that the linter runs on, and all files that exist there
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/lint/rule.h"

namespace shstore::config::lint::testing {

/// Files that exist in a test only.
class ListedFiles : public Surroundings {
 public:
  FileFacts file(const std::string& path) const override;
  std::map<std::string, FileFacts> files;
};

struct Sample {
  Site site;
  ListedFiles files;
  std::string errors;  ///< what Bacula would refuse in the files, one on a line
};

/// Paths in findings are as above: "cibou/bacula-sd.conf". Throws what() of a file that is not as it should
/// be.
Sample load_sample(const std::string& folder);

/// `cibou/bacula-sd.conf:7:3: error[SHS001]: message`, then help and notes on lines of their own.
std::string to_text(const Finding& finding);

/// A text file, or an empty string.
std::string read_text(const std::string& path);

}  // namespace shstore::config::lint::testing
