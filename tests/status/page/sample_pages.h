// Pages of sites that are well, large, and in every kind of trouble at once.
#pragma once

#include <string>
#include <vector>

#include "status/page/page.h"

namespace shstore::tests {

struct PageSample {
  std::string file;  ///< html_<file>.html
  std::vector<status::PageSource> sources;
};

/// "two-hosts": cibou and dir with two drives, a job that waits. "broken": a lost lock, a dead daemon, a drive that does
/// not answer, a key that two hosts use. "hostile": names that hold markup and bytes that are no text. "many": four hosts and
/// 24 drives. "quiet": one host, nothing going on.
std::vector<PageSample> page_samples();

}  // namespace shstore::tests
