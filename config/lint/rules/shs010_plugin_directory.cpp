#include <fmt/format.h>

#include <algorithm>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr const char* kPlugin = "shstore-sd.so";

/// The first Device of each Storage Daemon that is to be locked, or none.
std::vector<const Drive*> first_locked(const Site& site, std::span<const Drive> drives) {
  std::vector<const Drive*> first(site.sds.size());
  for (const Drive& drive : drives) {
    if (drive.lock_command && !first[drive.ref.sd]) first[drive.ref.sd] = &drive;
  }
  return first;
}

void check_missing(const Drive& drive, Reporter& report) {
  const bool ends_bacula = !drive.lock_is_inherited() && !drive.device->control_device->empty();
  Finding& finding =
      report.add(place(drive.config(), drive.config().storage->at),
                 fmt::format("Storage \"{}\" has no Plugin Directory, but Device \"{}\" has a Lock Command: {}",
                             *drive.config().storage->name, *drive.device->name,
                             ends_bacula ? "bacula-sd ends when it starts" : "nothing is locked"),
                 "write Plugin Directory = with the folder that holds shstore-sd.so: /usr/lib/bacula or "
                 "/opt/bacula/plugins");
  finding.notes.push_back({place(drive.config(), *drive.lock_command), "the Lock Command is here"});
}

void check_contents(const SiteSd& sd, const Surroundings& around, Reporter& report) {
  const TextValue& directory = sd.config.storage->plugin_directory;
  const FileFacts facts = around.file(std::string(*directory));
  if (facts.exists && facts.is_directory) {
    if (std::binary_search(facts.entries.begin(), facts.entries.end(), kPlugin)) return;
    report.add(place(sd.config, directory),
               fmt::format("there is no {} in Plugin Directory {}: bacula-sd runs without locks, and says nothing",
                           kPlugin, *directory),
               "install the plugin there, as a file and not as a link, or name the folder where it is");
  } else {
    report.add(place(sd.config, directory),
               fmt::format("Plugin Directory {} {}: bacula-sd runs without locks", *directory,
                           facts.exists ? "is not a folder" : "does not exist on this host"),
               "name the folder that holds shstore-sd.so");
  }
}

/// What the host's inventory says; also of this host, whose folder's list of names does not show what is a link.
void check_known(const SiteSd& sd, Reporter& report) {
  const TextValue& directory = sd.config.storage->plugin_directory;
  const std::string path = fmt::format("{}{}{}", *directory, directory->ends_with('/') ? "" : "/", kPlugin);
  const InventoryFile* const known = sd.inventory ? sd.inventory->file_at(path) : nullptr;
  if (!known) return;
  if (known->link == true) {
    report.add(place(sd.config, directory),
               fmt::format("{} is a symbolic link: bacula-sd passes over it and runs without locks, and says "
                           "nothing",
                           path),
               "copy the plugin there: a file and not a link");
  } else if (known->exists == false && !sd.is_here) {
    report.add(place(sd.config, directory),
               fmt::format("there is no {} in Plugin Directory {} on host {}: bacula-sd runs without locks, and "
                           "says nothing",
                           kPlugin, *directory, sd.inventory->host),
               "install the plugin there, as a file and not as a link, or name the folder where it is");
  }
}

void check(const Site& site, const Surroundings& around, Reporter& report) {
  const std::span<const Drive> drives = report.drives();
  for (const Drive* drive : first_locked(site, drives)) {
    if (!drive || !drive->config().storage) continue;
    const std::string_view directory = *drive->config().storage->plugin_directory;
    if (directory.empty()) {
      check_missing(*drive, report);
    } else if (directory.starts_with('/')) {
      if (drive->sd->is_here) check_contents(*drive->sd, around, report);
      check_known(*drive->sd, report);
    }
  }
}

}  // namespace

const Rule shs010{
    "SHS010", Level::error, "the plugin that locks is not loaded", check,
    R"(What: A Device has a Lock Command, but the Storage resource has no Plugin Directory. For the host that
the linter runs on: the folder does not exist, or does not hold shstore-sd.so. By a host's inventory: it
does not hold shstore-sd.so, or only a link to it.

Why: bacula-sd loads plugins only from there, and it fails open: if it finds no plugin it runs on, and jobs
write without any lock. Only if a Device has both a Control Device and a Lock Command of its own does
bacula-sd end at its start with "No plugin directory configured for SAN shared storage". It does not look
whether the plugin is in the folder, and it passes over symbolic links.

Example:
    Storage {
      Name = cibou-sd
      Working Directory = /opt/bacula/working     # Plugin Directory is missing
      ...
    }

Fix: Write Plugin Directory = /opt/bacula/plugins, with the folder where shstore-sd.so is. After a restart
`status storage` must list the plugin: "Plugin: shstore-sd.so", or "shstore" and a version from Bacula 13 on.)"};

}  // namespace shstore::config::lint
