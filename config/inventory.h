// What a host knows of its SAN hardware, as `shstore-status --inventory` writes it: the facts that no
// configuration file holds. One JSON file per host; schema "shstore-inventory/1".
//
//   { "schema": "shstore-inventory/1", "host": "cibou.company.com", "time": "2026-11-22T19:00:00Z",
//     "devices": [ { "type": "tape", "vendor": "HP", "product": "Ultrium 4-SCSI", "revision": "H61W",
//                    "hctl": "1:0:0:0", "serial": "HU19477B2C", "designator": "naa.50014380023560a3",
//                    "nodes": ["/dev/nst0", "/dev/st0", "/dev/sg0", "/dev/tape/by-id/scsi-350014380023560a3-nst"] } ],
//     "changers": [ { "hctl": "1:0:0:2", "serial": "MXA1234", "nodes": ["/dev/sg2"],
//                     "drives": [ { "element": 256, "index": 0, "serial": "HU19477B2C" } ] } ],
//     "initiators": ["iqn.2026-11.com.company:cibou"],
//     "bacula": "15.0.3",
//     "files": [ { "path": "/usr/lib/bacula/shstore-sd.so", "exists": true, "link": false, "mode": "0644", "owner": "root" } ] }
//
// "exists", "mode" and "owner" are of the file that a symbolic link leads to.
// "initiators" are the InitiatorNames of its iSCSI sessions, each once; of other fabrics there are none.
// "bacula" is the version of its bacula-sd; without it the linter guesses by the file.
// Every member but schema and host may be missing or null: then it is not known, and rules that need it are silent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

namespace shstore::config {

inline constexpr std::string_view kInventorySchema = "shstore-inventory/1";

struct InventoryDevice {
  std::string type;  ///< "tape" or "changer" or another word of ours; empty: unknown
  std::string vendor, product, revision;
  std::string hctl;                ///< "1:0:0:0"
  std::string serial, designator;  ///< empty: unknown
  std::vector<std::string> nodes;  ///< every path that leads to it
};

struct InventoryChanger {
  struct Drive {
    std::optional<uint32_t> element;  ///< its element address
    uint32_t index = 0;               ///< its place in the changer's element order, from 0: Bacula's Drive Index
    std::string serial;
  };
  std::string hctl, serial;
  std::vector<std::string> nodes;
  std::vector<Drive> drives;
};

/// A file that locking depends on.
struct InventoryFile {
  std::string path;
  std::optional<bool> exists;
  std::optional<bool> link;      ///< the path itself is a symbolic link
  std::optional<uint32_t> mode;  ///< permission bits
  std::string owner;             ///< empty: unknown
};

struct Inventory {
  std::string file;  ///< where it was read from
  std::string host;
  std::string time;  ///< when it was written, "2026-11-22T19:00:00Z"; empty: unknown
  std::vector<InventoryDevice> devices;
  std::vector<InventoryChanger> changers;
  std::vector<InventoryFile> files;
  std::vector<std::string> initiators;  ///< iSCSI names, in order; empty: none, or unknown
  std::string bacula;                   ///< the version of its bacula-sd, "15.0.3"; empty: unknown

  /// The device behind a path, or nullptr. The first call builds an index: the vectors must not change afterwards, and
  /// no other thread may ask at the same time.
  const InventoryDevice* device_at(std::string_view node) const;
  const InventoryChanger* changer_at(std::string_view node) const;
  const InventoryFile* file_at(const std::string& path) const;

 private:
  using Index = std::unordered_map<std::string, size_t>;  ///< of vector elements by path
  mutable std::optional<Index> device_index_, changer_index_;
};

/// Errors say which member of which file is wrong: "cibou.json: devices[0].serial: a string is expected, not a number".
/// Unknown members are ignored; another schema is refused.
tl::expected<Inventory, std::string> parse_inventory(std::string_view json, const std::string& file);

/// The JSON that parse_inventory() reads; what is not known is null. Bytes that are not UTF-8 are replaced.
std::string print_inventory(const Inventory& inventory);

}  // namespace shstore::config
