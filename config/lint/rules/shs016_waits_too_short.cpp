#include <fmt/format.h>

#include <optional>
#include <set>
#include <utility>

#include "config/lint/drive.h"
#include "config/lint/jobs.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// Does one of the Storages that the job uses lead to a drive that is locked? Then the Storage Daemon.
std::optional<size_t> locking_daemon(const Site& site, const std::vector<size_t>& storages) {
  const auto is_locked = [&](size_t sd, size_t device) { return drive_at(site, {sd, device}).lock_command != nullptr; };
  for (const size_t storage : storages) {
    const StorageLink& link = site.links[storage];
    if (!link.sd) continue;
    for (const DeviceTarget& target : link.devices) {
      if (target.kind == DeviceTarget::Kind::device && is_locked(*link.sd, target.index)) return link.sd;
      if (target.kind != DeviceTarget::Kind::autochanger) continue;
      for (const Drive& drive : drives_of(site, *link.sd, target.index)) {
        if (drive.lock_command) return link.sd;
      }
    }
  }
  return std::nullopt;
}

/// For each Storage Daemon: the job on its locked drives that may run for the longest.
struct Longest {
  const DirJob* job = nullptr;
  uint64_t seconds = 0;
};

void check_limit(const Site& site, const DirJob& job, const Value<uint64_t>& limit, std::string_view directive,
                 const Longest& other, std::set<std::pair<uint32_t, uint32_t>>& seen, Reporter& report) {
  if (*limit == 0 || *limit >= other.seconds || !seen.emplace(limit.at.file, limit.at.line).second) return;
  Finding& finding = report.add(
      place(*site.director, limit),
      fmt::format("Job \"{}\" is canceled after {} s by {}, but Job \"{}\" of another host may have the drive for {} s",
                  *job.name, *limit, directive, *other.job->name, other.seconds),
      fmt::format("write a {} that is longer than the other hosts' jobs", directive));
  finding.notes.push_back({place(*site.director, other.job->at), "the other job is here"});
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  const Jobs jobs(*site.director);
  std::vector<Longest> longest(site.sds.size());
  std::vector<std::pair<const DirJob*, size_t>> on_locked;  // and the Storage Daemon
  for (const DirJob& job : site.director->jobs) {
    const auto sd = job.is_job_defs ? std::nullopt : locking_daemon(site, jobs.storages_of(job));
    if (!sd) continue;
    on_locked.emplace_back(&job, *sd);
    const uint64_t runs = *jobs.value(job, &DirJob::max_run_time);
    if (runs > longest[*sd].seconds) longest[*sd] = {&job, runs};
  }
  std::set<std::pair<uint32_t, uint32_t>> seen;  // a JobDefs that many jobs take it from is reported once
  for (const auto& [job, sd] : on_locked) {
    Longest other;
    for (size_t i = 0; i < longest.size(); ++i) {
      if (i != sd && longest[i].seconds > other.seconds) other = longest[i];
    }
    check_limit(site, *job, jobs.value(*job, &DirJob::max_wait_time), "Max Wait Time", other, seen, report);
    check_limit(site, *job, jobs.value(*job, &DirJob::max_run_time), "Max Run Time", other, seen, report);
  }
}

}  // namespace

const Rule shs016{
    "SHS016", Level::warning, "a job gives up before another host's job is over", check,
    R"(What: A job that uses a locked drive has a Max Wait Time or Max Run Time, of its own or from its JobDefs, that
is shorter than the Max Run Time of a job of another Storage Daemon with locked drives. max_lock_wait in
storage-ctl.conf has nothing to do with it: it bounds lock and exec by hand.

Why: While another host has the drive, the job waits for it, and Bacula counts that as waiting, and as
running. When its limit is over it is canceled, although nothing is wrong: the other host only has a long
backup.

Example:
    Job { Name = backup-dir; Max Run Time = 6 hours; ... }          # Storage = Changer-2, of another host
    Job { Name = backup-cibou; Max Wait Time = 10 minutes; ... }

Fix: Give the job more time than the longest backup of the other hosts takes on one drive:
    Max Wait Time = 7 hours)"};

}  // namespace shstore::config::lint
