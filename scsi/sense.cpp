#include "scsi/sense.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace shstore::scsi {
namespace {

struct CodeText {
  uint16_t code;
  std::string_view text;
};

constexpr std::array kAdditionalSense = {
    CodeText{0x0400, "logical unit not ready, cause not reportable"},
    CodeText{0x0401, "logical unit is in process of becoming ready"},
    CodeText{0x0402, "logical unit not ready, initializing command required"},
    CodeText{0x0403, "logical unit not ready, manual intervention required"},
    CodeText{0x0407, "logical unit not ready, operation in progress"},
    CodeText{0x0409, "logical unit not ready, self-test in progress"},
    CodeText{0x0412, "logical unit not ready, offline"},
    CodeText{0x041a, "logical unit not ready, start stop unit command in progress"},
    CodeText{0x0422, "logical unit not ready, power cycle required"},
    CodeText{0x1501, "mechanical positioning error"},
    CodeText{0x1a00, "parameter list length error"},
    CodeText{0x2000, "invalid command operation code"},
    CodeText{0x2101, "invalid element address"},
    CodeText{0x2400, "invalid field in CDB"},
    CodeText{0x2500, "logical unit not supported"},
    CodeText{0x2600, "invalid field in parameter list"},
    CodeText{0x2604, "invalid release of persistent reservation"},
    CodeText{0x2800, "not ready to ready change, medium may have changed"},
    CodeText{0x2801, "import or export element accessed"},
    CodeText{0x2900, "power on, reset, or bus device reset occurred"},
    CodeText{0x2901, "power on occurred"},
    CodeText{0x2902, "SCSI bus reset occurred"},
    CodeText{0x2903, "bus device reset function occurred"},
    CodeText{0x2904, "device internal reset"},
    CodeText{0x2905, "transceiver mode changed to single-ended"},
    CodeText{0x2906, "transceiver mode changed to LVD"},
    CodeText{0x2907, "I_T nexus loss occurred"},
    CodeText{0x2a01, "mode parameters changed"},
    CodeText{0x2a02, "log parameters changed"},
    CodeText{0x2a03, "reservations preempted"},
    CodeText{0x2a04, "reservations released"},
    CodeText{0x2a05, "registrations preempted"},
    CodeText{0x2c0b, "not reserved"},
    CodeText{0x3000, "incompatible medium installed"},
    CodeText{0x3003, "cleaning cartridge installed"},
    CodeText{0x3007, "cleaning failure"},
    CodeText{0x3a00, "medium not present"},
    CodeText{0x3a02, "medium not present, tray open"},
    CodeText{0x3b0d, "medium destination element full"},
    CodeText{0x3b0e, "medium source element empty"},
    CodeText{0x3b11, "medium magazine not accessible"},
    CodeText{0x3b12, "medium magazine removed"},
    CodeText{0x3b16, "mechanical positioning or changer error"},
    CodeText{0x3b18, "element disabled"},
    CodeText{0x3b1a, "data transfer device removed"},
    CodeText{0x3e00, "logical unit has not self-configured yet"},
    CodeText{0x3f0e, "reported LUNs data has changed"},
    CodeText{0x4400, "internal target failure"},
    CodeText{0x5300, "media load or eject failed"},
    CodeText{0x5301, "unload tape failure"},
    CodeText{0x5302, "medium removal prevented"},
    CodeText{0x5303, "medium removal prevented by data transfer element"},
    CodeText{0x5504, "insufficient registration resources"},
};

constexpr std::array<std::string_view, 16> kSenseKeys = {
    "No Sense",   "Recovered Error", "Not Ready",   "Medium Error",  "Hardware Error", "Illegal Request",
    "Unit Attention", "Data Protect", "Blank Check", "Vendor Specific", "Copy Aborted", "Aborted Command",
    "Reserved",   "Volume Overflow", "Miscompare",  "Completed",
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
    default:
      return std::nullopt;
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
  std::string text = fmt::format("{}, {:02x}/{:02x}", kSenseKeys[static_cast<size_t>(sense.key) & 0xf],
                                 sense.asc, sense.ascq);
  const auto words = additional_sense_text(code);
  return words.empty() ? text : fmt::format("{} ({})", text, words);
}

std::string additional_sense_text(uint16_t code) {
  for (const auto& row : kAdditionalSense) {
    if (row.code == code) return std::string(row.text);
  }
  return {};
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
