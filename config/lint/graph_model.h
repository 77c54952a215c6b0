// What both pictures of a site show, worked out once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/site.h"

namespace shstore::config::lint {

/// A drive or a changer of the SAN, and the resources that lead to it.
struct Hardware {
  std::string what;               ///< "HP Ultrium 4-SCSI"; empty: unknown
  std::string serial;             ///< or the designator; empty: unknown
  std::vector<DriveRef> used_by;  ///< of a changer: DriveRef::device is the index of the Autochanger
};

struct GraphModel {
  std::vector<Hardware> drives;    ///< those of Site::same_drive, in its order
  std::vector<Hardware> changers;  ///< that Autochangers of two or more SDs drive
  /// Of each SD and Device: the index of its drive.
  std::vector<std::vector<std::optional<size_t>>> drive_of;
  /// Of each SD and Autochanger: the index of its changer.
  std::vector<std::vector<std::optional<size_t>>> changer_of;
  /// Of each SD: its Devices that no Autochanger lists.
  std::vector<std::vector<size_t>> single_drives;
};

GraphModel graph_model(const Site& site);

/// Of each Storage: those that name it as their Autochanger, by index; and those that stand at the top.
struct StorageTree {
  std::vector<std::vector<size_t>> parts;
  std::vector<size_t> top;
};
StorageTree storage_tree(const Site& site);

/// What a Storage's Device means: "LTO-Changer-1 on cibou.company.com", or why that is not known.
std::string target_text(const Site& site, size_t storage);

/// One line: control characters, which a quoted value may hold, become '?'.
std::string one_line(std::string text);

}  // namespace shstore::config::lint
