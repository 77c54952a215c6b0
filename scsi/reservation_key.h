// The key by which a Storage Daemon's host is known to a drive.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "scsi/error.h"

namespace shstore::scsi {

/// A RESERVATION KEY field (SPC-4 6.16): 8 bytes. Ours use the low three (1 to 6 hex digits, white paper 2.10),
/// but a drive may show any product's.
struct ReservationKey {
  uint64_t value = 0;
  friend auto operator<=>(const ReservationKey&, const ReservationKey&) = default;
};

/// "bac001", "BAC001" or "0xbac001". Refused: anything but 1 to 6 hex digits, and zero (0 means "unregister" on
/// the wire). The error's message has no file name; the caller adds it.
Result<ReservationKey> parse_key(std::string_view text);

/// Another product's key as an operator types it: 1 to 16 hex digits, with or without 0x, not zero.
Result<ReservationKey> parse_any_key(std::string_view text);

/// "0xbac001": lower case, no leading zeros beyond six digits' worth (sg_persist prints the same).
std::string to_text(ReservationKey key);

}  // namespace shstore::scsi
