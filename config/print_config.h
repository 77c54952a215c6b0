// A configuration as JSON, in the shape that Bacula's bsdjson and bdirjson give it: only what is written in the file,
// resource type by resource type in Bacula's order, resources by name, directives in the order of the directive
// table. Sources: stored/bsdjson.c, dird/bdirjson.c and lib/bjson.c of 9.6.7.
//
// Passwords and keys are shown in clear, as Bacula's tools show them, unless PrintOptions::mask_secrets.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/directives.h"
#include "config/document.h"
#include "config/reading.h"

namespace shstore::config {

struct PrintOptions {
  bool only_data = false;      ///< -D: `{"Name": ...}` instead of `{"Device": {"Name": ...}}`
  bool apply_job_defs = true;  ///< a Job shows what it takes from its JobDefs; false: -R
  bool mask_secrets = false;   ///< passwords and keys become "*"
  /// What this version refuses is an error: 9, 11, 13 or 15, or 0 for any.
  int version = 0;
  bool may_be_a_part =
      true;  ///< false: what no Bacula knows, and a resource that is missing, is refused as Bacula does
  LoadOptions load{};
};

struct PrintedConfig {
  std::string json;  ///< a list of resources, indented by two, with a line end. Something is missing if has_errors()
  std::vector<std::string> files;  ///< for Location::file
  std::vector<Diagnostic> diagnostics;

  bool has_errors() const;
};

/// Host names stay as written, where Bacula's tools show the address they resolve to. What Bacula's tools do not show
/// for a fault of their own is not shown here either: they are to be comparable. Bytes that are not UTF-8 become
/// U+FFFD.
PrintedConfig print_resources(Program program, const std::string& path, FileReader& reader,
                              const PrintOptions& options = {});

/// Why there is no JSON.
struct Unprintable {
  std::vector<std::string> files;
  std::vector<Diagnostic> diagnostics;
};

/// The JSON, or all diagnostics if one of them is an error (see also PrintOptions::may_be_a_part): what Bacula refuses has
/// no JSON.
tl::expected<std::string, Unprintable> print_config(Program program, const std::string& path, FileReader& reader,
                                                    const PrintOptions& options = {});

}  // namespace shstore::config
