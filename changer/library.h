// A tape library as administrators and Bacula number it: drives from 0, slots from 1, import/export slots last. The
// numbers are those of the program mtx, on which Bacula's catalog relies. Plain data, no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scsi/changer_unit.h"
#include "scsi/inquiry.h"

namespace shstore::changer {

/// A place where a tape can be.
struct Place {
  uint16_t address = 0;  ///< ELEMENT ADDRESS
  bool full = false;
  bool reachable = true;      ///< ACCESS. Of a drive often false until its tape is unloaded; mtx does not look at it
  std::string volume_tag;     ///< as the library shows it, trailing blanks included; empty: none
  std::string alternate_tag;  ///< of the medium's other side
  bool unknown = false;   ///< the library does not know whether there is a tape: not scanned yet. Then `full` is false
  bool disabled = false;  ///< ED: the library does not use this place
  uint8_t medium_type = 0;    ///< scsi::describe_medium()
  std::string exception{};    ///< EXCEPT in words; empty: nothing is wrong
  uint8_t asc = 0, ascq = 0;  ///< of `exception`
};

/// A robot's hand. A tape stays there only if a move went wrong.
using Arm = Place;

struct Slot : Place {
  bool import_export = false;
};

struct Drive : Place {
  /// The number of the slot that the tape came from or, where the library does not tell or somebody else's tape lies
  /// there now, a free one; nothing: no slot is free.
  std::optional<uint32_t> home;
  std::optional<scsi::Designator> device;  ///< which drive it is (DVCID); nothing: the library does not tell
  bool device_cut = false;                 ///< it tells, but sends the beginning of the name only
};

struct Library {
  uint16_t arm = 0;           ///< MEDIUM TRANSPORT ELEMENT ADDRESS of the first one
  std::vector<Drive> drives;  ///< Drive Index = place in this list
  std::vector<Slot> slots;    ///< slot number - 1 = place in this list; import/export slots come last
  std::vector<Arm> arms{};    ///< all of them
  /// What the library told wrongly or not at all, a sentence each; the kinds of places that are missing for it are in `unread`.
  std::vector<std::string> flaws{};
  std::vector<scsi::ElementType> unread{};

  const Slot* slot(uint32_t number) const;   ///< nullptr: there is no such slot
  const Drive* drive(uint32_t index) const;  ///< nullptr: there is no such drive
  size_t import_export_slots() const;
  const Arm* full_arm() const;  ///< nullptr: the robot's hand is empty
  /// Why places of that kind are not known; empty: they are.
  std::string why_unread(scsi::ElementType type) const;
};

/// The barcode: the volume tag up to its first blank, as mtx-changer's list shows it.
std::string barcode(const Place& place);

/// From what READ ELEMENT STATUS said. Elements that mtx passes over, because a library reports them without having them
/// (slots with ASC/ASCQ 83/02, drives with 83/04), are left out here too, so that the numbers agree. Volume tags get the
/// blanks back that SMC-3 fills them up with to 32 characters, and the decoder took away.
Library to_library(const scsi::LibraryStatus& status);

/// Gives each full drive its Drive::home. `sources[i]`: the slot that drive i's tape came from, by its ELEMENT ADDRESS;
/// nothing: unknown. As mtx does it, but no two drives get one home.
void assign_homes(Library& library, const std::vector<std::optional<uint16_t>>& sources);

}  // namespace shstore::changer
