#include "scsi/sense.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "scsi/additional_sense.h"

namespace shstore::scsi {
namespace {

constexpr std::array<std::string_view, 16> kSenseKeys = {
    "No Sense",       "Recovered Error", "Not Ready",   "Medium Error",    "Hardware Error", "Illegal Request",
    "Unit Attention", "Data Protect",    "Blank Check", "Vendor Specific", "Copy Aborted",   "Aborted Command",
    "Reserved",       "Volume Overflow", "Miscompare",  "Completed",
};

}  // namespace

std::optional<Sense> decode_sense(ByteView b) {
  if (b.size() < 2) return std::nullopt;
  const uint8_t response = b[0] & 0x7f;
  Sense sense;
  sense.deferred = response == 0x71 || response == 0x73;
  switch (response) {
    case 0x70:
    case 0x71: {
      if (b.size() < 3) return std::nullopt;
      sense.key = static_cast<SenseKey>(b[2] & 0x0f);
      // ADDITIONAL SENSE LENGTH says how much of what follows byte 7 is valid (SPC-4 4.5.3).
      const size_t valid = b.size() < 8 ? b.size() : std::min<size_t>(b.size(), 8u + b[7]);
      if (valid > 12) sense.asc = b[12];
      if (valid > 13) sense.ascq = b[13];
      return sense;
    }
    case 0x72:
    case 0x73:
      sense.key = static_cast<SenseKey>(b[1] & 0x0f);
      if (b.size() > 2) sense.asc = b[2];
      if (b.size() > 3) sense.ascq = b[3];
      return sense;
    default: return std::nullopt;
  }
}

Bytes encode_sense(const Sense& sense) {
  Bytes b(18, 0);
  b[0] = sense.deferred ? 0x71 : 0x70;
  b[2] = static_cast<uint8_t>(sense.key);
  b[7] = 10;
  b[12] = sense.asc;
  b[13] = sense.ascq;
  return b;
}

std::string describe(const Sense& sense) {
  const auto code = asc_ascq(sense);
  std::string text =
      fmt::format("{}, {:02x}/{:02x}", kSenseKeys[static_cast<size_t>(sense.key) & 0xf], sense.asc, sense.ascq);
  const auto words = additional_sense_text(code);
  return words.empty() ? text : fmt::format("{} ({})", text, words);
}

std::string describe(Status status) {
  switch (status) {
    case Status::good: return "Good";
    case Status::check_condition: return "Check Condition";
    case Status::condition_met: return "Condition Met";
    case Status::busy: return "Busy";
    case Status::reservation_conflict: return "Reservation Conflict";
    case Status::task_set_full: return "Task Set Full";
    case Status::aca_active: return "ACA Active";
    case Status::task_aborted: return "Task Aborted";
  }
  return fmt::format("status 0x{:02x}", static_cast<unsigned>(status));
}

}  // namespace shstore::scsi
