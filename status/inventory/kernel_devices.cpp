#include "status/inventory/kernel_devices.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

namespace shstore::status::inventory {
namespace {

namespace fs = std::filesystem;

using Links = std::multimap<std::string, std::string>;  ///< node's name -> links to it as "/dev/..."
using Address = std::array<uint64_t, 4>;                ///< host, channel, target, LUN

void each_entry(const fs::path& folder, const std::function<void(const fs::directory_entry&)>& see) {
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
    see(*it);
  }
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  each_entry(folder, [&](const auto& entry) { names.push_back(entry.path().filename().string()); });
  std::sort(names.begin(), names.end());
  return names;
}

std::string attribute(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

scsi::Bytes binary_attribute(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  return {bytes.begin(), bytes.end()};
}

Identity identity_at(const fs::path& device) {
  Identity identity;
  const auto type = attribute(device / "type");
  uint8_t number = 0;
  if (std::from_chars(type.data(), type.data() + type.size(), number).ec == std::errc()) identity.type = number;
  identity.vendor = attribute(device / "vendor");
  identity.product = attribute(device / "model");
  identity.revision = attribute(device / "rev");
  if (auto serial = scsi::decode_unit_serial_number(binary_attribute(device / "vpd_pg80"))) {
    identity.serial = std::move(*serial);
  }
  if (auto designators = scsi::decode_device_identification(binary_attribute(device / "vpd_pg83"))) {
    identity.designators = std::move(*designators);
  }
  return identity;
}

bool is_device_folder(const fs::directory_entry& entry) {
  std::error_code error;
  return entry.is_directory(error) && !entry.is_symlink(error);
}

// udev makes its links far and wide, so all of /dev is looked through; other file systems in it hold no links to devices.
void find_links(const fs::path& dev, const fs::path& folder, Links& links) {
  static constexpr std::array kPassedOver = {"block", "bus", "char", "fd", "hugepages", "mqueue", "pts", "shm"};
  each_entry(folder, [&](const auto& entry) {
    const auto name = entry.path().filename().string();
    if (folder == dev && std::find(kPassedOver.begin(), kPassedOver.end(), name) != kPassedOver.end()) return;
    std::error_code error;
    if (is_device_folder(entry)) return find_links(dev, entry.path(), links);
    if (!entry.is_symlink(error)) return;
    const auto leads_to = fs::canonical(entry.path(), error);
    if (error || leads_to.parent_path() != dev) return;
    links.emplace(leads_to.filename().string(), "/dev/" + entry.path().lexically_relative(dev).string());
  });
}

// "nst0" before "st0"; variants such as "nst0a", which differ in mode only, last.
std::vector<std::string> tape_nodes(const fs::path& device) {
  auto names = names_in(device / "scsi_tape");
  const auto is_variant = [](const std::string& name) {
    return name.empty() || name.back() < '0' || name.back() > '9';
  };
  std::stable_partition(names.begin(), names.end(), [&](const auto& name) { return !is_variant(name); });
  return names;
}

void add_nodes(const fs::path& device, const fs::path& dev, const Links& links, ScsiDevice& found) {
  std::vector<std::string> names = tape_nodes(device);
  const auto generic = names_in(device / "scsi_generic");
  const auto plain = std::min<size_t>(2, names.size());
  names.insert(names.begin() + static_cast<std::ptrdiff_t>(plain), generic.begin(), generic.end());
  for (const auto& name : names_in(device / "scsi_changer")) names.push_back(name);
  std::vector<std::string> linked;
  for (const auto& name : names) {
    std::error_code error;
    if (fs::exists(dev / name, error)) found.nodes.push_back("/dev/" + name);
    for (auto [link, end] = links.equal_range(name); link != end; ++link) linked.push_back(link->second);
  }
  std::sort(linked.begin(), linked.end());
  for (const auto& link : linked) found.nodes.push_back(link);
  if (generic.empty()) return;
  const auto control = "/dev/" + generic.front();
  if (std::find(found.nodes.begin(), found.nodes.end(), control) != found.nodes.end()) found.control = control;
}

Address address_of(const std::string& hctl) {
  Address address{};
  const char* at = hctl.data();
  const char* const end = at + hctl.size();
  for (auto& part : address) {
    at = std::from_chars(at, end, part).ptr;
    if (at != end) ++at;
  }
  return address;
}

}  // namespace

std::string name_of(const ScsiDevice& device) {
  if (!device.control.empty()) return device.control;
  if (!device.hctl.empty()) return device.hctl;
  return device.nodes.empty() ? std::string("a device") : device.nodes.front();
}

std::vector<ScsiDevice> kernel_devices(const Roots& roots) {
  std::error_code error;
  const auto dev = fs::canonical(roots.dev, error);
  Links links;
  if (!error) find_links(dev, dev, links);
  std::vector<ScsiDevice> found;
  const auto all = fs::path(roots.sys) / "class" / "scsi_device";
  for (const auto& hctl : names_in(all)) {
    const auto folder = all / hctl / "device";
    ScsiDevice device;
    device.identity = identity_at(folder);
    if (device.identity.type != scsi::kTape && device.identity.type != scsi::kMediumChanger) continue;
    device.hctl = hctl;
    add_nodes(folder, dev, links, device);
    found.push_back(std::move(device));
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return address_of(a.hctl) < address_of(b.hctl); });
  return found;
}

}  // namespace shstore::status::inventory
