// INQUIRY, its Unit Serial Number and Device Identification pages, and TEST UNIT READY: bytes to structs. No I/O.
// SPC-4 6.6, 7.8.15, 7.8.5, 6.47.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/error.h"

namespace shstore::scsi {

inline constexpr uint8_t kInquiry = 0x12;
inline constexpr uint8_t kTestUnitReady = 0x00;

inline constexpr uint8_t kTape = 0x01;           ///< peripheral device type: sequential access
inline constexpr uint8_t kMediumChanger = 0x08;  ///< peripheral device type: medium changer

enum class VpdPage : uint8_t { supported_pages = 0x00, unit_serial_number = 0x80, device_identification = 0x83 };

Bytes cdb_test_unit_ready();
Bytes cdb_inquiry(uint16_t allocation_length);
Bytes cdb_inquiry(VpdPage page, uint16_t allocation_length);

struct StandardInquiry {
  uint8_t peripheral_qualifier = 0;
  uint8_t device_type = 0;
  bool removable = false;
  std::string vendor, product, revision;  ///< trailing blanks removed
};

/// Needs the 36 bytes that SPC-4 makes mandatory; fewer is an error, never a guess.
Result<StandardInquiry> decode_inquiry(ByteView data);
Bytes encode_inquiry(const StandardInquiry& inquiry);

/// Leading and trailing blanks removed; empty if the page holds only blanks.
Result<std::string> decode_unit_serial_number(ByteView data);
Bytes encode_unit_serial_number(uint8_t device_type, const std::string& serial);

/// One designation descriptor (SPC-4 7.8.5).
struct Designator {
  uint8_t code_set = 0;     ///< 1 binary, 2 ASCII, 3 UTF-8
  uint8_t association = 0;  ///< 0 logical unit, 1 target port, 2 target device
  uint8_t type = 0;         ///< 1 T10 vendor id, 2 EUI-64, 3 NAA, 8 SCSI name string, ...
  Bytes identifier;
  /// "naa.50014380023560d4", "t10.HP      ..." or hex digits: stable, for comparing and printing.
  std::string text() const;
  friend bool operator==(const Designator&, const Designator&) = default;
};

Result<std::vector<Designator>> decode_device_identification(ByteView data);
Bytes encode_device_identification(uint8_t device_type, const std::vector<Designator>& designators);

/// "tape", "medium changer", "disk", ...: the words sg_persist prints after "Peripheral device type:".
std::string device_type_text(uint8_t device_type);

}  // namespace shstore::scsi
