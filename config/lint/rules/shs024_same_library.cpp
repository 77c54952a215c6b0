#include <fmt/format.h>

#include <map>

#include "config/lint/library.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

using Storages = std::vector<size_t>;  ///< indices of the Director's Storages

/// The Storage that the others name: the one that is named already, else the first.
size_t head_of(const Site& site, const Storages& group) {
  for (const size_t storage : group) {
    const auto& named = site.links[storage].shared_with;
    if (named && *named != storage) return *named;
  }
  return group.front();
}

void report_group(const Site& site, const Storages& group, bool is_certain, Reporter& report) {
  const DirConfig& director = *site.director;
  const size_t head = head_of(site, group);
  for (const size_t i : group) {
    const auto& named = site.links[i].shared_with;
    if (i == head || site.links[i].sd == site.links[head].sd || (named && *named != i)) continue;
    const std::string_view head_name = *director.storages[head].name;
    Finding& finding =
        report.add(place(director, director.storages[i].name),
                   is_certain ? fmt::format("\"{}\" is the same library as \"{}\" but does not say so: it does not see "
                                            "the other's tapes",
                                            *director.storages[i].name, head_name)
                              : fmt::format("\"{}\" and \"{}\" both have drives with a Lock Command and the same Media "
                                            "Type: are they one library?",
                                            *director.storages[i].name, head_name),
                   is_certain ? fmt::format("write Shared Storage = {}", head_name)
                              : fmt::format("if they are, write Shared Storage = {}", head_name));
    if (!is_certain) finding.level = Level::info;
    finding.notes.push_back({place(director, director.storages[head].name), "the other one is here"});
    const bool are_autochangers =
        director.storages[i].is_autochanger_resource && director.storages[head].is_autochanger_resource;
    if (!is_certain || !are_autochangers || head_name.empty()) continue;
    finding.fix = fix_of(fmt::format("set Shared Storage to {}", head_name),
                         {report.editor().set_directive(place(director, director.storages[i].at),
                                                        directive_place(director, director.storages[i].shared_storage),
                                                        "Shared Storage", head_name)});
  }
}

bool has_lock(const Site& site, const ChangerRef& changer) {
  for (const Drive& drive : drives_of(site, changer.sd, changer.changer)) {
    if (drive.lock_command) return true;
  }
  return false;
}

/// Storages of Autochangers by Media Type: the tapes of another Media Type are another stock.
using ByMediaType = std::map<std::string_view, Storages>;

void add_to(ByMediaType& groups, const Site& site, const StoragesOf& storages, const ChangerRef& changer) {
  for (const size_t i : storages.autochanger(changer)) {
    groups[*site.director->storages[i].media_type].push_back(i);
  }
}

/// Without inventories: those whose drives are locked, if nothing is said about any of them.
void check_likely(const Site& site, const StoragesOf& storages, const std::vector<bool>& is_known, Reporter& report) {
  ByMediaType groups;
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    for (size_t c = 0; c < site.sds[sd].config.autochangers.size(); ++c) {
      if (has_lock(site, {sd, c})) add_to(groups, site, storages, {sd, c});
    }
  }
  for (const auto& [media_type, group] : groups) {
    bool is_said = false;
    for (const size_t i : group) is_said = is_said || is_known[i] || site.links[i].shared_with;
    if (!is_said) report_group(site, group, false, report);
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  const StoragesOf storages(site);
  std::vector<bool> is_known(site.links.size());
  for (const auto& library : same_libraries(site)) {
    ByMediaType groups;
    for (const ChangerRef& changer : library) add_to(groups, site, storages, changer);
    for (const auto& [media_type, group] : groups) {
      for (const size_t i : group) is_known[i] = true;
      report_group(site, group, true, report);
    }
  }
  check_likely(site, storages, is_known, report);
}

}  // namespace

const Rule shs024{
    "SHS024", Level::error, "the second host's Autochanger lacks Shared Storage", check,
    R"(What: Two Autochanger resources of the Director are one library on two Storage Daemons, as the hosts'
inventories show, and neither names the other in Shared Storage. Without inventories it is asked as an
info where both have drives with a Lock Command and the same Media Type, and nothing is said about
Shared Storage.

Why: The catalog notes for each Volume which Storage it is in. A job on the second host looks for Volumes of
its own Autochanger only. Shared Storage tells the Director that the Volumes of both are in one library and
may be used through either.

Example:
    Autochanger { Name = Changer-1; Address = cibou.company.com; ... }
    Autochanger { Name = Changer-2; Address = dir.company.com; ... }      # the same library

Fix: In all but the first write which one it is:
    Autochanger { Name = Changer-2; Shared Storage = Changer-1; ... })"};

}  // namespace shstore::config::lint
