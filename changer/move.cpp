#include "changer/move.h"

#include <fmt/format.h>

#include "changer/mtx_text.h"
#include "scsi/element_words.h"

namespace shstore::changer {
namespace {

template <class... Args>
tl::unexpected<Failure> refused(fmt::format_string<Args...> format, Args&&... args) {
  return fail(ExitStatus::library, fmt::format(format, std::forward<Args>(args)...));
}

Outcome<const Slot*> find_slot(const Library& library, uint32_t number) {
  if (const auto* slot = library.slot(number)) return slot;
  for (const auto type : {scsi::ElementType::storage, scsi::ElementType::import_export}) {
    if (const auto why = library.why_unread(type); !why.empty())
      return fail(ExitStatus::device, "nothing is moved: " + why);
  }
  return refused(
      "there is no slot {}: the library has slots 1 to {}. \"update slots\" in bconsole tells the catalog what is where",
      number, library.slots.size());
}

Outcome<const Drive*> find_drive(const Library& library, uint32_t index) {
  if (const auto* drive = library.drive(index)) return drive;
  const auto why = library.why_unread(scsi::ElementType::data_transfer);
  if (!why.empty()) return fail(ExitStatus::device, "nothing is moved: " + why);
  return refused(
      "there is no drive {}: the library has {} drives, numbered from 0. Correct the Drive Index in bacula-sd.conf",
      index, library.drives.size());
}

// Where the tape that belongs into an empty slot may be.
std::string whereabouts(const Library& library, uint32_t slot) {
  for (size_t i = 0; i < library.drives.size(); ++i) {
    const auto& drive = library.drives[i];
    if (drive.full && drive.home == slot) return fmt::format(": its {} is in drive {}", tape_text(drive), i);
  }
  const auto in_hand = arm_text(library);
  return in_hand.empty() ? ": \"update slots\" in bconsole tells the catalog what is where" : "; " + in_hand;
}

// An empty place that the library has not looked into yet may be full.
std::string emptiness(const Place& place) { return place.unknown ? "is " + place.exception : "is empty"; }

}  // namespace

std::string tape_text(const Place& place) {
  const auto code = barcode(place);
  const auto kind = scsi::describe_medium(place.medium_type);
  if (!kind.empty()) return code.empty() ? "a " + kind : fmt::format("{} \"{}\"", kind, code);
  return code.empty() ? "a tape without barcode" : fmt::format("tape \"{}\"", code);
}

std::string arm_text(const Library& library) {
  const auto* arm = library.full_arm();
  if (arm == nullptr) return {};
  return fmt::format(
      "the robot has {} in its hand (element {}), which an earlier move has left there: \"transfer arm SLOT\" puts "
      "it into a slot, or the library's operator panel",
      tape_text(*arm), arm->address);
}

Outcome<Move> plan_load(const Library& library, uint32_t number, uint32_t index) {
  const auto slot = find_slot(library, number);
  if (!slot) return tl::make_unexpected(slot.error());
  const auto drive = find_drive(library, index);
  if (!drive) return tl::make_unexpected(drive.error());
  if ((*drive)->full) {
    return refused("drive {} is full: it holds {}{}. Unload it first", index, tape_text(**drive),
                   (*drive)->home ? fmt::format(" of slot {}", *(*drive)->home) : "");
  }
  if (!(*slot)->full) return refused("slot {} {}{}", number, emptiness(**slot), whereabouts(library, number));
  return Move{library.arm, (*slot)->address,    (*drive)->address,
              number,      (*slot)->volume_tag, loading_text(number, index)};
}

Outcome<Move> plan_unload(const Library& library, uint32_t number, uint32_t index) {
  const auto drive = find_drive(library, index);
  if (!drive) return tl::make_unexpected(drive.error());
  if (!(*drive)->full) {
    const auto in_hand = arm_text(library);
    return refused("drive {} is empty: there is nothing to unload{}", index, in_hand.empty() ? "" : "; " + in_hand);
  }
  if (number == 0 && !(*drive)->home) {
    return refused("drive {} holds {}, and no slot is free for it: take a tape out of the library", index,
                   tape_text(**drive));
  }
  const auto to = number == 0 ? *(*drive)->home : number;
  const auto slot = find_slot(library, to);
  if (!slot) return tl::make_unexpected(slot.error());
  if ((*slot)->full) {
    return refused("slot {} is full: it holds {}. Drive {}'s {} {}", to, tape_text(**slot), index, tape_text(**drive),
                   (*drive)->home ? fmt::format("belongs to slot {}", *(*drive)->home) : "has no free slot to go to");
  }
  return Move{library.arm, (*drive)->address, (*slot)->address, to, (*drive)->volume_tag, unloading_text(to, index)};
}

Outcome<Move> plan_unload_after_wait(const Library& library, uint32_t number, uint32_t index) {
  const auto* drive = library.drive(index);
  if (number != 0 && drive != nullptr && drive->full && drive->home && *drive->home != number) {
    return refused(
        "drive {} holds {} of slot {} now: while this unload waited, another host has used the drive. Nothing was moved",
        index, tape_text(*drive), *drive->home);
  }
  return plan_unload(library, number, index);
}

bool is_home(const Library& library, uint32_t number, uint32_t index) {
  const auto* slot = library.slot(number);
  const auto* drive = library.drive(index);
  return slot != nullptr && slot->full && drive != nullptr && !(drive->full && drive->home == number);
}

bool was_unloaded(const Library& library, uint32_t number, uint32_t index) {
  return is_home(library, number, index) && !library.drive(index)->full;
}

Outcome<Move> plan_transfer(const Library& library, uint32_t from, uint32_t to) {
  const auto source = find_slot(library, from);
  if (!source) return tl::make_unexpected(source.error());
  const auto destination = find_slot(library, to);
  if (!destination) return tl::make_unexpected(destination.error());
  if (!(*source)->full) return refused("slot {} {}{}", from, emptiness(**source), whereabouts(library, from));
  if ((*destination)->full) return refused("slot {} is full: it holds {}", to, tape_text(**destination));
  return Move{library.arm, (*source)->address, (*destination)->address, to, (*source)->volume_tag, {}};
}

Outcome<Move> plan_transfer_from_arm(const Library& library, uint32_t to) {
  const auto* arm = library.full_arm();
  if (arm == nullptr) {
    const auto why = library.why_unread(scsi::ElementType::medium_transport);
    if (!why.empty()) return fail(ExitStatus::device, "nothing is moved: " + why);
    return refused("the robot's hand is empty: there is nothing to transfer from it");
  }
  const auto destination = find_slot(library, to);
  if (!destination) return tl::make_unexpected(destination.error());
  if ((*destination)->full) return refused("slot {} is full: it holds {}", to, tape_text(**destination));
  return Move{arm->address, arm->address, (*destination)->address, to, arm->volume_tag, {}};
}

}  // namespace shstore::changer
