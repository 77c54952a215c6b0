// The page of `--html`: one file with everything in it, without scripts, that a browser and an XML parser both read. No I/O.
#pragma once

#include <string>

#include "status/page/page.h"

namespace shstore::status {

std::string to_html(const Page& page);

}  // namespace shstore::status
