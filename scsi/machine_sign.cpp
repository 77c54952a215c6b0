#include "scsi/machine_sign.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "scsi/base/descriptor.h"

namespace shstore::scsi {
namespace {

constexpr size_t kAddressLength = 6;

// FNV-1a: stable over releases and machines, which std::hash is not.
uint64_t hash(const std::string& text) {
  uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return value;
}

// As the card was made; bonds and administrators change the one in use. Empty: it has none.
std::string permanent_address(int socket, const std::string& interface) {
  if (interface.size() >= IFNAMSIZ) return {};
  alignas(ethtool_perm_addr) std::array<uint8_t, sizeof(ethtool_perm_addr) + 32> buffer{};
  ethtool_perm_addr head{};
  head.cmd = ETHTOOL_GPERMADDR;
  head.size = 32;
  std::memcpy(buffer.data(), &head, sizeof head);
  ifreq request{};
  std::memcpy(request.ifr_name, interface.data(), interface.size());
  request.ifr_data = reinterpret_cast<char*>(buffer.data());
  if (::ioctl(socket, SIOCETHTOOL, &request) != 0) return {};
  std::memcpy(&head, buffer.data(), sizeof head);
  std::array<uint8_t, kAddressLength> bytes{};
  std::copy_n(buffer.begin() + sizeof head, kAddressLength, bytes.begin());
  const bool none = std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0; });
  return head.size != kAddressLength || none ? std::string{} : fmt::format("{:02x}", fmt::join(bytes, ":"));
}

}  // namespace

std::string sign_of(const std::string& machine_id, std::vector<std::string> addresses) {
  if (machine_id.empty() || addresses.empty()) return {};
  std::sort(addresses.begin(), addresses.end());
  std::string all = machine_id;
  for (const auto& address : addresses) all += '\n' + address;
  return fmt::format("{:016x}", hash(all));
}

std::string machine_sign() {
  std::ifstream in("/etc/machine-id");
  std::string id;
  std::getline(in, id);
  const base::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  std::vector<std::string> addresses;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator("/sys/class/net", error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    // Only cards have a device behind them; bridges, tunnels and containers' ends make their addresses up.
    std::error_code none;
    if (!std::filesystem::exists(it->path() / "device", none)) continue;
    auto address = permanent_address(socket.get(), it->path().filename().string());
    if (!address.empty()) addresses.push_back(std::move(address));
  }
  return sign_of(id, std::move(addresses));
}

}  // namespace shstore::scsi
