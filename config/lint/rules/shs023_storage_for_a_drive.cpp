#include <fmt/format.h>

#include <algorithm>

#include "config/lint/library.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// The Director's Storages for the Autochangers that this drive is in.
std::vector<size_t> storages_of_changers(const Site& site, const DriveRef& drive, const StoragesOf& storages) {
  std::vector<size_t> result;
  for (const size_t changer : site.members[drive.sd].changers[drive.device]) {
    for (const size_t storage : storages.autochanger({drive.sd, changer})) result.push_back(storage);
  }
  return result;
}

std::string written(const DirStorage& storage) {
  return storage.autochanger.given ? fmt::format("Autochanger = {}", *storage.autochanger)
                                   : std::string("no Autochanger directive");
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  const StoragesOf storages(site);
  for (size_t i = 0; i < site.links.size(); ++i) {
    const StorageLink& link = site.links[i];
    const DirStorage& storage = site.director->storages[i];
    if (!link.sd || link.target != StorageLink::Target::device || storage.is_autochanger_resource) continue;
    const auto changers = storages_of_changers(site, {*link.sd, link.index}, storages);
    if (changers.empty()) continue;
    if (link.changer && std::find(changers.begin(), changers.end(), *link.changer) != changers.end()) continue;
    const bool names_nothing =
        !link.changer && storage.autochanger.given && !says_yes(*storage.autochanger) && !says_no(*storage.autochanger);
    if (names_nothing) continue;  // bacula-dir refuses it
    const DirStorage& changer = site.director->storages[changers.front()];
    const Place at =
        storage.autochanger.given ? place(*site.director, storage.autochanger) : place(*site.director, storage.at);
    Finding& finding = report.add(
        at,
        fmt::format("Storage \"{}\" is a drive of \"{}\" and has {}: its jobs do not see the library's tapes",
                    *storage.name, *changer.name, written(storage)),
        fmt::format("write Autochanger = {}", *changer.name));
    finding.notes.push_back({place(*site.director, changer.name), "the library is here"});
    // Another name or a no may be meant; a drive that says nothing may be recognized by its name only.
    const bool says_nothing = !storage.autochanger.given && link.by != StorageLink::By::devices;
    if (changers.size() != 1 || changer.name->empty() || !(says_nothing || says_yes(*storage.autochanger))) continue;
    finding.fix = fix_of(fmt::format("set Autochanger to {}", *changer.name),
                         {report.editor().set_directive(place(*site.director, storage.at),
                                                        directive_place(*site.director, storage.autochanger),
                                                        "Autochanger", *changer.name)});
  }
}

}  // namespace

const Rule shs023{
    "SHS023", Level::error, "a drive's Storage does not name its Autochanger", check,
    R"(What: A Storage resource of the Director names a Device that is in an Autochanger of bacula-sd.conf,
the Director has a resource for that Autochanger too, and the Storage has Autochanger = yes, the name
of another one, or no such directive.

Why: The catalog notes for each Volume which Storage it is in. A job on the drive's Storage looks for Volumes
of that Storage only, unless it names the Autochanger: then for those of the whole library. Without it the
job asks the operator for a tape while the library is full of them.

Example:
    Autochanger { Name = Changer-1; Device = LTO-Changer-1; ... }
    Storage { Name = Changer-1-Drive0; Device = Drive-0; Autochanger = yes; ... }

Fix: Name the Autochanger:
    Storage { Name = Changer-1-Drive0; Device = Drive-0; Autochanger = Changer-1; ... })"};

}  // namespace shstore::config::lint
