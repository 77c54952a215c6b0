// shstore-lint from its command line to its exit status.
#pragma once

#include <string>
#include <vector>

#include "config/lint/program/world.h"

namespace shstore::config::lint {

enum class ExitStatus { clean = 0, findings = 1, could_not_run = 2 };

/// `words` are the command line without the program's name. Findings go to World::out, what keeps the program from its
/// work to World::err.
ExitStatus run(const std::vector<std::string>& words, World& world);

}  // namespace shstore::config::lint
