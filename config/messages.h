// The destinations of a Messages resource: `director = bacula-dir = all, !skipped` (lib/parse_conf.c,
// store_msgs).
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/document.h"

namespace shstore::config {

struct MessagesProblem {
  Location at;
  std::string message;
};

struct MessageType {
  std::string_view name;  ///< in Bacula's spelling
  bool is_not = false;    ///< `!skipped`
};

/// `director = bacula-dir = all, !skipped`
struct MessageDestination {
  std::vector<std::string> addresses;  ///< of a file: one; of a destination such as the console: none
  std::vector<MessageType> types;
  size_t words = 0;  ///< of the directive's values that this takes
  /// Types that only newer versions know.
  struct Newer {
    std::string_view type;
    int since = 0;
    Location at;
  };
  std::vector<Newer> newer;
};

/// Takes a destination apart, or says what is wrong with it.
tl::expected<MessageDestination, MessagesProblem> read_destination(const Directive& directive);

}  // namespace shstore::config
