// Comments that silence findings:
//
//     Drive Index = 0    # shstore-lint: ignore SHS001 -- the library numbers its drives so
//
//     # shstore-lint: ignore SHS007, SHS008 -- not shared
//     Always Open = yes
//
// Behind something it is for its own line; on a line of its own it is for the next line that is more than a comment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/lint/fix/finding.h"

namespace shstore::config::lint {

struct Ignore {
  Place at;           ///< the comment, from `shstore-lint` on
  uint32_t line = 0;  ///< whose findings it silences; 0 if there is no such line
  std::vector<std::string> codes;
  std::string problem;  ///< why it cannot be used, for an administrator; empty: it can
};

/// Linear in the text's length. A `#` between quotes begins no comment; a quote that spans lines is not followed.
std::vector<Ignore> find_ignores(const std::string& path, std::string_view text);

struct Kept {
  std::vector<Finding> findings;  ///< those that no comment silences, in their order
  /// Comments or parts of them that silence nothing.
  struct Unused {
    const Ignore* ignore = nullptr;
    std::string code;
  };
  std::vector<Unused> unused;
};

/// Comments with a problem silence nothing and are not among the unused.
Kept apply_ignores(std::vector<Finding> findings, const std::vector<Ignore>& ignores);

}  // namespace shstore::config::lint
