// Cleaning a drive: which cartridge, and whether it is over. No I/O.
#pragma once

#include <optional>
#include <string>

#include "changer/library.h"
#include "changer/move.h"
#include "changer/outcome.h"
#include "scsi/log_sense.h"
#include "scsi/sense.h"

namespace shstore::changer {

enum class CleaningWish { none, requested, required };

CleaningWish wish_of(const scsi::DtDeviceStatus& status);

/// A cleaning cartridge: by its medium type where the library tells it, else by its barcode's first letters. An empty `prefix`
/// is no barcode's.
bool is_cleaning_cartridge(const Place& place, const std::string& prefix);

/// From its slot into the drive. Failures of status library: there is no cleaning cartridge that can be used, or the drive is
/// full. Cartridges that the library has an exception for (a used up one, say) are left alone, and so are import/export slots.
Outcome<Move> plan_clean(const Library& library, const std::string& prefix, uint32_t drive);

/// Back again, also one that an earlier attempt has left there: into the slot that it came from, else a free one.
Outcome<Move> plan_cleaning_return(const Library& library, const std::string& prefix, uint32_t drive);

enum class Cleaning { going_on, done, failed };

/// How far it is, by TEST UNIT READY's sense and page 11h (nothing: the drive has none). `failed`: the cartridge is used up or no
/// cleaning cartridge at all (30/00, 30/07, and 30/13 of Oracle's).
Cleaning judge_cleaning(const std::optional<scsi::Sense>& sense, const std::optional<scsi::DtDeviceStatus>& status);

}  // namespace shstore::changer
