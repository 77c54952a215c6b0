// One Director and the Storage Daemons it uses, joined: who means whom across the files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/dir_config.h"
#include "config/inventory.h"
#include "config/membership.h"
#include "config/sd_config.h"

namespace shstore::config {

/// storage-ctl.conf as text with places: unlike scsi::parse_storage_ctl_conf() it never stops at the first problem.
struct StorageCtlText {
  std::string path;
  Value<std::string> key;               ///< as written, not checked
  Value<uint64_t> max_lock_wait{1800};  ///< seconds
  std::vector<Diagnostic> diagnostics;  ///< lines that cannot be understood; Location::file is 0
};

struct SiteSd {
  std::string path;  ///< of bacula-sd.conf, as given
  SdConfig config;
  std::optional<StorageCtlText> storage_ctl;
  std::optional<Inventory> inventory;
  /// The host's name where it is known: given on the command line, else from the inventory.
  std::string host;
  /// The configuration belongs to the machine the linter runs on: files and commands it names can be looked at.
  bool is_here = false;
};

/// One drive of one SD.
struct DriveRef {
  size_t sd = 0, device = 0;  ///< Site::sds[sd].config.devices[device]
  friend auto operator<=>(const DriveRef&, const DriveRef&) = default;
};

/// What a Storage of the Director means.
struct StorageLink {
  std::optional<size_t> sd;  ///< index into Site::sds; nothing: its SD is not among the files given
  enum class By { none, address, password, devices } by = By::none;  ///< how the SD was recognized
  enum class Target { unknown, device, autochanger } target = Target::unknown;
  size_t index = 0;                      ///< of the SD's Device or Autochanger
  std::optional<size_t> changer;         ///< `Autochanger = X`: index of X among the Director's storages
  std::optional<size_t> shared_with;     ///< `Shared Storage = X`, resolved
};

class Site {
 public:
  Site(std::optional<DirConfig> director, std::vector<SiteSd> sds);

  std::optional<DirConfig> director;
  std::vector<SiteSd> sds;
  /// One for each of sds.
  std::vector<Membership> members;
  /// One for each of director->storages.
  std::vector<StorageLink> links;
  /// Drives of different SDs that are one physical drive: by serial number (inventories). Groups of two and more.
  std::vector<std::vector<DriveRef>> same_drive;

  const SdDevice& device(const DriveRef& drive) const { return sds[drive.sd].config.devices[drive.device]; }
};

}  // namespace shstore::config
