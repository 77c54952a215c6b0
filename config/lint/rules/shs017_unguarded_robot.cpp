#include <fmt/format.h>

#include <map>

#include "config/lint/library.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// One library by what the Director says: Autochangers of different SDs joined by Shared Storage. The second
/// of each pair to its first.
std::map<ChangerRef, ChangerRef> shared_by_director(const Site& site) {
  std::map<ChangerRef, ChangerRef> result;
  for (const StorageLink& link : site.links) {
    if (!link.shared_with || !link.sd || link.target != StorageLink::Target::autochanger) continue;
    const StorageLink& head = site.links[*link.shared_with];
    if (!head.sd || *head.sd == *link.sd || head.target != StorageLink::Target::autochanger) continue;
    const ChangerRef here{*link.sd, link.index}, there{*head.sd, head.index};
    result.try_emplace(here, there);
    result.try_emplace(there, here);
  }
  return result;
}

/// Each Autochanger that another SD has as well, and one of the others.
std::map<ChangerRef, ChangerRef> shared_changers(const Site& site) {
  std::map<ChangerRef, ChangerRef> result = shared_by_director(site);
  for (const auto& group : same_libraries(site)) {
    for (const ChangerRef& changer : group) {
      const ChangerRef& other = changer.sd == group.front().sd ? group.back() : group.front();
      result.try_emplace(changer, other);
    }
  }
  return result;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (const auto& [here, there] : shared_changers(site)) {
    const SdConfig& config = site.sds[here.sd].config;
    const SdAutochanger& changer = config.autochangers[here.changer];
    const std::string_view command = *changer.changer_command;
    if (is_virtual_changer(command) || runs_our_changer(command)) continue;
    const SiteSd& other = site.sds[there.sd];
    Finding& finding = report.add(
        place(config, changer.changer_command),
        fmt::format("Autochanger \"{}\" is the library of \"{}\" of {}, and nothing keeps one host from unloading a "
                    "drive that the other is writing to",
                    *changer.name, *other.config.autochangers[there.changer].name, name_of(other)),
        "use shstore-changer on both hosts: Changer Command = \"" SHSTORE_SCRIPTS_DIR
        "/shstore-changer %c %o %S %a %d\"");
    finding.notes.push_back(
        {place(other.config, other.config.autochangers[there.changer].changer_command), "the other host's is here"});
  }
}

}  // namespace

const Rule shs017{"SHS017", Level::warning, "two hosts command one robot without a guard", check,
                  R"(What: Autochangers of two Storage Daemons are one library, by the hosts' inventories or by the
Director's Shared Storage, and a Changer Command does not run shstore-changer.

Why: A drive that is locked refuses everybody else's commands, but the robot does not: it takes the tape out
of any drive. bacula-sd unloads a drive that it believes to be idle without asking a plugin, and two hosts
that command the robot at the same moment get in each other's way.

Example:
    Changer Command = ")" SHSTORE_SCRIPTS_DIR R"(/mtx-changer %c %o %S %a %d"    # on cibou and on dir

Fix: On every host that has the library
    Changer Command = ")" SHSTORE_SCRIPTS_DIR R"(/shstore-changer %c %o %S %a %d"
It prints what mtx-changer prints, takes no tape out of a drive that another host holds, and reserves the
robot while it moves. For a robot that needs mtx-changer or a script of its own, add --via with that program.
Where something else keeps the hosts apart, silence this finding with a comment and the reason.)"};

}  // namespace shstore::config::lint
