// When a job will probably be at its end: when those of its name were before. Its host tells those who wait for the drive shortly before
// that, so that they look more often then (Drive::see_near()). A guess: nothing but how often somebody looks depends on it.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "reserve/types.h"

namespace shstore::reserve {

/// "backup-dir" of Bacula's unique "backup-dir.2026-11-30_17.20.00_05"; any other name as it is.
std::string name_without_moment(const std::string& unique_name);

/// For how long the jobs of each name had a drive. Not thread-safe.
class JobLengths {
 public:
  static constexpr size_t kNames = 1000;  ///< of more the one that ended longest ago is forgotten

  void add(const std::string& name, Duration length);
  /// So long after such a job has got its drive those who wait are to be told: ascending, and none where it is not known. One of each name's
  /// last lengths may be a Full's and another an Incremental's, so there may be several.
  std::vector<Duration> tell_after(const std::string& name) const;
  size_t names() const { return known_.size(); }

 private:
  struct Known {
    std::deque<Duration> lengths{};
    uint64_t added = 0;  ///< counts up
  };
  std::map<std::string, Known> known_;
  uint64_t added_ = 0;
};

}  // namespace shstore::reserve
