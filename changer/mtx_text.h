// What mtx and Bacula's mtx-changer print, to the byte. No I/O.
//
// Sources: mtx 1.3.12 (mtx.c, Status) and scripts/mtx-changer.in of bacula 9.6.7. Lines end in '\n'.
#pragma once

#include <string>

#include "changer/library.h"
#include "changer/outcome.h"

namespace shstore::changer {

/// `mtx -f DEVICE status`
std::string mtx_status_text(const Library& library, const std::string& device);

/// `mtx-changer DEVICE list`: "1:LAB001L5", the full slots first and then the tapes in drives, under the slots they came
/// from. Import/export slots are left out.
std::string list_text(const Library& library);

/// `mtx-changer DEVICE listall`: "D:0:F:1:LAB001L5", "S:2:E", "I:7:F:LAB007L5".
std::string listall_text(const Library& library);

/// `mtx-changer DEVICE slots`: how many, import/export slots included.
std::string slots_text(const Library& library);

/// `mtx-changer DEVICE loaded`: the slot whose tape is in the drive, 0 if it is empty. An error where mtx-changer prints the
/// word "Element": the drive is full and there is no slot that its tape could have come from.
Outcome<std::string> loaded_text(const Library& library, uint32_t drive);

/// What mtx prints while it moves: "Loading media from Storage Element 1 into drive 0..." (then "done\n").
std::string loading_text(uint32_t slot, uint32_t drive);
std::string unloading_text(uint32_t slot, uint32_t drive);

}  // namespace shstore::changer
