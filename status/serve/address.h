// Where shstore-status --serve listens, and by which names it lets itself be called. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace shstore::status::serve {

inline constexpr uint16_t kDefaultPort = 9848;

struct Address {
  std::string ip = "127.0.0.1";  ///< as inet_pton(3) takes it: "127.0.0.1", "::1"
  uint16_t port = kDefaultPort;  ///< 0: any that is free
  bool loopback() const;
  /// "127.0.0.1:9848", "[::1]:9848".
  std::string text() const;
};

/// "", "9848", "127.0.0.1", "127.0.0.1:9848", "[::1]:9848", "localhost:9848". Names of hosts but localhost are not looked up:
/// which of its addresses would be meant? The error says what is wrong, and what is right.
tl::expected<Address, std::string> parse_address(std::string_view text);

/// May a request be answered whose Host header says this? A page of the attacker's that has had its own name point to this
/// address (DNS rebinding) comes with that name. So: an IP address, localhost, or one of `names`; with any port or none.
bool host_is_ours(std::string_view host, const std::vector<std::string>& names);

/// Why this is not one to be given as one of the `names`; empty: it is.
std::string no_host_name(const std::string& name);

}  // namespace shstore::status::serve
