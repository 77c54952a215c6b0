// One Storage Daemon as its reservation code sees it at one moment: plain data for select(). What is in
// brackets is the name in Bacula's source (stored/dev.h, reserve.h), whose rules work on exactly these
// values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reserve/types.h"

namespace shstore::reserve {

/// A Device resource, as far as it decides which job gets the drive.
struct DriveFacts {
  std::string name;
  std::string archive_device;
  std::string type = "Tape";  ///< as bacula-sd prints it: Tape, Vtape, File, FIFO, ... [print_type()]
  std::string media_type;
  std::string control_device;  ///< for what an administrator is told to do; empty: not shared
  bool autochanger = false;    ///< Autochanger = yes in the Device [is_autochanger()]
  bool robot = false;          ///< its Changer Command moves tapes; false too for Bacula's virtual changer
  bool auto_select = true;
  bool read_only = false;
  bool exists = true;     ///< bacula-sd could set the device up [DEVRES::dev]
  uint32_t max_jobs = 0;  ///< Maximum Concurrent Jobs; 0: no limit

  bool is_tape() const { return type == "Tape" || type == "Vtape"; }
  std::string display() const { return '"' + name + "\" (" + archive_device + ')'; }
};

/// An Autochanger resource. The order of its drives is the order in which they are tried. Bacula 15 puts the
/// read-only drives first when it reads the configuration; there is no other difference between 9.6 and 15 in
/// what follows.
struct Changer {
  std::string name;
  std::vector<size_t> drives;  ///< indices into SdModel::drives
};

struct SdModel {
  std::vector<Changer> changers;
  std::vector<DriveFacts> drives;
};

/// What a drive is doing. Reservations of the job that is looked at must not be counted.
struct DriveUse {
  bool enabled = true;         ///< Enabled = yes, and no `disable` command since
  std::string label;           ///< the Volume whose label was read from it; empty when closed [VolHdr.VolumeName]
  std::string volume;          ///< its entry in the Volume list ("Used Volume status") [vol->vol_name]
  bool volume_in_use = false;  ///< "volinuse=1" there
  bool swapping = false;       ///< that Volume is on its way here from another drive
  std::string pool;            ///< of the job that last reserved it; kept when the drive is closed [pool_name]
  std::string pool_type = "Backup";
  uint32_t writers = 0;   ///< jobs that write
  uint32_t reserved = 0;  ///< jobs that were promised the drive and have not begun
  bool reserved_for_read = false;
  bool reading = false;         ///< [ST_READ]
  bool appending = false;       ///< open for writing, with or without a writer [ST_APPEND]
  bool unmounted = false;       ///< by the console's unmount command [is_device_unmounted()]
  uint64_t usage = 0;           ///< bytes read and written since the daemon started
  std::optional<Refusal> lock;  ///< why the lock is not to be had; nothing: it is ours or free
  std::string misconfigured;    ///< why the plugin never gives this drive to a job; empty: it would

  bool is_busy() const { return reading || writers != 0 || reserved != 0; }
};

struct SdUse {
  std::vector<DriveUse> drives;           ///< one for each of SdModel::drives
  std::vector<std::string> read_volumes;  ///< Volumes that jobs read or will read
};

/// A Volume that the Director finds good for this job: right pool and Media Type, to be appended to or
/// recycled.
struct CatalogVolume {
  std::string name;
  uint32_t max_jobs = 0;  ///< Maximum Volume Jobs; 0: no limit
  bool recycle = false;   ///< its status is Recycle
};

/// `use storage=... media_type=... pool_name=...` and the `use device=` lines behind it.
struct StorageWish {
  std::vector<std::string> devices;  ///< names of Autochangers or Devices of this Storage Daemon
  std::string media_type;
  std::string pool;
  std::string pool_type = "Backup";
};

struct JobWish {
  JobId job = 0;
  bool append = true;                  ///< false: the job reads
  bool prefer_mounted_volumes = true;  ///< Prefer Mounted Volumes of the Job
  std::vector<StorageWish> storages;   ///< tried in this order
  std::vector<CatalogVolume> volumes;  ///< in the order in which the Director offers them; only for append
};

}  // namespace shstore::reserve
