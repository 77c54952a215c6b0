// Sense data: bytes to a struct, and the words SPC-4 has for it. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scsi/bytes.h"

namespace shstore::scsi {

/// SCSI status codes (SAM-5 5.3.1).
enum class Status : uint8_t {
  good = 0x00,
  check_condition = 0x02,
  condition_met = 0x04,
  busy = 0x08,
  reservation_conflict = 0x18,
  task_set_full = 0x28,
  aca_active = 0x30,
  task_aborted = 0x40,
};

/// Sense keys (SPC-4 table 27).
enum class SenseKey : uint8_t {
  no_sense = 0x0,
  recovered_error = 0x1,
  not_ready = 0x2,
  medium_error = 0x3,
  hardware_error = 0x4,
  illegal_request = 0x5,
  unit_attention = 0x6,
  data_protect = 0x7,
  blank_check = 0x8,
  aborted_command = 0xb,
};

struct Sense {
  SenseKey key = SenseKey::no_sense;
  uint8_t asc = 0;        ///< additional sense code; 0 where the device sent too few bytes for one
  uint8_t ascq = 0;       ///< additional sense code qualifier
  bool deferred = false;  ///< about an earlier command (response codes 71h, 73h)
  friend bool operator==(const Sense&, const Sense&) = default;
};

/// Additional sense codes that somebody here decides by (SPC-4 annex D), as asc << 8 | ascq.
namespace asc {
inline constexpr uint16_t no_additional_sense = 0x0000;
inline constexpr uint16_t filemark_detected = 0x0001;
inline constexpr uint16_t beginning_of_partition = 0x0004;
inline constexpr uint16_t end_of_data = 0x0005;
inline constexpr uint16_t becoming_ready = 0x0401;
inline constexpr uint16_t parameter_list_length_error = 0x1a00;
inline constexpr uint16_t invalid_operation_code = 0x2000;
inline constexpr uint16_t invalid_element_address = 0x2101;
inline constexpr uint16_t invalid_field_in_cdb = 0x2400;
inline constexpr uint16_t logical_unit_not_supported = 0x2500;
inline constexpr uint16_t invalid_field_in_parameter_list = 0x2600;
inline constexpr uint16_t invalid_release_of_persistent_reservation = 0x2604;
inline constexpr uint16_t medium_may_have_changed = 0x2800;
inline constexpr uint16_t power_on_or_reset = 0x2900;
inline constexpr uint16_t reservations_preempted = 0x2a03;
inline constexpr uint16_t reservations_released = 0x2a04;
inline constexpr uint16_t registrations_preempted = 0x2a05;
inline constexpr uint16_t cleaning_cartridge_installed = 0x3003;
inline constexpr uint16_t medium_not_present = 0x3a00;
inline constexpr uint16_t medium_destination_full = 0x3b0d;
inline constexpr uint16_t medium_source_empty = 0x3b0e;
inline constexpr uint16_t medium_magazine_not_accessible = 0x3b11;
inline constexpr uint16_t medium_magazine_removed = 0x3b12;
inline constexpr uint16_t element_disabled = 0x3b18;
/// Vendor specific: a data transfer element whose drive has not unloaded its medium.
inline constexpr uint16_t drive_not_unloaded = 0x3b90;
inline constexpr uint16_t media_load_or_eject_failed = 0x5300;
inline constexpr uint16_t medium_removal_prevented = 0x5302;
inline constexpr uint16_t insufficient_registration_resources = 0x5504;
}  // namespace asc

inline uint16_t asc_ascq(const Sense& s) { return static_cast<uint16_t>(s.asc << 8 | s.ascq); }

/// Fixed (70h, 71h) and descriptor (72h, 73h) format. Nothing if the bytes are none of them or hold no sense key.
std::optional<Sense> decode_sense(ByteView bytes);

/// Fixed format, current error, 18 bytes.
Bytes encode_sense(const Sense& sense);

/// "Unit Attention, 29/00 (power on, reset, or bus device reset occurred)"
std::string describe(const Sense& sense);

/// "Reservation Conflict"; "status 0x22" for a code that SAM-5 does not define.
std::string describe(Status status);

}  // namespace shstore::scsi
