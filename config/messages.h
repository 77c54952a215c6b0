// The destinations of a Messages resource: `director = bacula-dir = all, !skipped` (lib/parse_conf.c,
// store_msgs).
#pragma once

#include <optional>
#include <string>

#include "config/document.h"

namespace shstore::config {

struct MessagesProblem {
  Location at;
  std::string message;
};

/// What is wrong with a destination, if anything.
std::optional<MessagesProblem> check_destination(const Directive& directive);

}  // namespace shstore::config
