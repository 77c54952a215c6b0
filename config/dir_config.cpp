#include "config/dir_config.h"

#include <algorithm>
#include <iterator>

#include "config/fields.h"
#include "config/resource_checks.h"
#include "config/resources.h"

namespace shstore::config {
namespace {

std::vector<TextValue> names(const TypedResource& from, std::string_view directive) {
  std::vector<TextValue> result;
  const TypedValue* const value = from.find(directive);
  const auto* const list = value ? std::get_if<std::vector<Token>>(&value->value) : nullptr;
  if (!list) return result;
  result.reserve(list->size());
  for (const Token& name : *list) {
    result.emplace_back(name.text, Written(name.at, value->written_at, name.length));
  }
  return result;
}

constexpr Field<DirDirector> kDirectorFields[] = {
    {"Name", &DirDirector::name},
    {"Description", &DirDirector::description},
    {"Password", &DirDirector::password},
    {"Messages", &DirDirector::messages},
    {"Working Directory", &DirDirector::working_directory},
    {"Maximum Concurrent Jobs", &DirDirector::maximum_concurrent_jobs},
    {"Shared Storage", &DirDirector::shared_storage},
};

DirDirector to_director(const TypedResource& from) {
  DirDirector director;
  static const Fields<DirDirector> fields(dir_directives().of("Director"), kDirectorFields);
  fields.copy(from, director);
  director.at = from.block->at;
  director.end = from.block->end;
  return director;
}

constexpr Field<DirStorage> kStorageFields[] = {
    {"Name", &DirStorage::name},
    {"Description", &DirStorage::description},
    {"Address", &DirStorage::address},
    {"FD Storage Address", &DirStorage::fd_storage_address},
    {"Password", &DirStorage::password},
    {"Media Type", &DirStorage::media_type},
    {"SD Port", &DirStorage::sd_port},
    {"Maximum Concurrent Jobs", &DirStorage::maximum_concurrent_jobs},
    {"Maximum Concurrent Read Jobs", &DirStorage::maximum_concurrent_read_jobs},
    {"Enabled", &DirStorage::enabled},
    {"Autochanger", &DirStorage::autochanger},
    {"Shared Storage", &DirStorage::shared_storage},
};

DirStorage to_storage(const TypedResource& from) {
  DirStorage storage;
  static const Fields<DirStorage> fields(dir_directives().of("Storage"), kStorageFields);
  static const Fields<DirStorage> other_fields(dir_directives().of("Autochanger"), kStorageFields);
  (from.type == "Storage" ? fields : other_fields).copy(from, storage);
  storage.at = from.block->at;
  storage.end = from.block->end;
  storage.is_autochanger_resource = from.type == "Autochanger";
  storage.devices = names(from, "Device");
  return storage;
}

constexpr Field<DirPool> kPoolFields[] = {
    {"Name", &DirPool::name},
    {"Pool Type", &DirPool::pool_type},
    {"Next Pool", &DirPool::next_pool},
    {"Recycle Pool", &DirPool::recycle_pool},
    {"Scratch Pool", &DirPool::scratch_pool},
};

DirPool to_pool(const TypedResource& from) {
  DirPool pool;
  static const Fields<DirPool> fields(dir_directives().of("Pool"), kPoolFields);
  fields.copy(from, pool);
  pool.at = from.block->at;
  pool.storages = names(from, "Storage");
  return pool;
}

constexpr Field<DirJob> kJobFields[] = {
    {"Name", &DirJob::name},
    {"JobDefs", &DirJob::job_defs},
    {"Type", &DirJob::type},
    {"Level", &DirJob::level},
    {"Client", &DirJob::client},
    {"Pool", &DirJob::pool},
    {"Next Pool", &DirJob::next_pool},
    {"Full Backup Pool", &DirJob::full_backup_pool},
    {"Incremental Backup Pool", &DirJob::incremental_backup_pool},
    {"Differential Backup Pool", &DirJob::differential_backup_pool},
    {"Fileset", &DirJob::file_set},
    {"Schedule", &DirJob::schedule},
    {"Max Run Time", &DirJob::max_run_time},
    {"Max Wait Time", &DirJob::max_wait_time},
    {"Max Start Delay", &DirJob::max_start_delay},
    {"Max Run Sched Time", &DirJob::max_run_sched_time},
    {"Maximum Concurrent Jobs", &DirJob::maximum_concurrent_jobs},
    {"Priority", &DirJob::priority},
    {"Prefer Mounted Volumes", &DirJob::prefer_mounted_volumes},
    {"Allow Mixed Priority", &DirJob::allow_mixed_priority},
    {"Enabled", &DirJob::enabled},
    {"Spool Data", &DirJob::spool_data},
};

/// The short forms are directives of their own.
std::vector<RunScript> run_scripts(const TypedResource& from) {
  std::vector<RunScript> result;
  for (const TypedValue& value : from.values) {
    const auto* const scripts = std::get_if<std::vector<RunScript>>(&value.value);
    if (scripts) std::copy(scripts->begin(), scripts->end(), std::back_inserter(result));
  }
  std::stable_sort(result.begin(), result.end(), [](const RunScript& a, const RunScript& b) { return a.at < b.at; });
  return result;
}

DirJob to_job(const TypedResource& from) {
  DirJob job;
  static const Fields<DirJob> fields(dir_directives().of("Job"), kJobFields);
  static const Fields<DirJob> other_fields(dir_directives().of("JobDefs"), kJobFields);
  (from.type == "Job" ? fields : other_fields).copy(from, job);
  job.at = from.block->at;
  job.is_job_defs = from.type == "JobDefs";
  job.storages = names(from, "Storage");
  job.run_scripts = run_scripts(from);
  return job;
}

constexpr Field<DirClient> kClientFields[] = {
    {"Name", &DirClient::name},
    {"Address", &DirClient::address},
    {"Password", &DirClient::password},
    {"FD Port", &DirClient::fd_port},
    {"Maximum Concurrent Jobs", &DirClient::maximum_concurrent_jobs},
};

DirClient to_client(const TypedResource& from) {
  DirClient client;
  static const Fields<DirClient> fields(dir_directives().of("Client"), kClientFields);
  fields.copy(from, client);
  client.at = from.block->at;
  return client;
}

void add_runs(const TypedResource& schedule, std::vector<DirRun>& runs) {
  const auto* const lines = schedule.find<std::vector<ScheduleRun>>("Run");
  const auto* const name = schedule.find<std::string_view>("Name");
  if (!lines) return;
  for (const ScheduleRun& line : *lines) {
    DirRun run;
    run.at = line.at;
    if (name) run.schedule = *name;
    run.storage = line.storage;
    run.pool = line.pool;
    run.next_pool = line.next_pool;
    run.level = line.level;
    run.priority = line.priority;
    runs.push_back(std::move(run));
  }
}

bool take(const TypedResource& resource, DirConfig& config) {
  if (resource.type == "Storage" || resource.type == "Autochanger") {
    config.storages.push_back(to_storage(resource));
  } else if (resource.type == "Director") {
    if (!config.director) config.director = to_director(resource);
  } else if (resource.type == "Pool") {
    config.pools.push_back(to_pool(resource));
  } else if (resource.type == "Job" || resource.type == "JobDefs") {
    config.jobs.push_back(to_job(resource));
  } else if (resource.type == "Client") {
    config.clients.push_back(to_client(resource));
  } else {
    if (resource.type == "Schedule") add_runs(resource, config.runs);
    return false;
  }
  return true;
}

}  // namespace

void DirConfig::index() {
  storages_by_name_.build(storages.size(), [&](size_t i) { return *storages[i].name; });
}

const DirStorage* DirConfig::find_storage(std::string_view name) const {
  if (storages_by_name_.size() == storages.size()) {
    const auto at = storages_by_name_.find(name, [&](size_t i) { return *storages[i].name; });
    return at ? &storages[*at] : nullptr;
  }
  const auto found =
      std::find_if(storages.begin(), storages.end(), [&](const DirStorage& storage) { return *storage.name == name; });
  return found == storages.end() ? nullptr : &*found;
}

bool DirConfig::has_errors() const {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

DirConfig load_dir_config(const std::string& path, FileReader& reader, const LoadOptions& options) {
  DirConfig config;
  DirChecker checker;
  LoadedText text = load_resources(
      path, reader, options, bacula_dir(),
      [&](const TypedResource& resource, Findings& findings) {
        checker.add(resource, findings);
        return take(resource, config);
      },
      [&](Findings& findings) { checker.report(findings); });
  if (text.is_other_daemons) config = DirConfig();
  config.files = std::move(text.files);
  config.sources = std::move(text.sources);
  config.unknown = std::move(text.unknown);
  config.other_resources = std::move(text.other_resources);
  config.bound = std::move(text.bound);
  config.diagnostics = std::move(text.diagnostics);
  config.index();
  return config;
}

}  // namespace shstore::config
