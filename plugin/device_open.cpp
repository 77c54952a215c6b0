#include "plugin/device_open.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <memory>

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

}  // namespace

bool is_open_in_this_process(const std::string& archive_device) {
  struct stat device {};
  if (::stat(archive_device.c_str(), &device) != 0) return false;
  const std::string folder = S_ISDIR(device.st_mode) ? real_path(archive_device) : std::string{};
  const std::unique_ptr<DIR, int (*)(DIR*)> descriptors(::opendir("/proc/self/fd"), ::closedir);
  if (!descriptors) return true;
  while (const auto* entry = (errno = 0, ::readdir(descriptors.get()))) {
    const std::string path = std::string("/proc/self/fd/") + static_cast<const char*>(entry->d_name);
    struct stat opened {};
    if (entry->d_name[0] == '.' || ::stat(path.c_str(), &opened) != 0) continue;
    if (folder.empty() ? same_device(device, opened) : lies_in(folder, path)) return true;
  }
  return errno != 0;  // not all of them were seen
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
