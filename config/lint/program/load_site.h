// From the command line to the site: which files belong together, and reading them.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/lint/program/options.h"
#include "config/lint/program/texts.h"
#include "config/lint/program/world.h"
#include "config/site.h"

namespace shstore::config::lint {

/// `[HOST=]FILE[:storage-ctl.conf][@VERSION]`, taken apart. A name with =, : or @ in it is a file's if there is such a file.
struct SdArgument {
  std::string host, file, storage_ctl;
  std::optional<int> version;
};
SdArgument parse_sd_argument(const std::string& written, const Surroundings& disk);

struct LoadedSite {
  Site site;
  Texts texts;
  size_t files = 0;
  /// Files asked for that cannot be read, or of which nothing can be understood: the reason to exit with status 2. What
  /// is wrong with them is among the findings.
  std::vector<std::string> unusable;
  /// Sentences that say what was assumed because nobody told it.
  std::vector<std::string> assumed;
};

/// Of each SD:
/// - It is here if --here says so, else if its Working Directory exists on this machine and its host's name, where it is
///   known, is this machine's; of several SDs with the same Working Directory only one whose host is known to be this.
/// - storage-ctl.conf is the one given; else, if the SD is here, that of the storage-ctl of its Lock Commands; else the
///   one beside bacula-sd.conf; else there is none.
/// - The inventory is the one given for its host, else the one of its host; a single SD without a host's name takes
///   a single inventory, and its host's name with it.
/// - The version is the one behind @; else --bacula-version; else, if the SD is here, that of the installed libbacsd-*.so;
///   else its inventory's; else the oldest that knows all directives and values of the file. Nothing is run to find it out.
/// Errors: an inventory that cannot be read or understood, or that is of no SD's host.
tl::expected<LoadedSite, std::string> load_site(const Options& options, World& world);

}  // namespace shstore::config::lint
