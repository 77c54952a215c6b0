// What a library says of an element that is not as it should be, in words. No I/O.
#pragma once

#include <cstdint>
#include <string>

#include "scsi/medium_changer.h"

namespace shstore::scsi {

/// What EXCEPT and its sense code mean: "not yet scanned (83/00)". Codes from 80h on are the vendors' own; those that
/// several of them agree on are known here, each with its source. Empty without EXCEPT.
std::string describe_exception(const Element& element);

/// The library does not know yet whether there is a medium: FULL = 0 is then not "empty".
bool contents_unknown(const Element& element);

/// "cleaning cartridge"; empty for data cartridges, and where the library does not tell.
std::string describe_medium(uint8_t medium_type);

inline constexpr uint8_t kCleaningMedium = 2;  ///< MEDIUM TYPE

}  // namespace shstore::scsi
