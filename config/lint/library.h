// Which Autochangers of different Storage Daemons are one library.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "config/lint/drive.h"

namespace shstore::config::lint {

/// One Autochanger of one SD.
struct ChangerRef {
  size_t sd = 0, changer = 0;  ///< Site::sds[sd].config.autochangers[changer]
  friend auto operator<=>(const ChangerRef&, const ChangerRef&) = default;
};

/// Only what is certain: their robots have the same serial number, or they have a drive in common
/// (inventories). Groups with Autochangers of at least two SDs, each in ascending order.
std::vector<std::vector<ChangerRef>> same_libraries(const Site& site);

/// The drive behind the Archive Device, else behind the Control Device, as the host's inventory knows it, or
/// nullptr.
const InventoryDevice* known_drive(const Drive& drive);

/// Autochangers and single drives of the Director's Storages, by what they point at. Built once per rule.
class StoragesOf {
 public:
  explicit StoragesOf(const Site& site);
  /// Indices into the Director's storages, ascending.
  const std::vector<size_t>& autochanger(const ChangerRef& changer) const;
  const std::vector<size_t>& device(const DriveRef& drive) const;

 private:
  std::vector<std::vector<std::vector<size_t>>> autochangers_,
      devices_;  ///< by SD, then by Autochanger or Device
};

/// `Autochanger = ` as a Director's Storage has it: yes and true are one.
bool says_yes(std::string_view autochanger);
bool says_no(std::string_view autochanger);

/// A Storage that gathers the StorageIds of its drives (dird.c, check_catalog()): an Autochanger resource, or
/// one that names itself in `Autochanger = `.
bool is_autochanger(const Site& site, size_t storage);

}  // namespace shstore::config::lint
