#include "plugin/device_open.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>

#include "scsi/device_events.h"

namespace shstore::plugin {
namespace {

constexpr unsigned kScsiTapeMajor = 9;  // Documentation/admin-guide/devices.txt

bool same_device(const struct stat& a, const struct stat& b) {
  if (S_ISCHR(a.st_mode)) return S_ISCHR(b.st_mode) && a.st_rdev == b.st_rdev;
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), ::free);
  return resolved ? resolved.get() : path;
}

bool lies_in(const std::string& folder, const std::string& descriptor) {
  std::array<char, PATH_MAX> target{};
  const ssize_t n = ::readlink(descriptor.c_str(), target.data(), target.size());
  return n > 0 && std::string(target.data(), static_cast<size_t>(n)).starts_with(folder + '/');
}

struct Device {
  struct stat st {};
  std::string folder{};  ///< not empty: any file in it
};

// Nothing: it does not exist.
std::optional<Device> device_of(const std::string& archive_device) {
  Device device;
  if (::stat(archive_device.c_str(), &device.st) != 0) return std::nullopt;
  if (S_ISDIR(device.st.st_mode)) device.folder = real_path(archive_device);
  return device;
}

bool refers_to(const std::string& descriptor, const Device& device) {
  struct stat opened {};
  if (::stat(descriptor.c_str(), &opened) != 0) return false;
  return device.folder.empty() ? same_device(device.st, opened) : lies_in(device.folder, descriptor);
}

// A descriptor that does; -1: none; nothing: it cannot be found out.
std::optional<int> descriptor_of(const Device& device) {
  const std::unique_ptr<DIR, int (*)(DIR*)> descriptors(::opendir("/proc/self/fd"), ::closedir);
  if (!descriptors) return std::nullopt;
  while (const auto* entry = (errno = 0, ::readdir(descriptors.get()))) {
    const auto* name = static_cast<const char*>(entry->d_name);
    if (name[0] != '.' && refers_to(std::string("/proc/self/fd/") + name, device)) return std::atoi(name);
  }
  if (errno != 0) return std::nullopt;  // not all of them were seen
  return -1;
}

}  // namespace

bool is_open_in_this_process(const std::string& archive_device) {
  const auto device = device_of(archive_device);
  if (!device) return false;
  const auto found = descriptor_of(*device);
  return !found || *found >= 0;
}

bool OwnDevices::open() {
  const int before = descriptor_;
  for (const auto& archive_device : archive_devices_) {
    const auto device = device_of(archive_device);
    if (!device) continue;
    if (before >= 0 && refers_to("/proc/self/fd/" + std::to_string(before), *device)) return true;
    const auto found = descriptor_of(*device);
    descriptor_ = found.value_or(-1);
    if (!found || *found >= 0) return true;
  }
  return false;
}

bool tape_is_open_in_this_process(const std::string& device) {
  const bool gone = ::access(("/sys" + device).c_str(), F_OK) != 0;
  const std::unique_ptr<DIR, int (*)(DIR*)> descriptors(::opendir("/proc/self/fd"), ::closedir);
  if (!descriptors) return true;
  while (const auto* entry = ::readdir(descriptors.get())) {
    const std::string path = std::string("/proc/self/fd/") + static_cast<const char*>(entry->d_name);
    struct stat opened {};
    if (entry->d_name[0] == '.' || ::stat(path.c_str(), &opened) != 0 || !S_ISCHR(opened.st_mode)) continue;
    if (major(opened.st_rdev) != kScsiTapeMajor) continue;
    const auto found = scsi::sysfs_device(path);
    if (found == device || (gone && found.empty())) return true;
  }
  return false;
}

}  // namespace shstore::plugin
