#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director || !site.director->director) return;
  const Value<uint32_t>& most = site.director->director->maximum_concurrent_jobs;
  if (!most.given || *most != 1) return;
  for (const DirStorage& storage : site.director->storages) {
    if (!storage.maximum_concurrent_jobs.given || *storage.maximum_concurrent_jobs <= *most) continue;
    Finding& finding =
        report.add(place(*site.director, most),
                   fmt::format("the Director runs 1 job at a time, so that the {} of Storage \"{}\" are never used",
                               *storage.maximum_concurrent_jobs, *storage.name),
                   "write a larger Maximum Concurrent Jobs in the Director resource, or remove it: 20 is the default");
    finding.notes.push_back({place(*site.director, storage.maximum_concurrent_jobs), "the Storage's is here"});
    return;
  }
}

}  // namespace

const Rule shs060{"SHS060", Level::warning, "the Director runs one job at a time", check,
                  R"(What: The Director resource has Maximum Concurrent Jobs = 1, and a Storage of it has more.

Why: Each of the limits in Director, Client, Job and Storage counts, and the smallest wins. With 1 in the
Director all jobs run one after the other, and the second drive stands idle.

Example:
    Director { Name = bacula-dir; Maximum Concurrent Jobs = 1; ... }
    Autochanger { Name = Changer-1; Maximum Concurrent Jobs = 10; ... }

Fix: Director { Name = bacula-dir; Maximum Concurrent Jobs = 20; ... }

Source: Maximum Concurrent Jobs in gui/baculum/protected/Web/Data/dir_docs.html of Bacula's source; the default was
raised from 1 to 20 for this (ReleaseNotes), and older files have the 1 still.)"};

}  // namespace shstore::config::lint
