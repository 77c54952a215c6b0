#include <fmt/format.h>

#include <algorithm>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// Drives of this Autochanger that jobs of this Media Type may get at the same time.
size_t usable_drives(const Site& site, size_t sd, size_t changer, std::string_view media_type) {
  const std::vector<Drive> drives = drives_of(site, sd, changer);
  return static_cast<size_t>(std::count_if(drives.begin(), drives.end(), [&](const Drive& drive) {
    const SdDevice& device = *drive.device;
    return *device.enabled && *device.auto_select && *device.media_type == media_type;
  }));
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (size_t i = 0; i < site.links.size(); ++i) {
    const StorageLink& link = site.links[i];
    const DirStorage& storage = site.director->storages[i];
    const Value<uint32_t>& most = storage.maximum_concurrent_jobs;
    if (!link.sd || link.target != StorageLink::Target::autochanger || *most >= 2) continue;
    const size_t drives = usable_drives(site, *link.sd, link.index, *storage.media_type);
    if (drives <= *most) continue;
    Finding& finding =
        report.add(most.given ? place(*site.director, most) : place(*site.director, storage.at),
                   fmt::format("\"{}\" has {} drives but runs only {} job at a time{}", *storage.name, drives, *most,
                               most.given ? "" : ", because Maximum Concurrent Jobs is 1 if it is not written"),
                   fmt::format("write Maximum Concurrent Jobs = {} or more", drives));
    if (most.given) finding.level = Level::info;
  }
}

}  // namespace

const Rule shs030{
    "SHS030", Level::warning, "drives stand idle because one job at a time is allowed", check,
    R"(What: The Director's resource for an Autochanger with several drives has Maximum Concurrent Jobs = 1
(info), or none, which means 1.

Why: The limit counts all jobs that use the Storage, whichever drive they get. With 1, the second drive is
never used by a backup, and a restore that takes hours keeps every backup waiting.

Example:
    Autochanger { Name = Changer-1; Device = LTO-Changer-1; ... }    # two drives, no Maximum Concurrent Jobs

Fix: Write at least the number of drives; more lets several jobs write to one tape:
    Maximum Concurrent Jobs = 10)"};

}  // namespace shstore::config::lint
