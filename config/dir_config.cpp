#include "config/dir_config.h"

#include <algorithm>

#include "config/typed_config.h"

namespace shstore::config {
namespace {

std::vector<Value<std::string>> names(const TypedResource& from, std::string_view directive) {
  std::vector<Value<std::string>> result;
  const auto* const list = from.find<std::vector<Token>>(directive);
  if (!list) return result;
  const Location& written_at = from.values.at(directive).written_at;
  for (const Token& name : *list) result.push_back({name.text, true, name.at, written_at});
  return result;
}

DirDirector to_director(const TypedResource& from) {
  DirDirector director;
  director.at = from.block->at;
  director.end = from.block->end;
  from.take("Name", director.name);
  from.take("Description", director.description);
  from.take("Password", director.password);
  from.take("Messages", director.messages);
  from.take("Working Directory", director.working_directory);
  from.take("Maximum Concurrent Jobs", director.maximum_concurrent_jobs);
  from.take("Shared Storage", director.shared_storage);
  return director;
}

DirStorage to_storage(const TypedResource& from) {
  DirStorage storage;
  storage.at = from.block->at;
  storage.end = from.block->end;
  storage.is_autochanger_resource = from.type == "Autochanger";
  from.take("Name", storage.name);
  from.take("Description", storage.description);
  from.take("Address", storage.address);
  from.take("FD Storage Address", storage.fd_storage_address);
  from.take("Password", storage.password);
  from.take("Media Type", storage.media_type);
  from.take("SD Port", storage.sd_port);
  from.take("Maximum Concurrent Jobs", storage.maximum_concurrent_jobs);
  from.take("Maximum Concurrent Read Jobs", storage.maximum_concurrent_read_jobs);
  from.take("Enabled", storage.enabled);
  from.take("Autochanger", storage.autochanger);
  from.take("Shared Storage", storage.shared_storage);
  storage.devices = names(from, "Device");
  return storage;
}

DirPool to_pool(const TypedResource& from) {
  DirPool pool;
  pool.at = from.block->at;
  from.take("Name", pool.name);
  from.take("Pool Type", pool.pool_type);
  from.take("Next Pool", pool.next_pool);
  from.take("Recycle Pool", pool.recycle_pool);
  from.take("Scratch Pool", pool.scratch_pool);
  pool.storages = names(from, "Storage");
  return pool;
}

DirJob to_job(const TypedResource& from) {
  DirJob job;
  job.at = from.block->at;
  job.is_job_defs = from.type == "JobDefs";
  from.take("Name", job.name);
  from.take("JobDefs", job.job_defs);
  from.take("Type", job.type);
  from.take("Level", job.level);
  from.take("Client", job.client);
  from.take("Pool", job.pool);
  from.take("Next Pool", job.next_pool);
  from.take("Full Backup Pool", job.full_backup_pool);
  from.take("Incremental Backup Pool", job.incremental_backup_pool);
  from.take("Differential Backup Pool", job.differential_backup_pool);
  from.take("Fileset", job.file_set);
  from.take("Schedule", job.schedule);
  from.take("Max Run Time", job.max_run_time);
  from.take("Max Wait Time", job.max_wait_time);
  from.take("Max Start Delay", job.max_start_delay);
  from.take("Max Run Sched Time", job.max_run_sched_time);
  from.take("Maximum Concurrent Jobs", job.maximum_concurrent_jobs);
  from.take("Priority", job.priority);
  from.take("Prefer Mounted Volumes", job.prefer_mounted_volumes);
  from.take("Allow Mixed Priority", job.allow_mixed_priority);
  from.take("Enabled", job.enabled);
  from.take("Spool Data", job.spool_data);
  job.storages = names(from, "Storage");
  return job;
}

DirClient to_client(const TypedResource& from) {
  DirClient client;
  client.at = from.block->at;
  from.take("Name", client.name);
  from.take("Address", client.address);
  from.take("Password", client.password);
  from.take("FD Port", client.fd_port);
  from.take("Maximum Concurrent Jobs", client.maximum_concurrent_jobs);
  return client;
}

void add_runs(const TypedResource& schedule, std::vector<DirRun>& runs) {
  const auto* const lines = schedule.find<std::vector<ScheduleRun>>("Run");
  const auto* const name = schedule.find<std::string>("Name");
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

void add(const TypedResource& resource, DirConfig& config) {
  if (resource.type == "Storage" || resource.type == "Autochanger") {
    config.storages.push_back(to_storage(resource));
    config.storage_numbers.try_emplace(*config.storages.back().name, config.storages.size() - 1);
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
    config.other_resources.push_back(*resource.block);
  }
}

}  // namespace

const DirStorage* DirConfig::find_storage(std::string_view name) const {
  const auto found = storage_numbers.find(name);
  return found == storage_numbers.end() ? nullptr : &storages[found->second];
}

bool DirConfig::has_errors() const {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

DirConfig load_dir_config(const std::string& path, FileReader& reader) {
  TypedConfig typed = load_typed_config(Program::dir, path, reader);
  DirConfig config;
  for (const TypedResource& resource : typed.resources) add(resource, config);
  for (const Block* block : typed.unknown_resources) config.other_resources.push_back(*block);
  config.files = std::move(typed.document.files);
  config.sources = std::move(typed.document.sources);
  config.unknown = std::move(typed.unknown);
  config.diagnostics = std::move(typed.document.diagnostics);
  return config;
}

}  // namespace shstore::config
