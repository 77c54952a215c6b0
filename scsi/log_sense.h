// LOG SENSE (SPC-4 6.6, 7.3) and the pages of a tape drive that somebody here reads: 00h supported pages, 11h DT device status
// (ADC-3, SSC-4 8.3.6), 2Eh TapeAlert (SSC-4 8.2.3). No I/O.
#pragma once

#include <bitset>
#include <cstdint>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/error.h"

namespace shstore::scsi {

inline constexpr uint8_t kLogSense = 0x4d;

namespace log_page {
inline constexpr uint8_t supported = 0x00;
inline constexpr uint8_t sequential_access_device = 0x0c;
inline constexpr uint8_t dt_device_status = 0x11;  ///< reading it clears nothing
inline constexpr uint8_t tape_alert = 0x2e;        ///< reading it clears its flags, for everybody
}  // namespace log_page

struct LogParameter {
  uint16_t code = 0;
  Bytes value;              ///< big-endian
  uint64_t number() const;  ///< of its last 8 bytes; 0 if there are none
  friend bool operator==(const LogParameter&, const LogParameter&) = default;
};

struct LogPage {
  uint8_t code = 0;
  std::vector<LogParameter> parameters;                ///< those that came whole
  bool truncated = false;                              ///< the device has more than it sent
  const LogParameter* find(uint16_t parameter) const;  ///< nullptr: it is not there
};

/// Cumulative values, from the first parameter on.
Bytes cdb_log_sense(uint8_t page, uint16_t allocation_length);

/// Not for page 00h. An error of kind protocol: no header, or another page than `page`.
Result<LogPage> decode_log_page(uint8_t page, ByteView data);
Bytes encode_log_page(const LogPage& page);

Result<std::vector<uint8_t>> decode_supported_log_pages(ByteView data);
Bytes encode_supported_log_pages(const std::vector<uint8_t>& pages);

/// The very high frequency data of page 11h, parameter 0000h (ADC-3 6.1.2.2), as far as somebody decides by it.
struct DtDeviceStatus {
  bool cleaning_requested = false;                         ///< CRQST: soon
  bool cleaning_required = false;                          ///< CRQRD: before it does anything else
  bool initialized = false;                                ///< DINIT: the rest is valid
  bool in_transition = false;                              ///< INXTN
  bool robot_may_access = false;                           ///< RAA: the robot can take a medium out or put one in
  bool medium_present = false;                             ///< MPRSNT
  bool staged = false, threaded = false, mounted = false;  ///< MSTD, MTHRD, MOUNTED
  uint8_t activity = 0;             ///< DT DEVICE ACTIVITY: 02h a medium is being loaded, 01h it cleans itself, ...
  bool recovery_requested = false;  ///< RRQST: it has met an error that it does not get over by itself
  bool tape_alert = false;          ///< TAFC: a TapeAlert flag has changed
  friend bool operator==(const DtDeviceStatus&, const DtDeviceStatus&) = default;
};

/// Nothing to decode in fewer than 4 bytes: an error of kind protocol.
Result<DtDeviceStatus> decode_dt_device_status(ByteView value);
Bytes encode_dt_device_status(const DtDeviceStatus& status);

/// TapeAlert flags by their number, 1 to 64 (SSC-4 annex A); 0 is not used.
using TapeAlerts = std::bitset<65>;
namespace alert {
inline constexpr size_t cleaning_required = 20;   ///< "clean now"
inline constexpr size_t cleaning_requested = 21;  ///< "clean periodic"
}  // namespace alert

TapeAlerts tape_alerts(const LogPage& page);
LogPage tape_alert_page(const TapeAlerts& alerts);

}  // namespace shstore::scsi
