#include "scsi/tape_users.h"

#include <fmt/format.h>
#include <linux/major.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "scsi/base/printable.h"

namespace shstore::scsi {
namespace {

namespace fs = std::filesystem;

bool is_that(const DeviceNode& node, const DeviceNode& drive) {
  if (node.kind != DeviceNode::Kind::scsi || node.device == drive.device) return true;
  if (!node.designator.empty() && !drive.designator.empty()) return node.designator == drive.designator;
  return !node.serial.empty() && node.serial == drive.serial;
}

bool has_open(const fs::path& descriptors, const DeviceNode& drive, const std::string& sysfs, bool& unseen) {
  std::error_code error;
  for (fs::directory_iterator fd(descriptors, error), end; !error && fd != end; fd.increment(error)) {
    struct stat st {};
    const auto path = fd->path().string();
    if (::stat(path.c_str(), &st) != 0 || !S_ISCHR(st.st_mode) || major(st.st_rdev) != SCSI_TAPE_MAJOR) continue;
    if (is_that(read_node(path, sysfs), drive)) return true;
  }
  if (error == std::errc::permission_denied) unseen = true;
  return false;
}

}  // namespace

TapeUsers tape_users(const DeviceNode& drive, const std::string& proc, const std::string& sysfs) {
  TapeUsers users;
  const auto own = std::to_string(::getpid());
  std::error_code error;
  for (fs::directory_iterator process(proc, error), end; !error && process != end; process.increment(error)) {
    const auto pid = process->path().filename().string();
    if (pid == own || pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!has_open(process->path() / "fd", drive, sysfs, users.unseen)) continue;
    std::ifstream in(process->path() / "comm");
    std::string name;
    std::getline(in, name);
    users.who.push_back(fmt::format("{} (pid {})", name.empty() ? "a program" : base::printable(name), pid));
  }
  users.unseen = users.unseen || error;
  return users;
}

}  // namespace shstore::scsi
