// Applies edits to the bytes of files: whatever no edit touches stays as it is, byte for byte, comments,
// tabs, line ends and a byte order mark included. No I/O.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/lint/fix/finding.h"

namespace shstore::config::lint {

/// Applies the edits of one file (Place::file is not looked at) to its bytes. Their order does not matter,
/// except that of insertions at one place; equal ones count once. A line end in Edit::text becomes one of the
/// kind that the line has where it is put. Errors: a place that is not in the text, edits that overlap.
tl::expected<std::string, std::string> apply_edits(std::string_view bytes, std::span<const Edit> edits);

struct AppliedFixes {
  std::map<std::string, std::string> files;  ///< the new bytes of the files that change
  std::vector<size_t> applied;               ///< indices of the fixes that were applied
  std::vector<size_t> dropped;  ///< those that overlap one before them, or whose place is not in a known file
};

/// Applies each fix as a whole or not at all, the first come first; a fix equal to one before it counts as
/// applied. `files`: bytes by path as in Place::file.
AppliedFixes apply_fixes(std::span<const Fix> fixes, const std::map<std::string, std::string>& files);

}  // namespace shstore::config::lint
