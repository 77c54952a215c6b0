// The page: one file with everything in it, without scripts, that a browser and an XML parser both read; or the same with one
// script beside it that keeps it new. No I/O.
#pragma once

#include <string>

#include "status/page/page.h"

namespace shstore::status {

enum class PageKind {
  file,  ///< of `--html`
  live,  ///< of `--serve`, which has the script at /live.js
};

std::string to_html(const Page& page, PageKind kind = PageKind::file);

}  // namespace shstore::status
