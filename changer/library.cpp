#include "changer/library.h"

#include <algorithm>

namespace shstore::changer {
namespace {

// Slot numbers, for Drive::home.
std::optional<uint32_t> free_slot_at(const Library& library, uint16_t address) {
  for (uint32_t i = 0; i < library.slots.size(); ++i) {
    if (library.slots[i].address == address && !library.slots[i].full) return i + 1;
  }
  return std::nullopt;
}

bool is_home(const Library& library, uint32_t number) {
  return std::any_of(library.drives.begin(), library.drives.end(), [&](const Drive& d) { return d.home == number; });
}

std::optional<uint32_t> any_free_slot(const Library& library) {
  for (uint32_t i = 0; i < library.slots.size(); ++i) {
    const auto& slot = library.slots[i];
    if (!slot.full && !slot.import_export && !is_home(library, i + 1)) return i + 1;
  }
  return std::nullopt;
}

}  // namespace

const Slot* Library::slot(uint32_t number) const {
  return number >= 1 && number <= slots.size() ? &slots[number - 1] : nullptr;
}

const Drive* Library::drive(uint32_t index) const { return index < drives.size() ? &drives[index] : nullptr; }

size_t Library::import_export_slots() const {
  return static_cast<size_t>(std::count_if(slots.begin(), slots.end(), [](const Slot& s) { return s.import_export; }));
}

std::string barcode(const Place& place) { return place.volume_tag.substr(0, place.volume_tag.find(' ')); }

void assign_homes(Library& library, const std::vector<std::optional<uint16_t>>& sources) {
  for (auto& drive : library.drives) drive.home.reset();
  for (size_t i = 0; i < library.drives.size(); ++i) {
    auto& drive = library.drives[i];
    if (!drive.full || i >= sources.size() || !sources[i]) continue;
    const auto home = free_slot_at(library, *sources[i]);
    if (home && !is_home(library, *home)) drive.home = home;
  }
  for (auto& drive : library.drives) {
    if (drive.full && !drive.home) drive.home = any_free_slot(library);
  }
}

}  // namespace shstore::changer
