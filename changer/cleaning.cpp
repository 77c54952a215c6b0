#include "changer/cleaning.h"

#include <fmt/format.h>

#include <algorithm>

#include "changer/mtx_text.h"
#include "scsi/drive_health.h"
#include "scsi/element_words.h"

namespace shstore::changer {
namespace {

std::string which(const std::string& prefix) {
  return prefix.empty() ? "by its medium type"
                        : fmt::format("by its medium type, or a barcode that begins with {}", prefix);
}

}  // namespace

CleaningWish wish_of(const scsi::DtDeviceStatus& status) {
  if (status.cleaning_required) return CleaningWish::required;
  return status.cleaning_requested ? CleaningWish::requested : CleaningWish::none;
}

bool is_cleaning_cartridge(const Place& place, const std::string& prefix) {
  if (!place.full) return false;
  if (place.medium_type != 0) return place.medium_type == scsi::kCleaningMedium;
  return !prefix.empty() && barcode(place).starts_with(prefix);
}

Outcome<Move> plan_clean(const Library& library, const std::string& prefix, uint32_t drive) {
  std::string unusable;
  for (size_t i = 0; i < library.slots.size(); ++i) {
    const auto& slot = library.slots[i];
    if (slot.import_export || !is_cleaning_cartridge(slot, prefix)) continue;
    const bool just_said_to_be_one = slot.asc == 0x30 && slot.ascq == 0x03;
    if ((slot.exception.empty() || just_said_to_be_one) && !slot.disabled) {
      auto move = plan_load(library, static_cast<uint32_t>(i + 1), drive);
      if (move) move->announcement.clear();
      return move;
    }
    unusable += fmt::format("{}{} in slot {}{}", unusable.empty() ? "" : ", ", tape_text(slot), i + 1,
                            slot.exception.empty() ? "" : " (" + slot.exception + ')');
  }
  if (!unusable.empty())
    return fail(ExitStatus::library, fmt::format("no cleaning cartridge can be used: {}", unusable));
  return fail(ExitStatus::library,
              fmt::format("there is no cleaning cartridge in a slot of the library; it is known {}", which(prefix)));
}

Outcome<Move> plan_cleaning_return(const Library& library, const std::string& prefix, uint32_t index) {
  const auto* drive = library.drive(index);
  if (drive == nullptr || !is_cleaning_cartridge(*drive, prefix)) {
    return fail(ExitStatus::library, fmt::format("drive {} holds no cleaning cartridge", index));
  }
  auto move = plan_unload(library, 0, index);
  if (move) move->announcement.clear();
  return move;
}

Cleaning judge_cleaning(const std::optional<scsi::Sense>& sense, const std::optional<scsi::DtDeviceStatus>& status) {
  constexpr uint8_t kIncompatibleMedium = 0x30;
  if (sense) {
    const bool refused =
        sense->asc == kIncompatibleMedium && (sense->ascq == 0x00 || sense->ascq == 0x07 || sense->ascq == 0x13);
    if (refused) return Cleaning::failed;
    if (sense->asc == scsi::asc::medium_not_present >> 8) return Cleaning::done;  // it has given the cartridge out
  }
  if (!status || !status->initialized) return Cleaning::going_on;
  const bool busy = status->in_transition || status->activity != scsi::dt_activity::none;
  return busy || wish_of(*status) != CleaningWish::none ? Cleaning::going_on : Cleaning::done;
}

}  // namespace shstore::changer
