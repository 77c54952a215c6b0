#include "scsi/lock_nodes.h"

#include <linux/major.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "scsi/device_events.h"

namespace shstore::scsi {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// include/scsi/scsi_device.h: each attribute is read from the answers that the device gave when the kernel found it.
struct Name {
  std::string wwid, type, serial;
  explicit Name(const fs::path& device)
      : wwid(contents(device / "wwid")), type(contents(device / "type")), serial(contents(device / "vpd_pg80")) {}
  bool is(const Name& other) const {
    return !wwid.empty() && wwid == other.wwid && type == other.type &&
           (serial.empty() || other.serial.empty() || serial == other.serial);
  }
};

// "2:0:0:11"
std::array<uint64_t, 4> address_of(const fs::path& device) {
  std::array<uint64_t, 4> address{};
  const auto text = device.filename().string();
  const char* at = text.data();
  for (auto& part : address) {
    at = std::from_chars(at, text.data() + text.size(), part).ptr;
    if (at != text.data() + text.size()) ++at;
  }
  return address;
}

fs::path resolved(const fs::path& path) {
  std::error_code error;
  auto real = fs::canonical(path, error);
  return error ? path : real;
}

struct Path {
  std::array<uint64_t, 4> address;
  std::string node;
};

std::vector<Path> generic_nodes(const fs::path& device, const fs::path& sysfs, const fs::path& dev) {
  std::vector<Path> paths;
  const Name name(device);
  std::error_code error;
  for (auto it = fs::directory_iterator(sysfs / "class" / "scsi_generic", error);
       !error && it != fs::directory_iterator(); it.increment(error)) {
    const auto other = resolved(it->path() / "device");
    const auto node = dev / it->path().filename();
    std::error_code gone;
    if ((other == device || name.is(Name(other))) && fs::exists(node, gone)) paths.push_back({address_of(other), node});
  }
  return paths;
}

}  // namespace

std::vector<std::string> lock_nodes(const std::string& control_device, const std::string& sysfs,
                                    const std::string& dev) {
  const auto control = resolved(control_device);
  struct stat st {};
  if (::stat(control.c_str(), &st) != 0) return {};
  if (!S_ISCHR(st.st_mode)) return {control.string() + ".lock"};
  const auto relative = sysfs_device(control, sysfs);
  std::vector<Path> paths;
  if (!relative.empty()) paths = generic_nodes(fs::path(sysfs) / relative.substr(1), fs::path(sysfs), fs::path(dev));
  // A tape's own node is never opened for this: st allows one opener, and moves the tape.
  const bool listed = std::any_of(paths.begin(), paths.end(), [&](const auto& path) { return path.node == control; });
  if (!listed && major(st.st_rdev) != SCSI_TAPE_MAJOR) paths.push_back({address_of(fs::path(relative)), control});
  std::stable_sort(paths.begin(), paths.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
  std::vector<std::string> nodes;
  for (auto& path : paths) nodes.push_back(std::move(path.node));
  return nodes;
}

}  // namespace shstore::scsi
