#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"
#include "config/shared/lock_command.h"
#include "scsi/reservation_key.h"

namespace shstore::config::lint {
namespace {

constexpr uint64_t kDeliveredKey = 0xbac001;

Place key_place(const StorageCtlText& text) {
  return text.key.given ? place(text, text.key.at, static_cast<uint32_t>(text.key->size())) : Place{text.path, 0, 0, 0};
}

struct Lock {
  const TextValue* at = nullptr;
  StorageCtl command;
};

/// The first Lock Command of each Storage Daemon that is storage-ctl: a program of the site's own has no key that we know.
std::vector<std::optional<Lock>> locks_of(std::span<const Drive> drives, size_t daemons) {
  std::vector<std::optional<Lock>> locks(daemons);
  for (const Drive& drive : drives) {
    if (locks[drive.ref.sd] || !drive.lock_command) continue;
    const auto command = understand_lock_command(**drive.lock_command);
    if (const auto* ours = std::get_if<StorageCtl>(&command)) locks[drive.ref.sd] = Lock{drive.lock_command, *ours};
  }
  return locks;
}

void check_missing(const SiteSd& sd, const Lock& lock, bool others_are_known, const Surroundings& around,
                   Reporter& report) {
  if (sd.is_here) {
    const auto path = around.conf_of(lock.command);
    if (path && around.file(*path).exists) return;
    report.add(place(sd.config, *lock.at),
               path ? fmt::format("there is no {}: this host has no key, every job is refused", *path)
                    : fmt::format("every job is refused: {}", path.error()),
               path ? "create it with a line such as key=bac002, another key than any other host's" : "");
  } else if (others_are_known) {
    Finding& finding = report.add(
        place(sd.config, *lock.at),
        fmt::format("the storage-ctl.conf of {} is not among the files: its key was not compared", name_of(sd)),
        "give it to the linter as well");
    finding.level = Level::info;
  }
}

std::optional<scsi::ReservationKey> usable_key(const StorageCtlText& text, Reporter& report) {
  if (!text.key.given) {
    report.add(key_place(text), fmt::format("{} has no key: every job that needs a lock is refused", text.path),
               "write a line such as key=bac002: 1 to 6 hex digits, different on every host");
    return std::nullopt;
  }
  const auto key = scsi::parse_key(*text.key);
  if (key) return *key;
  report.add(key_place(text), key.error().message, "write 1 to 6 hex digits (0-9 and a-f), not zero");
  return std::nullopt;
}

void check(const Site& site, const Surroundings& around, Reporter& report) {
  const auto locks = locks_of(report.drives(), site.sds.size());
  const bool others_are_known =
      std::any_of(site.sds.begin(), site.sds.end(), [](const SiteSd& sd) { return sd.storage_ctl.has_value(); });
  std::map<scsi::ReservationKey, const SiteSd*> first_with;
  for (size_t i = 0; i < site.sds.size(); ++i) {
    const SiteSd& sd = site.sds[i];
    if (!sd.storage_ctl) {
      if (locks[i]) check_missing(sd, *locks[i], others_are_known, around, report);
      continue;
    }
    const auto key = usable_key(*sd.storage_ctl, report);
    if (!key) continue;
    const auto [entry, is_new] = first_with.try_emplace(*key, &sd);
    if (!is_new && entry->second->storage_ctl->path != sd.storage_ctl->path) {
      Finding& finding =
          report.add(key_place(*sd.storage_ctl),
                     fmt::format("{} has the key {} of {}: the plugin refuses a drive where it meets its "
                                 "own key as another host's",
                                 name_of(sd), scsi::to_text(*key), name_of(*entry->second)),
                     "give every host a key of its own");
      finding.notes.push_back({key_place(*entry->second->storage_ctl), "the first one is here"});
    } else if (is_new && key->value == kDeliveredKey && site.sds.size() > 1) {
      Finding& finding = report.add(key_place(*sd.storage_ctl),
                                    fmt::format("{} has the key {} that storage-ctl.conf comes with: a host "
                                                "where it is forgotten has it as well",
                                                name_of(sd), scsi::to_text(*key)),
                                    "give every host a key that tells which host it is");
      finding.level = Level::info;
    }
  }
}

}  // namespace

const Rule shs015{
    "SHS015", Level::error, "a reservation key is missing, cannot be used or is not this host's alone", check,
    R"(What: The key in a storage-ctl.conf is not 1 to 6 hex digits or is zero, or there is none; two Storage
Daemons have the same key (bac001, BAC001 and 0xbac001 are the same); or, as an info, the key is still
the one that the file comes with.

Why: The key is the name by which a drive knows a host. With one that cannot be used, every job is refused.
With the same key on two hosts `status storage` and `storage-ctl DEVICE wholocked` cannot tell them apart, to
break the lock of one that crashed breaks the other's too, and the plugin refuses a drive on which it meets
its own key as that of another host.

Example:
    key=bac001      # cibou
    key=BAC001      # dir

Fix: Give each host its own, in storage-ctl.conf beside storage-ctl:
    key=bac001      # cibou
    key=bac999      # dir)"};

}  // namespace shstore::config::lint
