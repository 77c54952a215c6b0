#include <fmt/format.h>

#include "config/lint/library.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// Storages that name others in Shared Storage, or are named.
std::vector<bool> sharing(const Site& site) {
  std::vector<bool> result(site.links.size());
  for (size_t i = 0; i < site.links.size(); ++i) {
    if (!site.links[i].shared_with) continue;
    result[i] = true;
    result[*site.links[i].shared_with] = true;
  }
  return result;
}

std::optional<Fix> fix_of_storage(const DirConfig& director, const DirStorage& storage, Reporter& report) {
  return fix_of(fmt::format("make \"{}\" an Autochanger resource", *storage.name),
                {report.editor().rename_resource(place(director, storage.at), "Autochanger"),
                 report.editor().remove_directive(name_place(director, storage.autochanger))});
}

void check_storage(const Site& site, size_t i, bool is_sharing, Reporter& report) {
  const DirStorage& storage = site.director->storages[i];
  const Place at = place(*site.director, storage.at);
  const std::string help = "write Autochanger { instead of Storage {, and remove its Autochanger directive";
  const bool has_yes = says_yes(*storage.autochanger);
  Finding* finding = nullptr;
  if (is_sharing) {
    finding = &report.add(
        at,
        fmt::format("Storage \"{}\" is a library that is shared, but not an Autochanger resource: Shared Storage "
                    "has no effect",
                    *storage.name),
        help);
  } else if (has_yes) {
    finding = &report.add(
        at,
        fmt::format("Storage \"{}\" is a library: since version 6.0.2 it is an Autochanger resource", *storage.name),
        help);
    finding->level = Level::info;
  } else {
    finding = &report.add(
        at,
        fmt::format("Storage \"{}\" is a library, but the Director takes it for a single drive: it does not load "
                    "tapes by itself",
                    *storage.name),
        help);
    finding->level = Level::warning;
  }
  // Without Autochanger = yes it may be meant to be used by hand.
  if (has_yes) finding->fix = fix_of_storage(*site.director, storage, report);
}

void check_autochanger(const Site& site, size_t i, Reporter& report) {
  const DirStorage& storage = site.director->storages[i];
  if (!storage.autochanger.given) return;
  const Place at = name_place(*site.director, storage.autochanger);
  const auto& changer = site.links[i].changer;
  if (says_yes(*storage.autochanger)) {
    Finding& finding = report.add(at, fmt::format("Autochanger \"{}\" does not need Autochanger = yes", *storage.name),
                                  "remove the directive");
    finding.level = Level::info;
    finding.fix = fix_of("remove Autochanger = yes", {report.editor().remove_directive(at)});
  } else if (says_no(*storage.autochanger)) {
    report
        .add(at, fmt::format("Autochanger = no has no effect in Autochanger \"{}\"", *storage.name),
             "remove the directive; if it is a single drive, write Storage { instead of Autochanger {")
        .level = Level::warning;
  } else if (changer && *changer != i) {
    report.add(
        place(*site.director, storage.autochanger),
        fmt::format("Autochanger \"{}\" is made a drive of \"{}\" by its Autochanger directive: its own drives and "
                    "Shared Storage have no effect",
                    *storage.name, *storage.autochanger),
        "remove the directive; if it is one library with another host's, write Shared Storage instead");
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  const std::vector<bool> is_sharing = sharing(site);
  for (size_t i = 0; i < site.links.size(); ++i) {
    const StorageLink& link = site.links[i];
    if (site.director->storages[i].is_autochanger_resource) {
      check_autochanger(site, i, report);
    } else if (link.target == StorageLink::Target::autochanger && !link.changer) {
      check_storage(site, i, is_sharing[i], report);
    }
  }
}

}  // namespace

const Rule shs022{
    "SHS022", Level::error, "a library is not an Autochanger resource of the Director", check,
    R"(What: A Storage resource of the Director names an Autochanger of bacula-sd.conf (info with Autochanger
= yes; a warning without; an error if Shared Storage is used with it); or an Autochanger resource has
an Autochanger directive.

Why: Since version 6.0.2 the Director knows by the Autochanger resource which drives are one library. A
Storage resource with Autochanger = yes still works for one host and one changer, but Shared Storage with it
has no effect. Without Autochanger = yes the Director takes the library for a drive into which an operator
puts tapes. In an Autochanger resource yes and no are superfluous, and the name of another one makes it a
drive of that one.

Example:
    Storage {
      Name = Changer-1
      Device = LTO-Changer-1
      Autochanger = yes
      ...
    }

Fix: Change Storage to Autochanger and remove Autochanger = yes:
    Autochanger {
      Name = Changer-1
      Device = LTO-Changer-1
      ...
    })"};

}  // namespace shstore::config::lint
