// The rules, one file each.
#pragma once

#include "config/lint/rule.h"

namespace shstore::config::lint {

extern const Rule shs001;

}  // namespace shstore::config::lint
