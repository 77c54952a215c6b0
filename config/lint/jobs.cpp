#include "config/lint/jobs.h"

#include "config/document.h"

namespace shstore::config::lint {

Jobs::Jobs(const DirConfig& director) {
  for (size_t i = 0; i < director.storages.size(); ++i) storages_.try_emplace(*director.storages[i].name, i);
  for (const DirPool& pool : director.pools) pools_.try_emplace(*pool.name, &pool);
  for (const DirJob& job : director.jobs) {
    if (job.is_job_defs) defs_.try_emplace(*job.name, &job);
  }
}

const DirJob* Jobs::defs_of(const DirJob& job) const {
  const auto found = defs_.find(*job.job_defs);
  return found == defs_.end() ? nullptr : found->second;
}

const DirPool* Jobs::pool(std::string_view name) const {
  const auto found = pools_.find(name);
  return found == pools_.end() ? nullptr : found->second;
}

std::vector<size_t> Jobs::storages_of(const DirJob& job) const {
  const DirJob* const defs = defs_of(job);
  if (!job.storages.empty()) return indices(job.storages);
  if (defs && !defs->storages.empty()) return indices(defs->storages);
  const DirPool* const from = pool_of(job);
  return from ? indices(from->storages) : std::vector<size_t>();
}

std::vector<size_t> Jobs::indices(const std::vector<TextValue>& names) const {
  std::vector<size_t> result;
  for (const TextValue& name : names) {
    const auto found = storages_.find(*name);
    if (found != storages_.end()) result.push_back(found->second);
  }
  return result;
}

bool copies(const Jobs& jobs, const DirJob& job) {
  const std::string_view type = *jobs.value(job, &DirJob::type);
  return same_name(type, "Copy") || same_name(type, "Migrate");
}

}  // namespace shstore::config::lint
