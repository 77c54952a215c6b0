#include <fmt/format.h>

#include <algorithm>

#include "config/lint/library.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// No other Director may have jobs for what ours does not name.
bool has_one_director(const SdConfig& config) {
  const auto count = std::count_if(config.directors.begin(), config.directors.end(),
                                   [](const SdDirector& director) { return !*director.monitor; });
  return count == 1;
}

void check_sd(const Site& site, size_t sd, const StoragesOf& storages, Reporter& report) {
  const SdConfig& config = site.sds[sd].config;
  std::vector<bool> is_used(config.autochangers.size());
  for (size_t c = 0; c < config.autochangers.size(); ++c) is_used[c] = !storages.autochanger({sd, c}).empty();

  for (size_t i = 0; i < config.devices.size(); ++i) {
    const auto& changers = site.members[sd].changers[i];
    const bool is_reached = std::any_of(changers.begin(), changers.end(), [&](size_t c) { return is_used[c]; });
    if (is_reached || !*config.devices[i].enabled || !storages.device({sd, i}).empty()) continue;
    const std::string through =
        changers.empty() ? ""
                         : fmt::format(", nor its Autochanger \"{}\"", *config.autochangers[changers.front()].name);
    report.add(place(config, config.devices[i].name),
               fmt::format("no Storage of the Director names Device \"{}\"{}: no job uses it", *config.devices[i].name,
                           through),
               "name it in bacula-dir.conf, or set Enabled = no");
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  const StoragesOf storages(site);
  std::vector<bool> is_linked(site.sds.size()), is_understood(site.sds.size(), true);
  for (const StorageLink& link : site.links) {
    if (!link.sd) continue;
    is_linked[*link.sd] = true;
    for (const DeviceTarget& target : link.devices) {
      // A name that does not fit (SHS014) may be meant for any of its devices.
      if (target.kind == DeviceTarget::Kind::unknown) is_understood[*link.sd] = false;
    }
  }
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    if (is_linked[sd] && is_understood[sd] && has_one_director(site.sds[sd].config))
      check_sd(site, sd, storages, report);
  }
}

}  // namespace

const Rule shs032{"SHS032", Level::info, "a Device that no job can reach", check,
                  R"(What: No Storage of the Director names this Device or its Autochanger. Silent if the Storage Daemon
serves a second Director, and if one of its names is not understood (SHS014).

Why: The drive stands idle. Often a new drive was added to bacula-sd.conf, and the Autochanger's list or
bacula-dir.conf was forgotten.

Example:
    Autochanger { Name = LTO; Device = Drive-0; ... }
    Device { Name = Drive-1; Drive Index = 1; ... }          # not in the list

Fix: List the drive in its Autochanger, or give it a Storage resource in bacula-dir.conf. For a drive that is
kept in reserve write Enabled = no.)"};

}  // namespace shstore::config::lint
