#include <fmt/format.h>

#include <algorithm>

#include "config/lint/drive.h"
#include "config/lint/jobs.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  const Jobs jobs(*site.director);
  for (const DirJob& job : site.director->jobs) {
    if (job.is_job_defs || !copies(jobs, job) || jobs.value(job, &DirJob::next_pool).given) continue;
    const DirPool* const pool = jobs.pool_of(job);
    if (!pool || pool->next_pool.given) continue;
    const bool by_schedule = std::any_of(
        site.director->runs.begin(), site.director->runs.end(),
        [&](const DirRun& run) { return run.schedule == *jobs.value(job, &DirJob::schedule) && run.next_pool.given; });
    if (by_schedule) continue;
    Finding& finding =
        report.add(place(*site.director, job.at),
                   fmt::format("Job \"{}\" copies or migrates, but neither it nor its Pool \"{}\" has a Next Pool",
                               *job.name, *pool->name),
                   fmt::format("write Next Pool = in Pool \"{}\"", *pool->name));
    finding.notes.push_back({place(*site.director, pool->at), "the Pool is here"});
  }
}

}  // namespace

const Rule shs058{
    "SHS058", Level::error, "a Copy or Migrate job does not know where to write", check,
    R"(What: A job of Type Copy or Migrate has no Next Pool, and neither has the Pool that it reads from, nor a Run
line of its Schedule.

Why: bacula-dir accepts the file. Each run of the job then fails: "No Next Pool specification found in Pool".

Example:
    Pool { Name = Disk; Pool Type = Backup; Storage = File }
    Job { Name = to-tape; Type = Copy; Pool = Disk; ... }

Fix: Pool { Name = Disk; Next Pool = Tapes; ... }

Source: dird/mac.c ("No Next Pool specification found in Pool"); Next Pool in Bacula's own description of its
directives, gui/baculum/protected/Web/Data/dir_docs.html.)"};

}  // namespace shstore::config::lint
