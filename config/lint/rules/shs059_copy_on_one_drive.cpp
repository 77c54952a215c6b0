#include <fmt/format.h>

#include <optional>

#include "config/lint/drive.h"
#include "config/lint/jobs.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// The only drive that jobs of this Storage can get; nothing if there are several, or it is not known.
std::optional<DriveRef> only_drive(const Site& site, size_t storage) {
  const StorageLink& link = site.links[storage];
  if (!link.sd || link.devices.size() != 1) return std::nullopt;
  if (link.target == StorageLink::Target::device) return DriveRef{*link.sd, link.index};
  if (link.target != StorageLink::Target::autochanger) return std::nullopt;
  const std::vector<Drive> drives = drives_of(site, *link.sd, link.index);
  return drives.size() == 1 ? std::optional(drives.front().ref) : std::nullopt;
}

std::optional<DriveRef> only_drive(const Site& site, const std::vector<size_t>& storages) {
  return storages.size() == 1 ? only_drive(site, storages.front()) : std::nullopt;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  const Jobs jobs(*site.director);
  for (const DirJob& job : site.director->jobs) {
    if (job.is_job_defs || !copies(jobs, job)) continue;
    const DirPool* const from = jobs.pool_of(job);
    const TextValue& next = jobs.value(job, &DirJob::next_pool);
    const DirPool* const to = from ? jobs.pool(next.given ? *next : *from->next_pool) : nullptr;
    if (!to) continue;
    const auto reads = only_drive(site, jobs.storages_of(*from)), writes = only_drive(site, jobs.storages_of(*to));
    if (!reads || !writes || *reads != *writes || !is_tape_like(site.device(*reads))) continue;
    report.add(
        place(*site.director, job.at),
        fmt::format("Job \"{}\" reads from and writes to the same single drive \"{}\": it waits for itself for ever",
                    *job.name, *site.device(*reads).name),
        "write the copy with another drive, or to disk");
  }
}

}  // namespace

const Rule shs059{
    "SHS059", Level::error, "a Copy or Migrate job has one drive to read and to write", check,
    R"(What: The Pool that the job reads and its Next Pool have Storages that both lead to one and the same tape drive.

Why: Bacula reads and writes at once, so it needs two drives. The job reserves the drive for reading. Then
bacula-sd refuses it for writing ("3603 ... device ... is busy reading") and tries again until somebody cancels
the job.

Example:
    Pool { Name = Tapes; Storage = Drive-0; Next Pool = Copies; ... }
    Pool { Name = Copies; Storage = Drive-0; ... }
    Job { Name = copy; Type = Copy; Pool = Tapes; ... }

Fix: Let Next Pool use another drive. An Autochanger with two drives will do.

Source: dird/mac.c: the read Storage is that of the Pool, the write Storage that of its Next Pool, and both are
reserved before any data flows; stored/reserve.c, reserve_device_for_append() and use_device_cmd().)"};

}  // namespace shstore::config::lint
