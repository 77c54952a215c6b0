// Names of resources: none given twice, and none referred to that does not exist.
#pragma once

#include <span>

#include "config/resource_reader.h"

namespace shstore::config {

/// Bacula compares names of resources letter by letter (lib/res.c, GetResWithName).
void check_names(std::span<const TypedResource> resources, Findings& findings);

}  // namespace shstore::config
