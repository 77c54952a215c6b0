#include "plugin/drive_identity.h"

#include <fmt/format.h>

#include "plugin/device_open.h"
#include "scsi/logical_unit.h"
#include "scsi/transport.h"

namespace shstore::plugin {
namespace {

using scsi::DeviceNode;
using scsi::SameDrive;

std::optional<std::string> ask_serial(const std::string& path) {
  const auto transport = scsi::open_transport(path);
  if (!transport) return std::nullopt;
  scsi::LogicalUnit unit(**transport);
  const auto serial = unit.unit_serial_number();
  return serial ? std::optional(*serial) : std::nullopt;
}

}  // namespace

DeviceWorld::DeviceWorld() : tape_is_open(tape_is_open_in_this_process), serial(ask_serial) {}

SameDrive DriveIdentity::look(bool ask) {
  auto control = world_.node(control_);
  SameDrive seen{SameDrive::Kind::unproven, {}, control_, control.device};
  std::optional<DeviceNode> first;
  for (const auto& path : archives_) {
    auto archive = world_.node(path);
    const auto told = control.socket ? scsi::simulated_serial(path) : std::string{};
    if (!told.empty() && ask) simulated_ = world_.serial(control_).value_or(simulated_);
    const bool both_known = !told.empty() && !simulated_.empty();
    if (both_known) archive.serial = told;
    if (both_known) control.serial = simulated_;
    auto one = scsi::same_drive(archive, control);
    if (!told.empty() && !both_known) one.text.clear();  // nobody has asked yet
    const bool apart = first && first->kind == DeviceNode::Kind::scsi && archive.kind == DeviceNode::Kind::scsi && first->device != archive.device;
    if (apart && one.usable()) {
      one.kind = SameDrive::Kind::two_drives;
      one.text = fmt::format("its Control Device {} is also that of another Device, and their Archive Devices {} and {} are not one drive by "
                             "one path", control_, first->text(), archive.text());
    }
    if (!first) {
      seen = one;
      first = archive;
    } else if (!one.usable() && seen.usable()) {
      seen.kind = one.kind;
      seen.text = one.text;
    }
  }
  const std::lock_guard lock(mutex_);
  last_ = seen;
  return seen;
}

std::string DriveIdentity::note() const {
  const std::lock_guard lock(mutex_);
  return last_.usable() ? last_.text : std::string{};
}

std::string DriveIdentity::refusal() const {
  const std::lock_guard lock(mutex_);
  return last_.usable() ? std::string{} : last_.text;
}

std::string DriveIdentity::device() const {
  const std::lock_guard lock(mutex_);
  return last_.device;
}

}  // namespace shstore::plugin
