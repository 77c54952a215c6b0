#include "changer/library.h"

#include <fmt/format.h>

#include <algorithm>

#include "scsi/element_words.h"

namespace shstore::changer {
namespace {

constexpr uint8_t kVendorsMissing = 0x83;  // ASC; what is missing is in the ASCQ
constexpr uint8_t kSlotMissing = 0x02, kDriveMissing = 0x04;
constexpr size_t kTagLength = 32;

bool is_missing(const scsi::Element& element, uint8_t ascq) {
  return element.asc == kVendorsMissing && element.ascq == ascq;
}

std::string padded(std::string tag) {
  if (!tag.empty() && tag.size() < kTagLength) tag.resize(kTagLength, ' ');
  return tag;
}

void describe(const scsi::Element& element, Place& place) {
  place.address = element.address;
  place.full = element.full;
  place.reachable = element.accessible;
  place.volume_tag = padded(element.volume_tag);
  place.alternate_tag = padded(element.alternate_volume_tag);
  place.unknown = scsi::contents_unknown(element);
  place.disabled = element.disabled;
  place.medium_type = element.medium_type;
  place.exception = scsi::describe_exception(element);
  place.asc = element.asc;
  place.ascq = element.ascq;
}

void add_slot(Library& library, const scsi::Element& element) {
  Slot slot;
  describe(element, slot);
  slot.import_export = element.type == scsi::ElementType::import_export;
  library.slots.push_back(std::move(slot));
}

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
    if (!slot.full && !slot.unknown && !slot.import_export && !is_home(library, i + 1)) return i + 1;
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

const Arm* Library::full_arm() const {
  const auto found = std::find_if(arms.begin(), arms.end(), [](const Arm& a) { return a.full; });
  return found == arms.end() ? nullptr : &*found;
}

std::string Library::why_unread(scsi::ElementType type) const {
  if (std::find(unread.begin(), unread.end(), type) == unread.end()) return {};
  const auto begin = fmt::format("the {}s could not be read", scsi::describe(type));
  const auto flaw = std::find_if(flaws.begin(), flaws.end(), [&](const auto& f) { return f.starts_with(begin); });
  return flaw == flaws.end() ? begin : *flaw;
}

Library to_library(const scsi::LibraryStatus& status) {
  Library library;
  library.flaws = status.flaws;
  library.unread = status.unread;
  for (const auto& element : status.medium_transport) describe(element, library.arms.emplace_back());
  if (!status.medium_transport.empty()) library.arm = status.medium_transport.front().address;
  size_t left_out = 0;
  for (const auto& element : status.storage) {
    if (is_missing(element, kSlotMissing))
      ++left_out;
    else
      add_slot(library, element);
  }
  if (left_out != 0) {
    library.flaws.push_back(fmt::format(
        "{} storage elements have no number, because their magazine is not in the library (83/02); mtx counts so, too",
        left_out));
  }
  for (const auto& element : status.import_export) add_slot(library, element);
  std::vector<std::optional<uint16_t>> sources;
  for (const auto& element : status.data_transfer) {
    if (is_missing(element, kDriveMissing)) continue;
    Drive drive;
    describe(element, drive);
    drive.device = element.device;
    drive.device_cut = element.device_cut;
    library.drives.push_back(std::move(drive));
    sources.push_back(element.source);
  }
  assign_homes(library, sources);
  return library;
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
