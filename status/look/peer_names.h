// Names of hosts beside their reservation keys. No I/O.
#pragma once

#include <map>
#include <string>

namespace shstore::status {

/// "0xbac999" -> "dir".
using PeerNames = std::map<std::string, std::string>;

/// The name, or nothing where none is known.
inline std::string name_of(const std::string& key, const PeerNames& names) {
  const auto found = names.find(key);
  return found == names.end() ? std::string{} : found->second;
}

/// "0xbac999 (dir)", or the key alone.
inline std::string named(const std::string& key, const PeerNames& names) {
  const auto name = name_of(key, names);
  return name.empty() ? key : key + " (" + name + ')';
}

}  // namespace shstore::status
