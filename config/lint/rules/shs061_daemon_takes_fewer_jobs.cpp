#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  std::vector<bool> seen(site.sds.size());
  for (size_t i = 0; i < site.links.size(); ++i) {
    const auto sd = site.links[i].sd;
    const DirStorage& storage = site.director->storages[i];
    if (!sd || seen[*sd] || !storage.maximum_concurrent_jobs.given || !site.sds[*sd].config.storage) continue;
    const Value<uint32_t>& most = site.sds[*sd].config.storage->maximum_concurrent_jobs;
    if (*most == 0 || *storage.maximum_concurrent_jobs <= *most) continue;
    seen[*sd] = true;
    Finding& finding = report.add(
        place(*site.director, storage.maximum_concurrent_jobs),
        fmt::format("Storage \"{}\" sends {} jobs at a time, but {} takes only {}{}", *storage.name,
                    *storage.maximum_concurrent_jobs, name_of(site.sds[*sd]), *most, most.given ? "" : ", its default"),
        fmt::format("write Maximum Concurrent Jobs = {} or more in its Storage resource",
                    uint64_t{*storage.maximum_concurrent_jobs} + 1));
    if (most.given) finding.notes.push_back({place(site.sds[*sd].config, most), "the Storage Daemon's is here"});
  }
}

}  // namespace

const Rule shs061{
    "SHS061", Level::info, "a Storage Daemon takes fewer jobs than the Director sends", check,
    R"(What: Maximum Concurrent Jobs of a Storage of the Director is larger than the one of the Storage Daemon that
it leads to.

Why: bacula-sd serves two connections for each job of its limit, the Director's and the File Daemon's, and one
more. What comes beyond waits in a queue without a word in the Director's log, and "status storage" seems to hang.
The manual counts each contact of the Director as a job, so it advises one more than there are jobs.

Example:
    Storage { Name = alpha-sd; ... }                                   # bacula-sd.conf: 20 is the default
    Autochanger { Name = Changer-1; Maximum Concurrent Jobs = 50; ... }

Fix: Storage { Name = alpha-sd; Maximum Concurrent Jobs = 51; ... }

Source: stored/stored.c, which gives bnet_thread_server() 2 * Maximum Concurrent Jobs + 1 (9.6 to 15.0);
stored/stored_conf.c has 20 as its default; the manual, Maximum Concurrent Jobs of the Storage resource.)"};

}  // namespace shstore::config::lint
