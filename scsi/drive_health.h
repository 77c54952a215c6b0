// What a tape drive says of its own state: does it want to be cleaned, has it met an error, what is it doing? By LOG SENSE, which
// another host's lock does not refuse.
#pragma once

#include <string>

#include "scsi/log_sense.h"
#include "scsi/logical_unit.h"

namespace shstore::scsi {

/// Page 11h, which nothing is cleared by. An error of kind unsupported: the drive has none.
Result<DtDeviceStatus> read_dt_device_status(LogicalUnit& drive);

/// Page 2Eh. Its flags are cleared by this for everybody, Bacula's tapealert too: only where nobody else reads them.
Result<TapeAlerts> read_tape_alerts(LogicalUnit& drive);

/// An LTO-9 drive, by its INQUIRY's product: a new cartridge is calibrated ("optimized") at its first load, which takes 20 minutes to
/// two hours. Meanwhile the drive says 02/04/01, ignores an unload, and goes on after a power cycle (IBM, Oracle SL150 and SL4000).
bool calibrates(const std::string& product);

namespace dt_activity {
inline constexpr uint8_t none = 0x00, cleaning = 0x01, loading = 0x02, unloading = 0x03, calibrating = 0x0b;
}  // namespace dt_activity

/// DT DEVICE ACTIVITY in words (ADC-3 table 20): "calibrating"; empty for none.
std::string describe_activity(uint8_t activity);

/// "hard error", "clean now", "cleaning cartridge is used up": SSC-4 annex A. "TapeAlert flag 63" for one without words here.
std::string describe_alert(size_t flag);

}  // namespace shstore::scsi
