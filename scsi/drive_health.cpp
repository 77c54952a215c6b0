#include "scsi/drive_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

namespace shstore::scsi {
namespace {

constexpr uint16_t kRoom = 2048;  // 64 parameters of five bytes, and what a vendor adds

constexpr std::array kActivities = {"",
                                    "being cleaned",
                                    "medium is being loaded",
                                    "medium is being unloaded",
                                    "other medium activity",
                                    "reading",
                                    "writing",
                                    "locating",
                                    "rewinding",
                                    "erasing",
                                    "formatting",
                                    "calibrating",
                                    "other activity",
                                    "microcode is being updated",
                                    "reading encrypted",
                                    "writing encrypted"};

struct AlertRow {
  size_t flag;
  const char* text;
};
// Those that an administrator can do something about.
constexpr std::array kAlerts = {
    AlertRow{1, "reads badly"},
    AlertRow{2, "writes badly"},
    AlertRow{3, "hard error: a read or write failed"},
    AlertRow{4, "the medium cannot be read or written without errors"},
    AlertRow{5, "read failure"},
    AlertRow{6, "write failure"},
    AlertRow{7, "the medium is at the end of its life"},
    AlertRow{9, "the medium is write-protected"},
    AlertRow{11, "a cleaning cartridge is in the drive"},
    AlertRow{13, "the tape is broken"},
    AlertRow{20, "clean now"},
    AlertRow{21, "to be cleaned soon"},
    AlertRow{22, "the cleaning cartridge is used up"},
    AlertRow{23, "no valid cleaning cartridge"},
    AlertRow{30, "hardware error: to be reset"},
    AlertRow{31, "hardware error: to be repaired"},
    AlertRow{36, "the drive is too hot"},
};

}  // namespace

Result<DtDeviceStatus> read_dt_device_status(LogicalUnit& drive) {
  return drive.data_in(cdb_log_sense(log_page::dt_device_status, kRoom), kRoom, "LOG SENSE (DT device status)")
      .and_then([](const Bytes& data) { return decode_log_page(log_page::dt_device_status, data); })
      .and_then([&](const LogPage& page) -> Result<DtDeviceStatus> {
        const auto* vhf = page.find(0);
        if (vhf != nullptr) return decode_dt_device_status(vhf->value);
        return fail(Error::Kind::unsupported,
                    fmt::format("{}: LOG SENSE page 11h has no very high frequency data", drive.path()));
      });
}

Result<TapeAlerts> read_tape_alerts(LogicalUnit& drive) {
  return drive.data_in(cdb_log_sense(log_page::tape_alert, kRoom), kRoom, "LOG SENSE (TapeAlert)")
      .and_then([](const Bytes& data) { return decode_log_page(log_page::tape_alert, data); })
      .map([](const LogPage& page) { return tape_alerts(page); });
}

bool calibrates(const std::string& product) {
  // "ULT3580-TD9", "ULTRIUM-HH9", "ULTRIUM-TD9", "Ultrium 9-SCSI", "LTO-9 HH"
  std::string upper;
  std::transform(product.begin(), product.end(), std::back_inserter(upper),
                 [](unsigned char ch) { return std::toupper(ch); });
  constexpr std::array kNames = {"-TD9", "-HH9", "ULTRIUM 9", "ULTRIUM-9", "LTO-9", "LTO 9", "LTO9"};
  return std::any_of(kNames.begin(), kNames.end(), [&](const char* name) {
    const auto at = upper.find(name);
    const auto behind = at == std::string::npos ? 0 : at + std::string_view(name).size();
    return at != std::string::npos &&
           (behind >= upper.size() || !std::isdigit(static_cast<unsigned char>(upper[behind])));
  });
}

std::string describe_activity(uint8_t activity) {
  return activity < kActivities.size() ? kActivities[activity] : fmt::format("activity {:02x}h", activity);
}

std::string describe_alert(size_t flag) {
  const auto* row = std::find_if(kAlerts.begin(), kAlerts.end(), [&](const AlertRow& r) { return r.flag == flag; });
  return row == kAlerts.end() ? fmt::format("TapeAlert flag {}", flag) : row->text;
}

}  // namespace shstore::scsi
