#include "scsi/reservation_key.h"

#include <fmt/format.h>

#include <charconv>

namespace shstore::scsi {

namespace {

constexpr size_t kOurDigits = 6;
constexpr size_t kMostDigits = 16;

Result<ReservationKey> parse_digits(std::string_view text, size_t most) {
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
  const bool hex = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (digits.empty() || digits.size() > most || !hex) {
    return fail(Error::Kind::config,
                fmt::format("key \"{}\" is not 1 to {} hexadecimal digits (0-9, a-f)", text, most));
  }
  uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (value == 0) {
    return fail(Error::Kind::config, fmt::format("key \"{}\" is zero, which SCSI uses for \"no registration\"", text));
  }
  return ReservationKey{value};
}

}  // namespace

Result<ReservationKey> parse_key(std::string_view text) { return parse_digits(text, kOurDigits); }

Result<ReservationKey> parse_any_key(std::string_view text) { return parse_digits(text, kMostDigits); }

std::string to_text(ReservationKey key) { return fmt::format("0x{:x}", key.value); }

}  // namespace shstore::scsi
