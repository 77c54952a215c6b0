#include "scsi/ctl/pair.h"

#include <fmt/format.h>

#include <ostream>

#include "scsi/base/printable.h"
#include "scsi/logical_unit.h"
#include "scsi/same_drive.h"
#include "scsi/transport.h"

namespace shstore::scsi::ctl {
namespace {

std::string serial_behind(const std::string& socket) {
  const auto transport = open_transport(socket);
  if (!transport) return {};
  LogicalUnit unit(**transport);
  return unit.unit_serial_number().value_or("");
}

}  // namespace

Result<std::string> device_to_lock(const std::string& device, const std::string& archive, std::ostream& err) {
  auto tape = read_node(archive), control = read_node(device);
  const auto simulated = control.socket ? simulated_serial(archive) : std::string{};
  if (!simulated.empty()) {
    tape.serial = simulated;
    control.serial = serial_behind(device);
  }
  const auto seen = same_drive(tape, control);
  if (!seen.usable()) return fail(Error::Kind::refused, fmt::format("nothing was done with {}: {}", device, seen.text));
  if (!seen.text.empty()) err << "storage-ctl: " << base::printable(seen.text) << '\n';
  return seen.lock_through;
}

}  // namespace shstore::scsi::ctl
