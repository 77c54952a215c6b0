#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  for (const DirJob& job : site.director->jobs) {
    if (!job.prefer_mounted_volumes.given || *job.prefer_mounted_volumes) continue;
    report.add(place(*site.director, job.prefer_mounted_volumes),
               fmt::format("{} \"{}\" has Prefer Mounted Volumes = no: two jobs may wait for each other's drive",
                           job.is_job_defs ? "JobDefs" : "Job", *job.name),
               "remove it, and let jobs that must not share a drive use Pools of their own");
  }
}

}  // namespace

const Rule shs065{"SHS065", Level::warning, "Prefer Mounted Volumes = no", check,
                  R"(What: A Job or JobDefs has Prefer Mounted Volumes = no.

Why: Jobs then look for a drive of their own first. Bacula's authors warn of it: two jobs may each hold a
drive and want the Volume that is in the other's. With drives that hosts share it is worse, because a job
takes a second drive that another host needs.

Example:
    Job { Name = alpha; Prefer Mounted Volumes = no; ... }

Fix: Remove it. To write with several drives at once give the jobs Pools of their own, or set Maximum
Concurrent Jobs in the Devices.

Source: Prefer Mounted Volumes in gui/baculum/protected/Web/Data/dir_docs.html of Bacula's source: "we recommend against
setting this directive to no", for the deadlocks.)"};

}  // namespace shstore::config::lint
