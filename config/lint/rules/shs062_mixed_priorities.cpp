#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/jobs.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  const Jobs jobs(*site.director);
  const DirJob* first = nullptr;
  for (const DirJob& job : site.director->jobs) {
    const TextValue& type = jobs.value(job, &DirJob::type);
    if (job.is_job_defs || !same_name(*type, "Backup") || *jobs.value(job, &DirJob::schedule) == "") continue;
    const Value<uint32_t>& priority = jobs.value(job, &DirJob::priority);
    if (!first) {
      first = &job;
      continue;
    }
    const uint32_t usual = *jobs.value(*first, &DirJob::priority);
    if (*priority == usual || jobs.storages_of(job) == jobs.storages_of(*first)) continue;
    if (*jobs.value(job, &DirJob::allow_mixed_priority) || *jobs.value(*first, &DirJob::allow_mixed_priority)) continue;
    Finding& finding = report.add(
        place(*site.director, priority.given ? priority.at : job.at),
        fmt::format(
            "Job \"{}\" has Priority {} and Job \"{}\" {}: neither runs while the other does, although they use "
            "different Storages",
            *job.name, *priority, *first->name, usual),
        "give both the same Priority, or write Allow Mixed Priority = yes in both");
    finding.notes.push_back({place(*site.director, first->at), "the other job is here"});
    return;
  }
}

}  // namespace

const Rule shs062{
    "SHS062", Level::info, "backups of different Priority wait for each other", check,
    R"(What: Two scheduled backups have different Priorities and use different Storages, and none has Allow Mixed Priority.

Why: Bacula never runs jobs of different Priorities at the same time, whichever drives they use. A backup of
one host that waits for its drive keeps all jobs of another Priority waiting: "is waiting for higher priority
jobs to finish".

Example:
    Job { Name = alpha; Storage = Changer-1; Priority = 10; ... }
    Job { Name = beta; Storage = Changer-2; Priority = 11; ... }

Fix: Use one Priority for all backups, and another one only for what must come after all of them, such as the
catalog's.

Source: Priority and Allow Mixed Priority in gui/baculum/protected/Web/Data/dir_docs.html of Bacula's source; the line
is in dird/ua_status.c.)"};

}  // namespace shstore::config::lint
