#include "scsi/reservation_key.h"

#include <fmt/format.h>

#include <charconv>

namespace shstore::scsi {

Result<ReservationKey> parse_key(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
  uint64_t value = 0;
  const auto* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value, 16);
  const bool hex = parsed.ec == std::errc{} && parsed.ptr == end && digits.front() != '-';
  if (digits.empty() || digits.size() > 6 || !hex) {
    return fail(Error::Kind::config,
                fmt::format("key \"{}\" is not 1 to 6 hexadecimal digits (0-9, a-f)", text));
  }
  if (value == 0) {
    return fail(Error::Kind::config,
                fmt::format("key \"{}\" is zero, which SCSI uses for \"no registration\"", text));
  }
  return ReservationKey{value};
}

std::string to_text(ReservationKey key) { return fmt::format("0x{:x}", key.value); }

}  // namespace shstore::scsi
