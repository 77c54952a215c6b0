#include <fmt/format.h>

#include <algorithm>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// A Job or JobDefs that spools, or nullptr: Spool Data may also come from a Schedule or the console.
const DirJob* spooling_job(const Site& site) {
  if (!site.director) return nullptr;
  const auto& jobs = site.director->jobs;
  const auto found = std::find_if(jobs.begin(), jobs.end(), [](const DirJob& job) { return *job.spool_data; });
  return found == jobs.end() ? nullptr : &*found;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  const DirJob* const job = spooling_job(site);
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    for (size_t changer = 0; changer < site.sds[sd].config.autochangers.size(); ++changer) {
      const std::vector<Drive> drives = report.drives_of(sd, changer);
      const auto spools = [](const Drive& drive) { return drive.device->spool_directory.given; };
      const auto with = std::find_if(drives.begin(), drives.end(), spools);
      if (with == drives.end()) continue;
      for (const Drive& drive : drives) {
        if (spools(drive) || !*drive.device->enabled) continue;
        Finding& finding = report.add(
            place(drive.config(), drive.device->at),
            fmt::format(
                "Device \"{}\" has no Spool Directory, but \"{}\" of the same Autochanger has: a job that spools and "
                "gets this drive fills the Working Directory{}",
                *drive.device->name, *with->device->name, job ? fmt::format(" (\"{}\" spools)", *job->name) : ""),
            fmt::format("write Spool Directory = {} here too", *with->device->spool_directory));
        finding.notes.push_back({place(with->config(), with->device->spool_directory), "the other drive's is here"});
      }
    }
  }
}

}  // namespace

const Rule shs054{"SHS054", Level::warning, "only some drives of an Autochanger have a Spool Directory", check,
                  R"(What: A drive of an Autochanger has a Spool Directory, and another drive of it has none.

Why: A job gets whichever drive is free. Without a Spool Directory bacula-sd spools into its Working Directory, which
is usually small and on the system's disk. When that is full, spooling jobs fail, and nothing can write its state
there.

Example:
    Device { Name = Drive-0; Spool Directory = /spool; ... }
    Device { Name = Drive-1; ... }

Fix: Give every drive of the Autochanger a Spool Directory.)"};

}  // namespace shstore::config::lint
