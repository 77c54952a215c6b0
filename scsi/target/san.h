// The description of a SAN: which drives there are and which initiator sees which of them under what name.
// A JSON file; samples/san.json is one:
//
//   {"drives":     [{"name": "drive0", "vendor": "HP", "product": "Ultrium 4-SCSI", "revision": "H61W",
//                    "serial": "HU10450A01", "pr_generation": "0x493"}],
//    "initiators": [{"name": "cibou", "wwpn": "2101001b322173ee", "relative_target_port": 1,
//                    "devices": {"sg0": "drive0"}}]}
//
// "pr_generation" (0x0) and "relative_target_port" (1) may be left out; nothing else may, and a field that is not
// listed here is an error, so that a misspelt one is not ignored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/error.h"

namespace shstore::scsi::target {

struct Drive {
  std::string name;      ///< by which the initiators' devices refer to it
  std::string vendor;    ///< up to 8 printable ASCII characters (T10 VENDOR IDENTIFICATION)
  std::string product;   ///< up to 16
  std::string revision;  ///< up to 4
  std::string serial;    ///< 1 to 32
  uint32_t pr_generation = 0;
};

/// A name under which an initiator sees a drive: the file name of a socket.
struct Device {
  std::string name;
  size_t drive = 0;  ///< index into San::drives
};

struct Initiator {
  std::string name;   ///< the name of the folder that holds its sockets
  uint64_t wwpn = 0;  ///< its Fibre Channel port name; no two initiators have the same
  uint16_t relative_target_port = 1;
  std::vector<Device> devices;  ///< sorted by name; each drive at most once
};

struct San {
  std::vector<Drive> drives;
  std::vector<Initiator> initiators;
};

/// `file` is used in messages: "san.json: initiators[0].devices.sg0: there is no drive named \"drive7\"".
Result<San> parse_san(std::string_view json, const std::string& file);

/// Reads and parses the file. Every error is of kind config.
Result<San> load_san(const std::string& path);

}  // namespace shstore::scsi::target
