#include "plugin/archive_nodes.h"

#include <linux/major.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>

namespace shstore::plugin {
namespace {

namespace fs = std::filesystem;

fs::path resolved(const std::string& path) {
  std::error_code error;
  auto real = fs::weakly_canonical(path, error);
  return error ? fs::path(path) : real;
}

void add_node(std::vector<WatchedNode>& all, const fs::path& path) {
  const WatchedNode node{WatchedNode::Kind::node, path, {}};
  if (std::find(all.begin(), all.end(), node) != all.end()) return;
  all.push_back(node);
  all.push_back({WatchedNode::Kind::appearance, path.parent_path(), path.filename()});
}

// drivers/scsi/st.c: each mode of a drive is a device of class scsi_tape below the drive.
void add_tape(std::vector<WatchedNode>& all, dev_t device, const fs::path& sysfs, const fs::path& dev) {
  const auto siblings = sysfs / "dev" / "char" / (std::to_string(major(device)) + ':' + std::to_string(minor(device))) /
                        "device" / "scsi_tape";
  std::error_code error;
  std::vector<fs::path> names;
  for (auto it = fs::directory_iterator(siblings, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    names.push_back(it->path().filename());
  }
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    std::error_code gone;
    if (fs::exists(dev / name, gone)) add_node(all, dev / name);
  }
}

std::vector<WatchedNode> real_nodes(const std::string& archive_device, const fs::path& sysfs, const fs::path& dev) {
  std::vector<WatchedNode> all;
  const auto real = resolved(archive_device);
  struct stat st {};
  const bool there = ::stat(real.c_str(), &st) == 0;
  if (there && S_ISDIR(st.st_mode))
    return {{WatchedNode::Kind::folder, real, {}},
            {WatchedNode::Kind::appearance, real.parent_path(), real.filename()}};
  if (there && S_ISREG(st.st_mode)) return {{WatchedNode::Kind::file, real.parent_path(), real.filename()}};
  if (there && S_ISCHR(st.st_mode) && major(st.st_rdev) == SCSI_TAPE_MAJOR) add_tape(all, st.st_rdev, sysfs, dev);
  if (there) {
    add_node(all, real);
  } else {
    all.push_back({WatchedNode::Kind::file, real.parent_path(), real.filename()});
  }
  return all;
}

}  // namespace

// A link that leads elsewhere by now is another device.
std::vector<WatchedNode> archive_nodes(const std::string& archive_device, const std::string& sysfs,
                                       const std::string& dev) {
  if (archive_device.empty()) return {};
  auto all = real_nodes(archive_device, sysfs, dev);
  std::error_code error;
  const fs::path link(archive_device);
  if (fs::is_symlink(link, error))
    all.push_back({WatchedNode::Kind::appearance, resolved(link.parent_path()), link.filename()});
  return all;
}

bool is_tape(const std::string& archive_device) {
  struct stat st {};
  return ::stat(archive_device.c_str(), &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) == SCSI_TAPE_MAJOR;
}

}  // namespace shstore::plugin
