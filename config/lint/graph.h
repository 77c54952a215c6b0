// A picture of the site: which Storage of the Director means which changer or drive of which host, and which
// drives are one and the same. No I/O.
#pragma once

#include <string>

#include "config/site.h"

namespace shstore::config::lint {

/// A tree in ASCII, for a terminal of 80 columns; long names make it wider.
std::string graph_text(const Site& site);

/// For Graphviz: `shstore-lint --graph=dot ... | dot -Tsvg`.
std::string graph_dot(const Site& site);

}  // namespace shstore::config::lint
