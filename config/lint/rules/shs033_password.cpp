#include <fmt/format.h>

#include <algorithm>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

const SdDirector* our_director(const SdConfig& config, std::string_view name) {
  const auto found = std::find_if(config.directors.begin(), config.directors.end(),
                                  [&](const SdDirector& director) { return *director.name == name; });
  return found == config.directors.end() ? nullptr : &*found;
}

void check_storage(const Site& site, size_t i, std::string_view director_name, std::vector<bool>& seen,
                   Reporter& report) {
  const StorageLink& link = site.links[i];
  const DirStorage& storage = site.director->storages[i];
  const SiteSd& sd = site.sds[*link.sd];
  if (sd.config.directors.empty()) return;
  const SdDirector* const director = our_director(sd.config, director_name);
  // Not known by its address, it may also be another host's file.
  const Level level = link.by == StorageLink::By::devices ? Level::warning : Level::error;
  if (!director) {
    if (seen[*link.sd]) return;
    seen[*link.sd] = true;
    Finding& finding = report.add(
        place(sd.config, sd.config.directors.front().name),
        fmt::format("{} has no Director resource named \"{}\": it refuses this Director", name_of(sd), director_name),
        fmt::format("write Director {{ Name = {} ... }}", director_name));
    finding.level = level;
    finding.notes.push_back({place(*site.director, site.director->director->name), "the Director's name is here"});
  } else if (storage.password.given && director->password.given && *storage.password != *director->password) {
    Finding& finding =
        report.add(name_place(*site.director, storage.password),
                   fmt::format("the Password of Storage \"{}\" is not the one that {} has for this Director",
                               *storage.name, name_of(sd)),
                   "write the same Password in both");
    finding.level = level;
    finding.notes.push_back({name_place(sd.config, director->password), "the Storage Daemon's is here"});
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director || !site.director->director || site.director->director->name->empty()) return;
  std::vector<bool> seen(site.sds.size());
  for (size_t i = 0; i < site.links.size(); ++i) {
    if (site.links[i].sd) check_storage(site, i, *site.director->director->name, seen, report);
  }
}

}  // namespace

const Rule shs033{
    "SHS033", Level::error, "the Storage Daemon does not know this Director or its password", check,
    R"(What: A Storage Daemon has no Director resource with the Director's name, or the Password there is not
the one in the Director's Storage resource. Passwords are never printed. Where the Storage Daemon is
known by the names of its devices only, it is a warning.

Why: The Storage Daemon refuses the connection: "Director unable to authenticate with Storage daemon". No job
runs.

Example:
    Director { Name = bacula-dir; Password = "xxxxxxxxxx"; }              # bacula-sd.conf
    Autochanger { Name = Changer-1; Password = "yyyyyyy"; ... }           # bacula-dir.conf

Fix: Write the same Password in the Director's Storage and Autochanger resources for a host and in that
host's Director resource, and the Director's own name there.)"};

}  // namespace shstore::config::lint
