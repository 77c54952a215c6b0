#include "changer/mtx_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace shstore::changer {
namespace {

// The script's awk separates words at blanks, so a drive's tag loses its leading blanks there, and a slot's tag that begins
// with one is lost altogether.
std::string first_word(const std::string& text) {
  const auto begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? std::string{} : text.substr(begin, text.find(' ', begin) - begin);
}

// As mtx prints it behind a place; `between` is "=" for slots and " = " for drives.
std::string tags_text(const Place& place, const char* between) {
  std::string text;
  if (!place.volume_tag.empty()) text += fmt::format(":VolumeTag{}{}", between, place.volume_tag);
  if (!place.alternate_tag.empty()) text += fmt::format(":AlternateVolumeTag{}{}", between, place.alternate_tag);
  return text;
}

std::string drive_line(const Drive& drive, size_t index) {
  if (!drive.full) return fmt::format("Data Transfer Element {}:Empty\n", index);
  const auto from =
      drive.home ? fmt::format("Storage Element {}", *drive.home) : std::string("Unknown Storage Element");
  return fmt::format("Data Transfer Element {}:Full ({} Loaded){}\n", index, from, tags_text(drive, " = "));
}

std::string slot_line(const Slot& slot, size_t number) {
  return fmt::format("      Storage Element {}{}:{}{}\n", number, slot.import_export ? " IMPORT/EXPORT" : "",
                     slot.full      ? "Full "
                     : slot.unknown ? "Not scanned"
                                    : "Empty",
                     tags_text(slot, "="));
}

// What the script's expressions find behind "VolumeTag": the tag with its trailing blanks, and the alternate tag.
std::string slot_tag_in_listall(const Slot& slot) {
  return slot.volume_tag.empty() ? std::string{} : tags_text(slot, "=").substr(std::string_view(":VolumeTag=").size());
}

// That of the drives passes over blanks before the tag, but leaves one if there is nothing else.
std::string drive_tag_in_listall(const Drive& drive) {
  if (drive.volume_tag.empty()) return {};
  const auto text = tags_text(drive, " = ").substr(std::string_view(":VolumeTag = ").size());
  return text.substr(std::min(text.find_first_not_of(' '), text.size() - 1));
}

}  // namespace

std::string mtx_status_text(const Library& library, const std::string& device) {
  auto text = fmt::format("  Storage Changer {}:{} Drives, {} Slots ( {} Import/Export )\n", device,
                          library.drives.size(), library.slots.size(), library.import_export_slots());
  for (size_t i = 0; i < library.drives.size(); ++i) text += drive_line(library.drives[i], i);
  for (size_t i = 0; i < library.slots.size(); ++i) text += slot_line(library.slots[i], i + 1);
  return text;
}

std::string list_text(const Library& library) {
  std::string text;
  for (size_t i = 0; i < library.slots.size(); ++i) {
    const auto& slot = library.slots[i];
    if (slot.full && !slot.import_export) text += fmt::format("{}:{}\n", i + 1, barcode(slot));
  }
  for (const auto& drive : library.drives) {
    if (drive.full && drive.home) text += fmt::format("{}:{}\n", *drive.home, first_word(drive.volume_tag));
  }
  return text;
}

std::string listall_text(const Library& library) {
  std::string text;
  for (size_t i = 0; i < library.drives.size(); ++i) {
    const auto& drive = library.drives[i];
    if (!drive.full)
      text += fmt::format("D:{}:E\n", i);
    else if (drive.home)
      text += fmt::format("D:{}:F:{}:{}\n", i, *drive.home, drive_tag_in_listall(drive));
  }
  for (size_t i = 0; i < library.slots.size(); ++i) {
    const auto& slot = library.slots[i];
    const char kind = slot.import_export ? 'I' : 'S';
    text += slot.full ? fmt::format("{}:{}:F:{}\n", kind, i + 1, slot_tag_in_listall(slot))
                      : fmt::format("{}:{}:E\n", kind, i + 1);
  }
  return text;
}

std::string slots_text(const Library& library) { return fmt::format("{}\n", library.slots.size()); }

Outcome<std::string> loaded_text(const Library& library, uint32_t index) {
  const auto* drive = library.drive(index);
  if (drive == nullptr) {
    return fail(ExitStatus::library, fmt::format("there is no drive {}: the library has drives 0 to {}", index,
                                                 static_cast<int64_t>(library.drives.size()) - 1));
  }
  if (!drive->full) return "0\n";
  if (drive->home) return fmt::format("{}\n", *drive->home);
  return fail(ExitStatus::library,
              fmt::format("drive {} holds a tape ({}) that came from no slot that is free now, and no other slot is "
                          "free: take a tape out of the library",
                          index, drive->volume_tag.empty() ? "no barcode" : barcode(*drive)));
}

std::string loading_text(uint32_t slot, uint32_t drive) {
  return fmt::format("Loading media from Storage Element {} into drive {}...", slot, drive);
}

std::string unloading_text(uint32_t slot, uint32_t drive) {
  return fmt::format("Unloading drive {} into Storage Element {}...", drive, slot);
}

}  // namespace shstore::changer
