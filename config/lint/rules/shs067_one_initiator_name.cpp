#include <fmt/format.h>

#include <unordered_map>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

Place place_of_storage(const SiteSd& sd) {
  if (!sd.config.storage) return {sd.path, 0, 0};
  const auto& storage = *sd.config.storage;
  return storage.name.given ? place(sd.config, storage.name) : place(sd.config, storage.at);
}

// Several daemons of one host have one inventory.
void check(const Site& site, const Surroundings&, Reporter& report) {
  std::unordered_map<std::string, const SiteSd*> first_with;
  for (const SiteSd& sd : site.sds) {
    if (!sd.inventory) continue;
    for (const std::string& name : sd.inventory->initiators) {
      const auto [entry, is_first] = first_with.try_emplace(name, &sd);
      const SiteSd& first = *entry->second;
      if (is_first || first.inventory->host == sd.inventory->host) continue;
      Finding& finding = report.add(
          place_of_storage(sd),
          fmt::format("{} logs in to iSCSI targets as {}, and so does {}: to the drives they are one host",
                      sd.inventory->host, name, first.inventory->host),
          "give each host an InitiatorName of its own in /etc/iscsi/initiatorname.iscsi (iscsi-iname makes one), and "
          "log in anew");
      finding.notes.push_back({place_of_storage(first), "the other host is this one's"});
      break;
    }
  }
}

}  // namespace

const Rule shs067{
    "SHS067", Level::error, "two hosts have one iSCSI InitiatorName", check,
    R"(What: The inventories of two hosts have the same InitiatorName, as where one machine was cloned from the other.

Why: A reservation belongs to the initiator that took it. The Linux kernel's own target does not keep two sessions
of one InitiatorName apart: whatever one of them has locked, the other one writes, with keys of their own as well.
So the lock protects neither of them. Where both hosts also have one key (SHS015), the plugin cannot notice it either.

Example:
    # /etc/iscsi/initiatorname.iscsi, on cibou and on dir
    InitiatorName=iqn.1993-08.org.debian:01:4c7f5d1a2b3c

Fix: On one of them write the name that iscsi-iname prints into /etc/iscsi/initiatorname.iscsi, give the new name
access at the target, log out of its sessions, restart iscsid and log in again. Then take the inventory anew.

Source: inventories of shstore-status --inventory (initiatorname of /sys/class/iscsi_session); seen with the target of
the kernels 6.1 and 7.3. An inventory without InitiatorNames is passed over.)"};

}  // namespace shstore::config::lint
