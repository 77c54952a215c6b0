#include "scsi/local_ports.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

namespace shstore::scsi {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::optional<uint64_t> hex_number(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (parsed.ec != std::errc{} || value == 0) return std::nullopt;
  return value;
}

// The first lines of <class>/*/<attribute> for the entries whose names begin with `prefix`.
std::vector<std::string> attributes(const fs::path& folder, std::string_view prefix, const char* attribute) {
  std::vector<std::string> lines;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
    const auto name = it->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    auto line = first_line(it->path() / attribute);
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

// "session3" in "/devices/platform/host4/session3/target4:0:0/4:0:0:0"
std::string part_of(const std::string& device, std::string_view beginning) {
  for (const auto& part : fs::path(device)) {
    const auto name = part.string();
    const bool numbered =
        name.size() > beginning.size() && name.find_first_not_of("0123456789", beginning.size()) == name.npos;
    if (name.starts_with(beginning) && numbered) return name;
  }
  return {};
}

}  // namespace

bool LocalPorts::contains(const TransportId& id) const {
  if (!id.unreadable.empty()) return false;
  if (id.protocol == static_cast<uint8_t>(Protocol::iscsi)) {
    return std::find(iscsi_names_.begin(), iscsi_names_.end(), id.iscsi_name) != iscsi_names_.end();
  }
  if (id.port.size() != 8) return false;
  return std::find(addresses_.begin(), addresses_.end(), be64(id.port, 0)) != addresses_.end();
}

LocalPorts read_local_ports(const std::string& sysfs) {
  const fs::path classes = fs::path(sysfs) / "class";
  std::vector<uint64_t> addresses;
  const auto add = [&](const std::vector<std::string>& lines) {
    for (const auto& line : lines) {
      if (const auto address = hex_number(line)) addresses.push_back(*address);
    }
  };
  add(attributes(classes / "fc_host", "host", "port_name"));
  // phy-H:N is a phy of host H; phy-H:E:N one of an expander. The local ones have one colon; taking both is harmless
  // only for those, so expanders are told apart by their name.
  std::error_code error;
  for (auto it = fs::directory_iterator(classes / "sas_phy", error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    const auto name = it->path().filename().string();
    if (std::count(name.begin(), name.end(), ':') != 1) continue;
    if (const auto address = hex_number(first_line(it->path() / "sas_address"))) addresses.push_back(*address);
  }
  return {std::move(addresses), iscsi_initiators(sysfs)};
}

std::vector<std::string> iscsi_initiators(const std::string& sysfs) {
  auto names = attributes(fs::path(sysfs) / "class" / "iscsi_session", "session", "initiatorname");
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string iscsi_initiator(const std::string& device, const std::string& sysfs) {
  const auto session = part_of(device, "session");
  return session.empty() ? std::string{}
                         : first_line(fs::path(sysfs) / "class" / "iscsi_session" / session / "initiatorname");
}

LocalPorts ports_of(const std::string& device, const std::string& sysfs) {
  const auto host = part_of(device, "host");
  if (host.empty()) return {};
  std::vector<uint64_t> addresses;
  if (const auto wwpn = hex_number(first_line(fs::path(sysfs) / "class" / "fc_host" / host / "port_name")))
    addresses.push_back(*wwpn);
  for (const auto& line :
       attributes(fs::path(sysfs) / "class" / "sas_phy", "phy-" + host.substr(4) + ':', "sas_address")) {
    if (const auto address = hex_number(line)) addresses.push_back(*address);
  }
  const auto name = iscsi_initiator(device, sysfs);
  return {std::move(addresses), name.empty() ? std::vector<std::string>{} : std::vector<std::string>{name}};
}

}  // namespace shstore::scsi
