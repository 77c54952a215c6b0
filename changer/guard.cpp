#include "changer/guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "scsi/medium_changer.h"

namespace shstore::changer {
namespace {

enum class Same { yes, no, unknown };

Same compare(const Drive& drive, const DriveIdentity& own) {
  if (!drive.device) return Same::unknown;
  const auto& listed = *drive.device;
  const auto is_listed = [&](const scsi::Designator& d) {
    return d.type == listed.type && d.identifier == listed.identifier;
  };
  if (std::any_of(own.designators.begin(), own.designators.end(), is_listed)) return Same::yes;
  const auto serial = scsi::device_serial(listed);
  if (!serial.empty() && !own.serial.empty()) return scsi::names_serial(listed, own.serial) ? Same::yes : Same::no;
  // A binary designator can be one of another kind than those that the drive shows of itself.
  const bool comparable = std::any_of(own.designators.begin(), own.designators.end(),
                                      [&](const auto& d) { return d.association == 0 && d.type == listed.type; });
  return comparable ? Same::no : Same::unknown;
}

std::string name_of(const Drive& drive) {
  const auto serial = scsi::device_serial(*drive.device);
  return serial.empty() ? drive.device->text() : "serial number " + serial;
}

}  // namespace

Outcome<Hold> judge_lock(const config::SharedDevice& device, const Request& request, const scsi::LockState& state,
                         const KeyText& key_text) {
  if (!state.reservation) return Hold::free;
  if (state.held_by(device.key)) return Hold::ours;
  std::string holders;
  for (const auto key : state.holders()) holders += (holders.empty() ? "" : ", ") + key_text(key);
  const bool load = request.operation == "load";
  return fail(
      ExitStatus::locked,
      fmt::format("{} of slot {} {} drive {} is refused: {} is reserved by: {}{}. Wait until the job of that host has "
                  "ended; if the host is dead, \"storage-ctl {} explain\" says what to do",
                  request.operation, request.slot, load ? "into" : "from", request.drive, device.display(),
                  holders.empty() ? "all registered keys" : holders, load ? "" : ", which may be using " + request.tape,
                  device.control_device));
}

std::string why_nameless(const Drive& drive) {
  if (drive.device) return {};
  return drive.device_cut ? "the library sends the beginning of its drives' names only"
                          : "the library does not tell which drive is which";
}

Outcome<std::string> check_identity(const config::SharedDevice& device, const Library& library, uint32_t drive_index,
                                    const DriveIdentity& own) {
  const auto* drive = library.drive(drive_index);
  if (drive == nullptr) return std::string("the library's drives are not known");
  const auto same = compare(*drive, own);
  if (same == Same::yes) return std::string{};
  const auto found = std::find_if(library.drives.begin(), library.drives.end(),
                                  [&](const Drive& d) { return compare(d, own) == Same::yes; });
  const auto correct = [&] {
    return fmt::format(
        "set \"Drive Index = {}\" in the Device resource of bacula-sd.conf, or correct its Archive Device and Control "
        "Device",
        found - library.drives.begin());
  };
  if (same == Same::unknown && found != library.drives.end()) {
    return fail(ExitStatus::refused,
                fmt::format("nothing is moved: {} of {} leads to drive {} of the library, {}, and not to drive {}: {}",
                            device.control_device, device.display(), found - library.drives.begin(), name_of(*found),
                            drive_index, correct()));
  }
  if (same == Same::unknown) {
    if (const auto why = why_nameless(*drive); !why.empty()) return why;
    return own.serial.empty() && own.designators.empty()
               ? std::string("the drive does not tell who it is")
               : fmt::format("the library names it in another way ({}) than it does itself", name_of(*drive));
  }
  // Half a serial number may be another drive's as well.
  const auto serial = scsi::device_serial(*drive->device);
  if (found == library.drives.end() && serial.size() < own.serial.size() && own.serial.starts_with(serial) &&
      !serial.empty()) {
    return fmt::format("the library sends the beginning of its drives' names only ({} of serial number {})", serial,
                       own.serial);
  }
  // A library may know its drives by a name that they do not show, a node's for a port's: only another drive makes it certain.
  if (found == library.drives.end() && serial.empty()) {
    return fmt::format("the library names its drives in another way ({}) than they do themselves", name_of(*drive));
  }
  const auto advice = found == library.drives.end()
                          ? fmt::format("no drive of this library is the one that {} leads to", device.control_device)
                          : correct();
  return fail(
      ExitStatus::refused,
      fmt::format("nothing is moved: drive {} of the library is the one with {}, but {} of {} leads to the drive with "
                  "serial number {}: {}",
                  drive_index, name_of(*drive), device.control_device, device.display(), own.serial, advice));
}

}  // namespace shstore::changer
