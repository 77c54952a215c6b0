// One Director and the Storage Daemons it uses, joined: who means whom across the files.
//
// A Storage of the Director is joined to the first SD that one of these finds; each finds an SD only if no other fits
// as well, so that a doubt leaves the Storage without one:
//
//   1. address       the Storage's Address and SD Port are the SD's. The SD's addresses are those of SDAddress(es),
//                    wildcards left out, and its host's name. Host names: without case; a name without a domain is
//                    that of any host that begins with it and a dot. localhost, 127.0.0.1 and ::1 are the same.
//                    If several SDs fit (two files of one host), the next two steps choose among them.
//   2. password      an SD's Director resource has the Director's name and the Storage's Password. Where Storages of
//                    several addresses have this password it says nothing, and the step is left out.
//   3. devices       all names in the Storage's Device are Autochangers or Devices of the SD. SDs with the right
//                    password come first; without one, an SD counts only if it is not known to be elsewhere.
//   4. same_address  the other Storages with this Address and SD Port that 2 and 3 could join are all one SD's.
//
// Elsewhere: the SD has another port, or a host name that is not the Storage's, or addresses that are not. Names and
// numbers are not compared, since nothing is resolved here. Step 2 does not take an SD that is elsewhere.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/changer_text.h"
#include "config/dir_config.h"
#include "config/inventory.h"
#include "config/membership.h"
#include "config/sd_config.h"
#include "config/storage_ctl_text.h"

namespace shstore::config {

/// For which Bacula a file is judged, and how that is known.
struct BaculaVersion {
  enum class From {
    assumed,    ///< nothing tells: 9.6
    contents,   ///< the oldest that knows all of its directives and values
    installed,  ///< the library of the daemon that is installed on this host
    inventory,
    told,  ///< on the command line
  };
  int number = 9;  ///< 9 (9.6), 11, 13 or 15
  From from = From::assumed;
};

struct SiteSd {
  std::string path;  ///< of bacula-sd.conf, as given
  SdConfig config;
  std::optional<StorageCtlText> storage_ctl;
  std::optional<ChangerText> changer_conf{};  ///< shstore-changer.conf
  std::optional<Inventory> inventory;
  /// The host's name where it is known: given on the command line, else from the inventory.
  std::string host;
  /// The configuration belongs to the machine the linter runs on: files and commands it names can be looked at.
  bool is_here = false;
  BaculaVersion version;
};

/// One drive of one SD.
struct DriveRef {
  size_t sd = 0, device = 0;  ///< Site::sds[sd].config.devices[device]
  friend auto operator<=>(const DriveRef&, const DriveRef&) = default;
};

/// What a name in a Storage's Device means to the SD, which looks among its Autochangers first (stored/reserve.c,
/// search_res_for_device).
struct DeviceTarget {
  enum class Kind { unknown, device, autochanger } kind = Kind::unknown;
  size_t index = 0;  ///< of the SD's Device or Autochanger
};

/// What a Storage of the Director means.
struct StorageLink {
  using Target = DeviceTarget::Kind;

  std::optional<size_t> sd;  ///< index into Site::sds; nothing: its SD is not among the files given
  enum class By { none, address, password, devices, same_address } by = By::none;  ///< how the SD was recognized
  Target target = Target::unknown;
  size_t index = 0;                   ///< of the SD's Device or Autochanger; of the first name in Device
  std::vector<DeviceTarget> devices;  ///< one for each of DirStorage::devices; all unknown if there is no SD
  /// `Autochanger = X`: index of X among the Director's storages. An Autochanger resource that names none is its own
  /// (dird_conf.c, save_resource). Nothing for yes, no, and a name that does not exist.
  std::optional<size_t> changer;
  std::optional<size_t> shared_with;  ///< `Shared Storage = X`, resolved
};

/// Everything that points into `director` and `sds` is worked out once, by the constructor, in time linear in their
/// size. The same input gives the same joints, in the same order.
class Site {
 public:
  Site(std::optional<DirConfig> director, std::vector<SiteSd> sds);

  std::optional<DirConfig> director;
  std::vector<SiteSd> sds;
  BaculaVersion director_version;
  /// The version that an upgrade is to lead to; 0: none is asked for.
  int upgrade_to = 0;
  /// One for each of sds.
  std::vector<Membership> members;
  /// One for each of director->storages.
  std::vector<StorageLink> links;
  /// Drives of different SDs that are one physical drive, in ascending order; groups in the order of their first
  /// drive. A drive is the one that its SD's inventory has behind the Archive Device, else behind the Control Device;
  /// two are the same if their serial numbers are, or their designators where there is no serial number.
  std::vector<std::vector<DriveRef>> same_drive;

  const SdDevice& device(const DriveRef& drive) const { return sds[drive.sd].config.devices[drive.device]; }
};

}  // namespace shstore::config
