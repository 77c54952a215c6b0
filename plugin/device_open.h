// Whether this process has an archive device open. Bacula's close event comes before the device is closed, so the
// descriptors of the process are looked at instead.
#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace shstore::plugin {

/// True if a descriptor of this process refers to `archive_device`: the same tape node, the same file, or, for a
/// device that is a folder of volumes, any file in it. True as well if that cannot be found out, because a lock must
/// not be given back on a guess; a device that does not exist is not open.
bool is_open_in_this_process(const std::string& archive_device);

/// The same of one of several devices, which remembers by which descriptor it was open last and looks at that one first: a device that
/// stays open is found so without looking at all. Thread-safe.
class OwnDevices {
 public:
  explicit OwnDevices(std::vector<std::string> archive_devices) : archive_devices_(std::move(archive_devices)) {}
  bool open();

 private:
  const std::vector<std::string> archive_devices_;
  std::atomic<int> descriptor_{-1};
};

/// True if one refers to any tape node of a SCSI device, as scsi::sysfs_device() has it, or, if that device is gone, to any tape node whose
/// device is gone, or if it cannot be found out.
bool tape_is_open_in_this_process(const std::string& device);

}  // namespace shstore::plugin
