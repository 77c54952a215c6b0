// The files by which an archive device can be opened on this host.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shstore::plugin {

/// One thing to be watched with inotify(7).
struct WatchedNode {
  enum class Kind {
    node,        ///< the file itself: a device node, which lies in a folder where much is opened
    file,        ///< a regular file, watched by its folder: `name` in it
    folder,      ///< whatever is opened in that folder
    appearance,  ///< the folder of a node, for `name` to come again after it was removed
  };
  Kind kind = Kind::node;
  std::string path{};
  std::string name{};
  friend bool operator==(const WatchedNode&, const WatchedNode&) = default;
};

/// Of a tape: all nodes of the drive that sysfs gives (st0, nst0, and those that end with l, m, a) and the one that is named,
/// with symbolic links resolved. Of a disk-backed device: its file, or its folder. What is not there yet is watched for. `sysfs`
/// and `dev` are "/sys" and "/dev" but in tests.
std::vector<WatchedNode> archive_nodes(const std::string& archive_device, const std::string& sysfs = "/sys",
                                       const std::string& dev = "/dev");

/// A tape by the kernel's driver, which lets one program open it at a time.
bool is_tape(const std::string& archive_device);

}  // namespace shstore::plugin
