#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/jobs.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// The library of an Autochanger as the inventories know it; empty if they do not.
const std::string& serial_of(const Site& site, size_t sd, size_t changer) {
  static const std::string none;
  const auto& inventory = site.sds[sd].inventory;
  const InventoryChanger* const robot =
      inventory ? inventory->changer_at(*site.sds[sd].config.autochangers[changer].changer_device) : nullptr;
  return robot ? robot->serial : none;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  const Jobs jobs(*site.director);
  for (const DirPool& pool : site.director->pools) {
    const StorageLink* first = nullptr;
    size_t first_storage = 0;
    for (const size_t storage : jobs.storages_of(pool)) {
      const StorageLink& link = site.links[storage];
      if (!link.sd || link.target != StorageLink::Target::autochanger) continue;
      if (!first) {
        first = &link;
        first_storage = storage;
        continue;
      }
      const std::string& one = serial_of(site, *first->sd, first->index);
      const std::string& other = serial_of(site, *link.sd, link.index);
      const DirStorage &a = site.director->storages[first_storage], &b = site.director->storages[storage];
      if (one.empty() || other.empty() || one == other || *a.media_type != *b.media_type) continue;
      Finding& finding = report.add(
          place(*site.director, pool.at),
          fmt::format(
              "Pool \"{}\" uses two libraries, those of \"{}\" and \"{}\", with one Media Type \"{}\": a job may ask for "
              "a tape that is in the other one",
              *pool.name, *a.name, *b.name, *a.media_type),
          "write a Pool for each library, or a Media Type for each");
      finding.notes.push_back({place(*site.director, b.at), "the other library is here"});
    }
  }
}

}  // namespace

const Rule shs063{
    "SHS063", Level::warning, "a Pool has its tapes in two libraries", check,
    R"(What: The Storages of a Pool lead to Autochangers that are different libraries by their serial numbers, and
have one Media Type.

Why: bacula-dir first looks for a Volume of the Pool that its catalog has in the job's Autochanger. If none of them
can be written, it takes any Volume of the Pool and the Media Type, wherever that is. If it is in the other library,
the job stops and asks an operator to mount it. With a Media Type for each library no such Volume is chosen.

Example:
    Pool { Name = Tapes; Storage = Changer-A, Changer-B; ... }     # two libraries, both Media Type = LTO-9

Fix: A Pool for each library, with a Media Type of its own in all Devices and Storages of it (LTO-9-A, LTO-9-B).

Source: dird/next_vol.c, find_next_volume_for_append(), and cats/sql_find.c, bdb_find_next_volume(): Pool and Media
Type always, InChanger and StorageId in the first pass only.)"};

}  // namespace shstore::config::lint
