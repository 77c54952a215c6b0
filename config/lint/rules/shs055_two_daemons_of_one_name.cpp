#include <fmt/format.h>

#include <unordered_map>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  std::unordered_map<std::string_view, const SiteSd*> first_with;
  for (const SiteSd& sd : site.sds) {
    if (!sd.config.storage || !sd.config.storage->name.given) continue;
    const TextValue& name = sd.config.storage->name;
    const auto [entry, is_first] = first_with.try_emplace(*name, &sd);
    if (is_first || entry->second->path == sd.path) continue;
    const SiteSd& first = *entry->second;
    Finding& finding = report.add(place(sd.config, name),
                                  fmt::format("this Storage Daemon is called \"{}\", and so is that of {}", *name,
                                              first.host.empty() ? first.path : first.host),
                                  "give every Storage Daemon a Name of its own, such as its host's");
    finding.notes.push_back({place(first.config, first.config.storage->name), "the other one is here"});
  }
}

}  // namespace

const Rule shs055{
    "SHS055", Level::warning, "two Storage Daemons have one Name", check,
    R"(What: The Storage resources of two bacula-sd.conf have the same Name, as where a host's configuration was copied.

Why: The Name stands in every message, in the names of the state files, in metrics and in the session labels on the
tapes. With one Name for two daemons nobody can tell which of them held a drive or wrote a tape.

Example:
    Storage { Name = bacula-sd; ... }      # on cibou
    Storage { Name = bacula-sd; ... }      # on dir

Fix: Write Name = cibou-sd on one and Name = dir-sd on the other. Nothing else refers to it.)"};

}  // namespace shstore::config::lint
