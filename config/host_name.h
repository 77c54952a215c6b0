// Host names as configurations have them. Nothing is resolved.
#pragma once

#include <string>
#include <string_view>

namespace shstore::config {

/// The form in which hosts are compared: lower case, no dot at the end; localhost and ::1 are 127.0.0.1.
std::string host_key(std::string_view written);

/// An address rather than a name; of a host_key().
bool is_numeric_host(std::string_view key);

/// "cibou" of "cibou.company.com"; nothing of an address or of a name without a domain. Of a host_key().
std::string_view short_host_name(std::string_view key);

/// The same name or address; a name without a domain is that of any host that begins with it and a dot. An empty
/// one is nobody's.
bool is_same_host(std::string_view a, std::string_view b);

}  // namespace shstore::config
