#include "scsi/same_drive.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "scsi/base/foreign_file.h"
#include "scsi/device_events.h"

namespace shstore::scsi {
namespace {

namespace fs = std::filesystem;
using Kind = SameDrive::Kind;
using Node = DeviceNode::Kind;

constexpr size_t kLongestPage = 4096;  // as the kernel has them in sysfs
constexpr uint8_t kLogicalUnit = 0;    // ASSOCIATION of a designator (SPC-4 7.8.5)

Bytes page(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  Bytes bytes;
  for (auto at = std::istreambuf_iterator<char>(in);
       at != std::istreambuf_iterator<char>() && bytes.size() < kLongestPage; ++at) {
    bytes.push_back(static_cast<uint8_t>(*at));
  }
  return bytes;
}

// The one that names the logical unit best: NAA, EUI-64, SCSI name string, vendor's.
std::string designator_of(const Bytes& page83) {
  const auto all = decode_device_identification(page83);
  if (!all) return {};
  for (const uint8_t type : std::array<uint8_t, 4>{3, 2, 8, 1}) {
    const auto found = std::find_if(all->begin(), all->end(),
                                    [&](const auto& d) { return d.association == kLogicalUnit && d.type == type; });
    if (found != all->end()) return found->text();
  }
  return {};
}

std::string generic_of(const fs::path& device) {
  std::error_code error;
  for (auto it = fs::directory_iterator(device / "scsi_generic", error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    return "/dev/" + it->path().filename().string();
  }
  return {};
}

enum class Same { yes, no, untold };

// By what both tell; page 83h names a logical unit in all the world, a serial number one of its vendor's.
Same same_unit(const DeviceNode& a, const DeviceNode& b) {
  const auto compared = [](const std::string& x, const std::string& y) {
    return x.empty() || y.empty() ? Same::untold : x == y ? Same::yes : Same::no;
  };
  const auto by_serial = compared(a.serial, b.serial), by_designator = compared(a.designator, b.designator);
  if (by_serial == Same::no || by_designator == Same::no) return Same::no;
  return by_serial == Same::yes || by_designator == Same::yes ? Same::yes : Same::untold;
}

SameDrive of_the_kernel(const DeviceNode& archive, const DeviceNode& control) {
  if (archive.device == control.device) return {Kind::one_nexus, {}, control.path};
  const auto through = archive.generic.empty() ? control.path : archive.generic;
  switch (same_unit(archive, control)) {
    case Same::no:
      return {Kind::two_drives,
              fmt::format("its Control Device {} is another drive than its Archive Device {}", control.text(),
                          archive.text()),
              through};
    case Same::untold:
      return {
          Kind::two_drives,
          fmt::format(
              "its Control Device {} is not the device behind its Archive Device {}, and nothing shows that they are one drive",
              control.text(), archive.text()),
          through};
    case Same::yes: break;
  }
  if (archive.generic.empty()) {
    return {
        Kind::two_drives,
        fmt::format(
            "its Control Device {} is another path to the drive than its Archive Device {}, which has no generic node to lock "
            "through: load the kernel's module sg",
            control.text(), archive.text()),
        through};
  }
  return {
      Kind::other_path,
      fmt::format(
          "its Control Device {} is another path to the drive than its Archive Device {}: it is locked through {}, which is "
          "the Archive Device's own",
          control.text(), archive.text(), archive.generic),
      through};
}

SameDrive simulated(const DeviceNode& archive, const DeviceNode& control) {
  switch (same_unit(archive, control)) {
    case Same::yes: return {Kind::one_nexus, {}, control.path};
    case Same::no:
      return {Kind::two_drives,
              fmt::format("its Control Device {} is another drive than its Archive Device {}", control.text(),
                          archive.text()),
              control.path};
    case Same::untold: break;
  }
  return {
      Kind::unproven,
      fmt::format(
          "that Archive Device {} and Control Device {} are one drive cannot be proven: they are no devices of the kernel's",
          archive.path, control.path),
      control.path};
}

}  // namespace

std::string DeviceNode::address() const {
  return kind == Kind::scsi ? device.substr(device.rfind('/') + 1) : std::string{};
}

std::string DeviceNode::text() const {
  std::string inside = address();
  const auto add = [&](const std::string& text) { inside += (inside.empty() ? "" : ", ") + text; };
  if (!serial.empty()) add("serial number " + serial);
  if (serial.empty() && !designator.empty()) add(designator);
  if (kind == Kind::no_device && serial.empty()) add("no SCSI device of this host");
  return inside.empty() ? path : path + " (" + inside + ')';
}

DeviceNode read_node(const std::string& path, const std::string& sysfs) {
  DeviceNode node;
  node.path = path;
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) {
    node.why = errno_text(errno);
    return node;
  }
  node.kind = S_ISCHR(st.st_mode) ? Node::untold : Node::no_device;
  node.socket = S_ISSOCK(st.st_mode);
  if (!S_ISCHR(st.st_mode)) return node;
  node.device = sysfs_device(path, sysfs);
  if (node.device.empty()) return node;
  node.kind = Node::scsi;
  const fs::path folder = sysfs + node.device;
  node.generic = generic_of(folder);
  node.serial = decode_unit_serial_number(page(folder / "vpd_pg80")).value_or("");
  node.designator = designator_of(page(folder / "vpd_pg83"));
  return node;
}

std::string simulated_serial(const std::string& archive_device) {
  constexpr size_t kLongestFile = 4096;
  const auto file = base::read_foreign_file(archive_device + ".drive", {.largest = kLongestFile});
  return file ? file->text.substr(0, file->text.find('\n')) : std::string();
}

std::string generic_node(const std::string& device, const std::string& sysfs) {
  return device.empty() ? std::string{} : generic_of(sysfs + device);
}

namespace {

std::string first_line_of(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

// Of the folder of that name's beginning that the device is in: "session1", "rport-1:0-0".
bool parent_says(const fs::path& device, const std::string& beginning, const fs::path& classes, const char* attribute,
                 const std::string& good) {
  for (const auto& part : device) {
    const auto name = part.string();
    if (!name.starts_with(beginning)) continue;
    const auto told = first_line_of(classes / name / attribute);
    if (!told.empty() && told != good) return false;
  }
  return true;
}

SameDrive compare(const DeviceNode& archive, const DeviceNode& control) {
  if (control.kind == Node::absent) {
    // The drive that is written can be locked without it; where it cannot, whoever opens it says so.
    const auto through = archive.generic.empty() ? control.path : archive.generic;
    return {Kind::unproven,
            fmt::format("its Control Device {} is not there ({}), so it cannot be compared with Archive Device {}",
                        control.path, control.why, archive.text()),
            through};
  }
  if (archive.kind == Node::scsi && control.kind == Node::scsi) return of_the_kernel(archive, control);
  if (control.kind == Node::no_device && archive.kind != Node::scsi) return simulated(archive, control);
  const auto through = archive.generic.empty() ? control.path : archive.generic;
  if (archive.kind == Node::absent) {
    return {Kind::absent, fmt::format("its Archive Device {} is not there: {}", archive.path, archive.why), through};
  }
  const bool one_is_none = archive.kind == Node::no_device || control.kind == Node::no_device;
  if (one_is_none) {
    return {
        Kind::two_drives,
        fmt::format("its Control Device {} is not the drive of its Archive Device {}", control.text(), archive.text()),
        through};
  }
  return {
      Kind::unproven,
      fmt::format(
          "that Archive Device {} and Control Device {} are one drive cannot be proven: sysfs does not tell which drives they "
          "are",
          archive.path, control.path),
      through};
}

}  // namespace

bool is_usable(const std::string& device, const std::string& sysfs) {
  std::error_code error;
  if (device.empty() || !fs::exists(sysfs + device, error)) return false;
  const auto state = first_line_of(sysfs + device + "/state");
  if (!state.empty() && state != "running") return false;
  const auto classes = fs::path(sysfs) / "class";
  return parent_says(device, "session", classes / "iscsi_session", "state", "LOGGED_IN") &&
         parent_says(device, "rport-", classes / "fc_remote_ports", "port_state", "Online");
}

SameDrive same_drive(const DeviceNode& archive, const DeviceNode& control) {
  auto same = compare(archive, control);
  const bool by_archive = archive.kind == Node::scsi && (!archive.generic.empty() || archive.device == control.device);
  same.device = by_archive ? archive.device : control.device;
  return same;
}

}  // namespace shstore::scsi
