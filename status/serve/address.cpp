#include "status/serve/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "scsi/base/printable.h"

namespace shstore::status::serve {
namespace {

constexpr int kLongestName = 253;  // RFC 1035

bool is_ip(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(family, text.c_str(), bytes.data()) == 1;
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::optional<uint16_t> port_in(std::string_view digits) {
  uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  return port;
}

/// "name", "name:port", "[v6]", "[v6]:port"; the port's text may be missing.
struct HostAndPort {
  std::string host;
  std::string_view port;
  bool bracketed = false, has_port = false;
};

std::optional<HostAndPort> split(std::string_view text) {
  HostAndPort parts;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parts.host = text.substr(1, end - 1);
    parts.bracketed = true;
    text.remove_prefix(end + 1);
    if (text.empty()) return parts;
    if (text.front() != ':') return std::nullopt;
    parts.port = text.substr(1);
    parts.has_port = true;
    return parts;
  }
  const auto colon = text.find(':');
  parts.host = text.substr(0, colon);
  if (colon == std::string_view::npos) return parts;
  parts.port = text.substr(colon + 1);
  parts.has_port = true;
  return parts;
}

}  // namespace

bool Address::loopback() const { return ip == "::1" || ip.starts_with("127."); }

std::string Address::text() const {
  return ip.find(':') == std::string::npos ? fmt::format("{}:{}", ip, port) : fmt::format("[{}]:{}", ip, port);
}

tl::expected<Address, std::string> parse_address(std::string_view text) {
  Address address;
  if (text.empty()) return address;
  const auto wrong = [&] {
    return tl::make_unexpected(
        fmt::format("\"{}\" is no address to listen at: give PORT, IP or IP:PORT, for example 127.0.0.1:{} or [::1]:{}",
                    base::printable(text), kDefaultPort, kDefaultPort));
  };
  if (const auto port = port_in(text)) {
    address.port = *port;
    return address;
  }
  const auto parts = split(text);
  if (!parts) return wrong();
  if (parts->has_port) {
    const auto port = port_in(parts->port);
    if (!port) return wrong();
    address.port = *port;
  }
  const bool local = !parts->bracketed && same_name(parts->host, "localhost");
  if (!local) address.ip = parts->host;
  return local || is_ip(parts->bracketed ? AF_INET6 : AF_INET, address.ip) ? tl::expected<Address, std::string>(address)
                                                                           : wrong();
}

bool host_is_ours(std::string_view host, const std::vector<std::string>& names) {
  const auto parts = split(host);
  if (!parts || (parts->has_port && !port_in(parts->port))) return false;
  if (parts->bracketed) return is_ip(AF_INET6, parts->host);
  if (is_ip(AF_INET, parts->host) || same_name(parts->host, "localhost")) return true;
  return std::any_of(names.begin(), names.end(), [&](const auto& name) { return same_name(name, parts->host); });
}

std::string no_host_name(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  const bool good = !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), fits);
  return good ? std::string{} : '"' + base::printable(name) + "\" is no name of a host, as backup.example.org is";
}

}  // namespace shstore::status::serve
