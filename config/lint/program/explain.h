// The rules themselves, as text: --explain and --list-rules.
#pragma once

#include <string>

#include "config/lint/rule.h"

namespace shstore::config::lint {

std::string explain(const Rule& rule);

/// A table of code, level and title.
std::string list_rules_as_text();
/// Schema "shstore-lint-rules/1".
std::string list_rules_as_json();

}  // namespace shstore::config::lint
