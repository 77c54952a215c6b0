#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/lookalike.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

std::string difference_in_brackets(std::string_view a, std::string_view b) {
  return folded_tightly(a) == folded_tightly(b) ? fmt::format(" ({})", difference(a, b)) : std::string();
}

void check_drives(const Site& site, Reporter& report) {
  for (const auto& group : site.same_drive) {
    const Drive first = drive_at(site, group.front());
    for (const DriveRef& ref : group) {
      const Drive drive = drive_at(site, ref);
      const std::string_view type = *drive.device->media_type;
      const std::string_view other = *first.device->media_type;
      if (type == other || ref.sd == first.ref.sd) continue;
      Finding& finding = report.add(
          place(drive.config(), drive.device->media_type),
          fmt::format("Device \"{}\" has Media Type \"{}\", but {} has \"{}\" for the same drive{}",
                      *drive.device->name, type, name_of(*first.sd), other, difference_in_brackets(type, other)),
          "write the same Media Type on every host");
      finding.notes.push_back({place(first.config(), first.device->media_type), "the other one is here"});
    }
  }
}

void check_shared_storages(const Site& site, Reporter& report) {
  for (size_t i = 0; i < site.links.size(); ++i) {
    const auto& head = site.links[i].shared_with;
    if (!head || *head == i) continue;
    const DirStorage& storage = site.director->storages[i];
    const DirStorage& first = site.director->storages[*head];
    if (!storage.media_type.given || !first.media_type.given || *storage.media_type == *first.media_type) continue;
    // One host may have a library of two generations, and join the Storages of both.
    const bool is_alike = folded_tightly(*storage.media_type) == folded_tightly(*first.media_type);
    const bool are_two_hosts = site.links[i].sd && site.links[*head].sd && *site.links[i].sd != *site.links[*head].sd;
    if (!is_alike && !are_two_hosts) continue;
    Finding& finding =
        report.add(place(*site.director, storage.media_type),
                   fmt::format("\"{}\" shares the tapes of \"{}\" but has Media Type \"{}\" instead of \"{}\"{}",
                               *storage.name, *first.name, *storage.media_type, *first.media_type,
                               difference_in_brackets(*storage.media_type, *first.media_type)),
                   fmt::format("write Media Type = {} here and in the drives of that host", *first.media_type));
    if (!is_alike) finding.level = Level::warning;
    finding.notes.push_back({place(*site.director, first.media_type), "the other one is here"});
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  check_drives(site, report);
  check_shared_storages(site, report);
}

}  // namespace

const Rule shs029{"SHS029", Level::error, "hosts that share tapes have different Media Types", check,
                  R"(What: Devices of two Storage Daemons are one drive, by the hosts' inventories, and have different
Media Types; or two Autochanger resources of the Director that are joined by Shared Storage have
look-alike ones (LTO9 and LTO-9), or, as a warning, any two on two hosts.

Why: The catalog notes each Volume's Media Type when the Volume is labelled, and a Volume is used only by a
Storage with exactly that Media Type. What one host writes the other can neither append to nor restore from,
although it is the same tape in the same drive.

Example:
    Autochanger { Name = Changer-1; Media Type = LTO-9; ... }
    Autochanger { Name = Changer-2; Media Type = LTO9; Shared Storage = Changer-1; ... }

Fix: Write one Media Type, letter by letter, in the Devices of every host and in the Director's resources.)"};

}  // namespace shstore::config::lint
