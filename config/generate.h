// Writes the configuration of a site from what its hosts know of their hardware: the other way round than the linter reads it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/inventory.h"

namespace shstore::config {

/// What no inventory knows.
struct SiteFacts {
  std::string director = "bacula-dir";
  /// Empty: as the host's Bacula has them: Debian's, or below /opt/bacula where its inventory has a file of ours
  /// there. Where it has none anywhere, `is_under_opt` decides.
  std::string working, plugins, scripts;
  bool is_under_opt = false;
  /// By host, as its inventory names it. Who is not here keeps @PASSWORD@, its own name as address, and port 9103.
  std::map<std::string, std::string> passwords, addresses;
  std::map<std::string, uint32_t> ports;
};

struct GeneratedFile {
  std::string path;  ///< `HOST/bacula-sd.conf`, `HOST/storage-ctl.conf`, `bacula-dir-storages.conf`
  std::string text;
  bool is_secret = false;  ///< has a password or a key in it
};

/// For each host its bacula-sd.conf and storage-ctl.conf, then what bacula-dir.conf includes. One library has one name on
/// all hosts, told by its serial number; drives stand in the order of its elements, and each is named by the most lasting of
/// its nodes. Hosts are called by their short names where those tell them apart. Errors: two inventories of one host, a
/// password or an address of a host without an inventory, a host without a drive, a value that Bacula would not take as it
/// is.
tl::expected<std::vector<GeneratedFile>, std::string> generate(const std::vector<Inventory>& inventories,
                                                               const SiteFacts& facts);

/// A reservation key of six hexadecimal digits for each host, made of its name, so that it is the same tomorrow; no two are
/// equal. The keys of hosts that were there before may depend on the others only if two names happen to give one key.
std::map<std::string, std::string> keys_for(const std::vector<std::string>& hosts);

/// "LTO-9" for what a drive says of itself ("ULT3580-TD9", "Ultrium 9-SCSI"); else its product with the characters that a
/// name may have.
std::string media_type_of(std::string_view product);

}  // namespace shstore::config
