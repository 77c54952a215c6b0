#include "scsi/element_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "scsi/additional_sense.h"
#include "scsi/sense.h"

namespace shstore::scsi {
namespace {

struct Row {
  uint16_t code;
  bool contents_unknown;
  std::string_view text;
};

// Sources: [D] Dell TL2000/TL4000 and IBM TS3100/TS3200, appendix C; [I] IBM TS4500 and Diamondback, Read Element Status;
// [E] Exabyte Magnum 1x7, tables 15-2 and A-2, and the Quantum SuperLoader, which answers alike; [O] Oracle SL150.
constexpr std::array kElementRows = {
    Row{0x3000, false, "a cartridge that does not fit this drive"},  // SPC-4, [D]
    Row{0x3003, false, "a cleaning cartridge is in it"},             // SPC-4, [D], [O]
    Row{0x3007, false, "the cleaning failed"},                       // SPC-4, [D]
    Row{0x3013, false, "a used-up cleaning cartridge is in it"},     // [O]
    Row{0x3b11, true, "its magazine cannot be reached"},             // SPC-4
    Row{0x3b12, true, "its magazine is not in the library"},         // SPC-4
    Row{0x3b1a, false, "no drive: it was taken out"},                // SPC-4, data transfer device removed
    Row{0x8005, false, "no drive is installed"},                     // [E]
    Row{0x8006, false, "no drive is installed"},                     // [E]
    Row{0x805e, false, "the drive is overheated"},                   // [D]
    Row{0x8100, false, "a door is open"},                            // [I]
    Row{0x8200, false, "no drive is installed"},                     // [I]
    Row{0x8300, true, "not yet scanned"},                            // [D]; [E]: label questionable
    Row{0x8301, false, "barcode unreadable"},                        // [E]
    Row{0x8302, true, "its magazine is not in the library"},         // [D]
    Row{0x8303, true, "not yet scanned since the power came on or a door was open"},  // [E]
    Row{0x8304, false, "no drive is installed"},                                      // [D], [E]
    Row{0x8309, false, "barcode unreadable, or there is none"},                       // [D], [E]
    Row{0x830a, false, "barcode unreadable: the barcode reader is broken"},           // [E]
};

const Row* find(uint16_t code) {
  const auto* row =
      std::find_if(kElementRows.begin(), kElementRows.end(), [&](const Row& r) { return r.code == code; });
  return row == kElementRows.end() ? nullptr : row;
}

uint16_t code_of(const Element& e) { return static_cast<uint16_t>(e.asc << 8 | e.ascq); }

}  // namespace

std::string describe_exception(const Element& e) {
  if (!e.exception) return {};
  if (code_of(e) == 0) return "the library reports an exception and does not say which";
  const auto* row = find(code_of(e));
  auto words = row != nullptr ? std::string(row->text) : additional_sense_text(code_of(e));
  if (words.empty()) words = "exception, see the library's manual for its code";
  return fmt::format("{} ({:02x}/{:02x})", words, e.asc, e.ascq);
}

bool contents_unknown(const Element& e) {
  const auto* row = e.exception && !e.full ? find(code_of(e)) : nullptr;
  return row != nullptr && row->contents_unknown;
}

std::string describe_medium(uint8_t medium_type) {
  switch (medium_type) {
    case kCleaningMedium: return "cleaning cartridge";
    case 3: return "diagnostic cartridge";
    case 4: return "WORM cartridge";
    case 5: return "microcode cartridge";
    default: return {};
  }
}

}  // namespace shstore::scsi
