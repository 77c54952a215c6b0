// The Director's Jobs with what they take from their JobDefs and their Pool.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/dir_config.h"

namespace shstore::config::lint {

/// Points into the Director's configuration, which must outlive it.
class Jobs {
 public:
  explicit Jobs(const DirConfig& director);

  /// nullptr if it has none.
  const DirJob* defs_of(const DirJob& job) const;
  const DirPool* pool(std::string_view name) const;

  /// The job's own value, else its JobDefs'.
  template <class T>
  const Value<T>& value(const DirJob& job, Value<T> DirJob::*member) const {
    const DirJob* const defs = defs_of(job);
    return (job.*member).given || !defs ? job.*member : defs->*member;
  }

  const DirPool* pool_of(const DirJob& job) const { return pool(*value(job, &DirJob::pool)); }

  /// Indices of the Director's storages that the job uses: its own, else its JobDefs', else its Pool's.
  std::vector<size_t> storages_of(const DirJob& job) const;
  /// Those that jobs which name no Storage use with this Pool.
  std::vector<size_t> storages_of(const DirPool& pool) const { return indices(pool.storages); }

 private:
  std::vector<size_t> indices(const std::vector<TextValue>& names) const;

  std::unordered_map<std::string_view, size_t> storages_;
  std::unordered_map<std::string_view, const DirPool*> pools_;
  std::unordered_map<std::string_view, const DirJob*> defs_;
};

/// A Copy or a Migrate job, which reads one Volume and writes another.
bool copies(const Jobs& jobs, const DirJob& job);

}  // namespace shstore::config::lint
