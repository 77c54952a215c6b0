// What a daemon refuses although each directive is right by itself: checks over the resources as a whole. Resources
// come one by one; what is kept of them are views into the sources.
#pragma once

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "config/resource_reader.h"

namespace shstore::config {

/// TLS needs a certificate and its key, and trusted certificates if the peer's is to be checked (check_resources() of both
/// daemons). Since version 11 TLS Require alone does not: the password serves as the key. Of the Director's Client only
/// the trusted certificates are looked at.
void check_tls(const TypedResource& resource, Findings& findings);

/// bacula-sd: stored/stored.c, check_resources().
class SdChecker {
 public:
  void add(const TypedResource& resource, Findings& findings);

 private:
  uint32_t storage_line_ = 0;  ///< of the first Storage resource
};

/// bacula-dir: dird/dird.c, check_resources().
class DirChecker {
 public:
  void add(const TypedResource& resource, Findings& findings);
  /// Once, after the last resource.
  void report(Findings& findings) const;

 private:
  struct Name {
    std::string_view name;
    Location at;
  };
  /// What is needed of a Job, a JobDefs or a Pool when all are known.
  struct Facts {
    Location at;
    std::string_view name, job_defs, type, level;
    Name pool, next_pool;
    bool has_storage = false;
    std::set<std::string_view> given;  ///< those of the directives that a Job requires
  };
  using ByName = std::map<std::string_view, Facts>;

  static Facts facts_of(const TypedResource& resource);
  void add_director(const TypedResource& director, Findings& findings);
  void add_devices(const TypedResource& storage);
  void check_pool(const TypedResource& pool, Findings& findings);
  void report_devices(Findings& findings) const;
  void report_job(const Facts& own, Findings& findings) const;

  uint32_t director_line_ = 0;
  std::set<std::string_view> devices_;  ///< that bacula-dir knows
  std::vector<Name> other_devices_;     ///< named behind a comma
  std::vector<Facts> jobs_;
  ByName job_defs_, pools_;
};

}  // namespace shstore::config
