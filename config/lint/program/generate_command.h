// shstore-lint --generate: configuration files out of inventories.
#pragma once

#include "config/lint/program/options.h"
#include "config/lint/program/run.h"
#include "config/lint/program/world.h"

namespace shstore::config::lint {

/// Prints the files, each behind a line `# ==== PATH`, or writes them below Options::into, where none of them may be yet:
/// readable by their owner and group only, since there are passwords and keys in them.
ExitStatus generate_files(const Options& options, World& world);

}  // namespace shstore::config::lint
