#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/library.h"
#include "config/lint/rules/rules.h"
#include "config/version.h"

namespace shstore::config::lint {
namespace {

bool is_known(const SiteSd& sd) {
  return sd.version.from != BaculaVersion::From::assumed && sd.version.from != BaculaVersion::From::contents;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (const std::vector<ChangerRef>& library : same_libraries(site)) {
    const SiteSd* first = nullptr;
    for (const ChangerRef& changer : library) {
      const SiteSd& sd = site.sds[changer.sd];
      if (!is_known(sd)) continue;
      if (!first) first = &sd;
      if (sd.version.number == first->version.number) continue;
      report.add(place(sd.config, sd.config.autochangers[changer.changer].at),
                 fmt::format("{} runs Bacula {} on this library, {} runs Bacula {}", name_of(sd),
                             to_text(sd.version.number), name_of(*first), to_text(first->version.number)),
                 "upgrade the hosts of one library and the Director together");
    }
  }
}

}  // namespace

const Rule shs057{
    "SHS057", Level::warning, "daemons of different versions use one library", check,
    R"(What: Two Storage Daemons whose versions are known use one library (by their inventories), and the versions differ.

Why: Director and Storage Daemon must be of one version: a Director of 15 refuses an older Storage Daemon, and one
of 9.6 does not tell a newer one what it needs to know. So such a site has two Directors, and neither knows which
tapes the other has written.

Example: --sd alpha=alpha.conf@9.6.7 --sd beta=beta.conf@15.0.3

Fix: Upgrade the hosts of one library together, the Director first.

Source: dird/authenticate.c of 15.0 ("Older Storage daemon at ... incompatible with this Director", DE0031).)"};

}  // namespace shstore::config::lint
