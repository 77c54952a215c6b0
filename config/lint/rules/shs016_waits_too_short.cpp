#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// For each of the Director's Storages: the longest max_lock_wait of a host whose drives it locks, or 0.
std::vector<uint64_t> lock_waits(const Site& site) {
  std::vector<std::vector<bool>> changer_locks;
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    changer_locks.emplace_back();
    for (size_t c = 0; c < site.sds[sd].config.autochangers.size(); ++c) {
      bool locks = false;
      for (const Drive& drive : drives_of(site, sd, c)) locks = locks || drive.lock_command;
      changer_locks.back().push_back(locks);
    }
  }
  std::vector<uint64_t> waits(site.links.size());
  for (size_t i = 0; i < site.links.size(); ++i) {
    const StorageLink& link = site.links[i];
    if (!link.sd || !site.sds[*link.sd].storage_ctl) continue;
    for (const DeviceTarget& target : link.devices) {
      const bool is_device = target.kind == DeviceTarget::Kind::device;
      const bool is_changer = target.kind == DeviceTarget::Kind::autochanger;
      if ((is_device && drive_at(site, {*link.sd, target.index}).lock_command) ||
          (is_changer && changer_locks[*link.sd][target.index])) {
        waits[i] = *site.sds[*link.sd].storage_ctl->max_lock_wait;
      }
    }
  }
  return waits;
}

/// Jobs with what they take from their JobDefs and Pool.
class Jobs {
 public:
  explicit Jobs(const DirConfig& director) {
    for (size_t i = 0; i < director.storages.size(); ++i)
      storages_.try_emplace(*director.storages[i].name, i);
    for (const DirPool& pool : director.pools) pools_.try_emplace(*pool.name, &pool);
    for (const DirJob& job : director.jobs) {
      if (job.is_job_defs) defs_.try_emplace(*job.name, &job);
    }
  }

  const DirJob* defs_of(const DirJob& job) const { return find(defs_, *job.job_defs); }

  /// Indices of the Director's storages that the job uses.
  std::vector<size_t> storages_of(const DirJob& job) const {
    const DirJob* const defs = defs_of(job);
    const std::vector<Value<std::string>>* names = &job.storages;
    if (names->empty() && defs) names = &defs->storages;
    if (names->empty()) {
      const std::string& pool_name = *(job.pool.given || !defs ? job.pool : defs->pool);
      const DirPool* const pool = find(pools_, pool_name);
      if (pool) names = &pool->storages;
    }
    std::vector<size_t> result;
    for (const Value<std::string>& name : *names) {
      const auto found = storages_.find(*name);
      if (found != storages_.end()) result.push_back(found->second);
    }
    return result;
  }

 private:
  using Resources = std::unordered_map<std::string_view, const DirJob*>;

  template <class T>
  static const T* find(const std::unordered_map<std::string_view, const T*>& map, const std::string& name) {
    const auto found = map.find(name);
    return found == map.end() ? nullptr : found->second;
  }

  std::unordered_map<std::string_view, size_t> storages_;
  std::unordered_map<std::string_view, const DirPool*> pools_;
  Resources defs_;
};

void check_limit(const DirConfig& director, const DirJob& job, const DirJob* defs, uint64_t wait,
                 std::string_view directive, Value<uint64_t> DirJob::*member,
                 std::set<std::pair<uint32_t, uint32_t>>& seen, Reporter& report) {
  const Value<uint64_t>& limit = (job.*member).given || !defs ? job.*member : defs->*member;
  if (*limit == 0 || *limit >= wait || !seen.emplace(limit.at.file, limit.at.line).second) return;
  report.add(
      place(director, limit),
      fmt::format("Job \"{}\" is canceled after {} s by {}, but another host may have the drive for longer "
                  "(max_lock_wait is {} s)",
                  *job.name, *limit, directive, wait),
      fmt::format("write a {} that is longer than the other hosts' jobs", directive));
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  const std::vector<uint64_t> waits = lock_waits(site);
  const Jobs jobs(*site.director);
  std::set<std::pair<uint32_t, uint32_t>> seen;  // a JobDefs that many jobs take it from is reported once
  for (const DirJob& job : site.director->jobs) {
    if (job.is_job_defs) continue;
    uint64_t wait = 0;
    for (const size_t storage : jobs.storages_of(job)) wait = std::max(wait, waits[storage]);
    const DirJob* const defs = jobs.defs_of(job);
    check_limit(*site.director, job, defs, wait, "Max Wait Time", &DirJob::max_wait_time, seen, report);
    check_limit(*site.director, job, defs, wait, "Max Run Time", &DirJob::max_run_time, seen, report);
  }
}

}  // namespace

const Rule shs016{
    "SHS016", Level::warning, "a job gives up before the lock's waiting time is over", check,
    R"(What: A job that uses a shared drive has a Max Wait Time or Max Run Time, of its own or from its
JobDefs, that is shorter than max_lock_wait in storage-ctl.conf of that drive's host.

Why: While another host has the drive, the job waits for it, and Bacula counts that as waiting, and as
running. When its limit is over it is canceled, although nothing is wrong: the other host only has a long
backup.

Example:
    max_lock_wait=1800                            # storage-ctl.conf: 30 minutes
    Job { Name = backup-cibou; Max Wait Time = 10 minutes; ... }

Fix: Give the job more time than the longest backup of the other hosts takes on one drive:
    Max Wait Time = 6 hours)"};

}  // namespace shstore::config::lint
