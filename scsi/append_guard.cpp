#include "scsi/append_guard.h"

#include <utility>

#include "scsi/transport.h"

namespace shstore::scsi {
namespace {

constexpr int kTimes = 4;                   // two unit attentions after power on (29/xx, 28/00), and two to spare
constexpr std::chrono::hours kDeadline{1};  // of winding a whole tape, and not to be aborted

}  // namespace

std::string DeviceState::of(const std::string& sysfs_device) {
  if (sysfs_device.empty()) return {};
  auto path = sysfs_ + sysfs_device + "/state";
  if (file_.path() != path) file_ = AttributeFile(std::move(path));
  return file_.read().value_or("");
}

Result<void> put_end_of_data_first(const std::string& control_device) {
  const Bytes space_to_end_of_data{0x11, 0x03, 0, 0, 0, 0};
  return put_first(control_device, {space_to_end_of_data, {}, 0, kDeadline}, kTimes);
}

}  // namespace shstore::scsi
