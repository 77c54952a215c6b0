// The description of a SAN: which drives and libraries there are, and which initiator sees which of them
// under what name. A JSON file; samples/san.json is one without, samples/library.json one with a library:
//
//   {"drives":     [{"name": "drive0", "vendor": "HP", "product": "Ultrium 4-SCSI", "revision": "H61W",
//                    "serial": "HU10450A01", "pr_generation": "0x493", "archive": "drives/0",
//                    "calibration_seconds": 0, "tape_alerts": [20], "log_pages": ["0x0c", "0x11", "0x2e"],
//                    "read_position": true, "reservation_options": ["REGISTER AND MOVE", "ALL_TG_PT", "SPEC_I_PT",
//                    "APTPL"]}],
//    "changers":   [{"name": "robot", "vendor": "HP", "product": "MSL G3 Series", "revision": "E.00",
//                    "serial": "DEC0440217", "drives": ["drive0"], "slots": 8, "import_export": 2,
//                    "media": [{"slot": 1, "barcode": "A00001L4"}], "media_folder": "media",
//                    "first_elements": {"medium_transport": 1, "import_export": 16, "data_transfer": 256,
//                                       "storage": 1024},
//                    "needs_unload": false, "move_seconds": 0, "reservation_options": ["APTPL"]}],
//    "initiators": [{"name": "cibou", "wwpn": "2101001b322173ee", "relative_target_port": 1,
//                    "devices": {"sg0": "drive0", "sg2": "robot"}}]}
//
// May be left out: "changers" (none), "pr_generation" (0x0), "archive" (none), "calibration_seconds" (0: a drive is ready
// as soon as it is loaded), "reservation_options" (none), "tape_alerts" (none), "log_pages" and "read_position" (as above), "import_export" (0), "media"
// (none), "media_folder" (none), "first_elements" and each in it (as above), "needs_unload" (false),
// "move_seconds" (0), and "relative_target_port" (1). Nothing else may, and a field that is not listed here
// is an error, so that a misspelt one is not ignored.
//
// A slot is counted as mtx and Bacula do: first the storage elements from 1 on, then the import/export
// elements.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/error.h"
#include "scsi/medium_changer.h"
#include "scsi/target/device_model.h"
#include "scsi/target/reservations.h"

namespace shstore::scsi::target {

struct Drive {
  std::string name;      ///< by which the initiators' devices refer to it
  std::string vendor;    ///< up to 8 printable ASCII characters (T10 VENDOR IDENTIFICATION)
  std::string product;   ///< up to 16
  std::string revision;  ///< up to 4
  std::string serial;    ///< 1 to 32
  uint32_t pr_generation = 0;
  ReservationOptions reservation_options{};
  /// The link that leads to the loaded medium's file, relative to the served folder; empty: none. Only for a
  /// drive whose changer has a media folder.
  std::string archive{};
  std::chrono::milliseconds calibration{0};  ///< not ready that long after the first load of each medium
  DriveTraits traits{};
};

struct Medium {
  std::string barcode;   ///< 1 to 32 characters without blanks that make a file name; no two media have the same
  uint16_t element = 0;  ///< where it is when the library is new
};

struct Changer {
  std::string name, vendor, product, revision, serial;  ///< as of a drive
  uint32_t pr_generation = 0;
  ReservationOptions reservation_options{};
  ElementAddresses addresses;
  std::vector<size_t> drives;  ///< indices into San::drives, in the order of their elements
  std::vector<Medium> media;
  std::string media_folder;                ///< with a file for each medium, relative to the served folder; empty: media
                                           ///< have no files
  bool needs_unload = false;               ///< the robot takes no medium from a drive that has not unloaded it
  std::chrono::milliseconds move_time{0};  ///< of MOVE MEDIUM
};

/// A name under which an initiator sees a drive or a robot: the file name of a socket.
struct Device {
  std::string name;
  size_t unit = 0;  ///< index into San::drives, and behind them into San::changers
};

struct Initiator {
  std::string name;  ///< the name of the folder that holds its sockets
  uint64_t wwpn =
      0;  ///< its Fibre Channel port name; two initiators have the same if they are one port, by two target ports
  uint16_t relative_target_port = 1;
  std::vector<Device> devices;  ///< sorted by name; each drive and robot at most once
};

struct San {
  std::vector<Drive> drives;
  std::vector<Initiator> initiators;
  std::vector<Changer> changers;
};

/// `file` is used in messages: "san.json: initiators[0].devices.sg0: there is no drive named \"drive7\"".
Result<San> parse_san(std::string_view json, const std::string& file);

/// Reads and parses the file. Every error is of kind config.
Result<San> load_san(const std::string& path);

}  // namespace shstore::scsi::target
