// The files of this machine.
#pragma once

#include <memory>

#include "config/lint/rule.h"

namespace shstore::config::lint {

/// Follows symbolic links. A file that cannot be looked at does not exist. Numbers of users and groups without a name
/// stay numbers.
std::unique_ptr<Surroundings> disk_surroundings();

}  // namespace shstore::config::lint
