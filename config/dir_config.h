// bacula-dir.conf as typed values: what the linter needs of it to hold it against the Storage Daemons.
// Source of names, types and defaults: bacula 9.6.7 dird/dird_conf.c.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/dir_run_script.h"
#include "config/sd_config.h"

namespace shstore::config {

/// A Storage or an Autochanger resource; Bacula treats the second as a Storage (dird_conf.c, resources[]).
struct DirStorage {
  Location at;                           ///< the resource type's name
  Location end;                          ///< the closing brace
  bool is_autochanger_resource = false;  ///< written as `Autochanger { ... }`
  TextValue name, description, address, fd_storage_address, password, media_type;
  std::vector<TextValue> devices;  ///< names of Device or Autochanger resources of the SD
  Value<uint32_t> sd_port{9103}, maximum_concurrent_jobs{1}, maximum_concurrent_read_jobs{0};
  Value<bool> enabled{true};
  TextValue autochanger;     ///< as written: yes, no, or the name of a Storage or Autochanger
  TextValue shared_storage;  ///< the name of a Storage or Autochanger
};

struct DirDirector {
  Location at, end;
  Value<bool> shared_storage;  ///< Enterprise 6.0.1's directive, which the community's bacula-dir refuses
  TextValue name, description, password, messages, working_directory;
  Value<uint32_t> maximum_concurrent_jobs{20};
};

struct DirPool {
  Location at;
  TextValue name, pool_type;
  TextValue next_pool, recycle_pool, scratch_pool;
  std::vector<TextValue> storages;
};

/// A Job or a JobDefs resource, as written: what a Job takes from its JobDefs is not copied into it.
struct DirJob {
  Location at;
  bool is_job_defs = false;
  TextValue name, job_defs, type, level, client, pool, file_set, schedule;
  std::vector<TextValue> storages;
  TextValue next_pool, full_backup_pool, incremental_backup_pool, differential_backup_pool;
  Value<uint64_t> max_run_time, max_wait_time, max_start_delay, max_run_sched_time;  ///< seconds; 0: no limit
  Value<uint32_t> maximum_concurrent_jobs{1}, priority{10};
  Value<bool> prefer_mounted_volumes{true}, allow_mixed_priority, enabled{true}, spool_data;
  std::vector<RunScript> run_scripts;  ///< RunScript blocks and the short forms, in the order of the text
};

struct DirClient {
  Location at;
  TextValue name, address, password;
  Value<uint32_t> fd_port{9102}, maximum_concurrent_jobs{1};
};

/// A Run line of a Schedule: only what it overrides.
struct DirRun {
  Location at;
  std::string schedule;  ///< the Schedule's name
  Value<std::string> storage, pool, next_pool, level;
  Value<uint32_t> priority;
};

struct DirConfig {
  std::vector<std::string> files;          ///< paths, for Location::file
  std::shared_ptr<const Sources> sources;  ///< texts, for Location::file; nullptr if nothing was loaded
  std::optional<DirDirector> director;
  std::vector<DirStorage> storages;  ///< Storage and Autochanger resources in the order of the text
  std::vector<DirPool> pools;
  std::vector<DirJob> jobs;  ///< Job and JobDefs resources
  std::vector<DirClient> clients;
  std::vector<DirRun> runs;
  std::vector<UnknownDirective> unknown;
  std::vector<Block> other_resources;   ///< all other resource types, and those that no table knows
  std::vector<VersionBound> bound;      ///< what not every version of Bacula accepts, besides `unknown`
  std::vector<Diagnostic> diagnostics;  ///< lexer, grammar and value findings, in the order of the text

  /// Quick only if index() was called after the last change of names, as load_dir_config() does.
  const DirStorage* find_storage(std::string_view name) const;
  bool has_errors() const;

  void index();

 private:
  NameIndex storages_by_name_;
};

/// As load_sd_config(), for what bacula-dir 9.6.7 refuses.
DirConfig load_dir_config(const std::string& path, FileReader& reader, const LoadOptions& options = {});

}  // namespace shstore::config
