#include "changer/program/drive.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "changer/program/commands.h"
#include "scsi/base/output_file.h"
#include "scsi/same_drive.h"

namespace shstore::changer::program {
namespace {

// A drive may be in several Device resources (for different Media Types), all with the same Drive Index.
Outcome<const config::SdDevice*> find_device(const Context& c, uint32_t index) {
  const auto& archive = c.arguments.archive_device;
  const config::SdDevice* other = nullptr;
  for (const auto& device : c.sd.devices) {
    if (*device.archive_device != archive) continue;
    if (*device.drive_index == index) return &device;
    other = &device;
  }
  if (other != nullptr) {
    return fail(
        ExitStatus::refused,
        fmt::format(
            "nothing is moved: the Changer Command was given drive {} for {}, but {} says \"Drive Index = {}\" for "
            "it. Restart bacula-sd if the file was changed, or name the right file with --sd",
            index, archive, c.settings.sd, *other->drive_index));
  }
  return fail(
      ExitStatus::config,
      fmt::format(
          "nothing is moved: no Device resource of {} has \"Archive Device = {}\", so nobody can tell who may use "
          "this drive. Name the Storage Daemon's file with --sd in the Changer Command or in shstore-changer.conf{}",
          c.settings.sd, archive, c.shared.unreadable.empty() ? "" : " (" + c.shared.unreadable + ')'));
}

config::SharedDevice unshared(const config::SdDevice& device) {
  config::SharedDevice d;
  d.name = *device.name;
  d.archive_device = *device.archive_device;
  d.control_device = *device.control_device;
  d.drive_index = *device.drive_index;
  return d;
}

}  // namespace

Outcome<ConfiguredDrive> find_drive(Context& c) {
  const auto index = parse_number(c.arguments.drive_index, "drive's number");
  if (!index) return tl::make_unexpected(index.error());
  const auto device = find_device(c, *index);
  if (!device) return tl::make_unexpected(device.error());
  const auto verdict = config::judge(c.shared, *(*device)->archive_device, *(*device)->control_device);
  if (const auto* wrong = std::get_if<config::Misconfigured>(&verdict)) {
    return fail(ExitStatus::config, fmt::format("nothing is moved: \"{}\" ({}) cannot be locked: {}", *(*device)->name,
                                                *(*device)->archive_device, wrong->reason));
  }
  const auto* const* shared = std::get_if<const config::SharedDevice*>(&verdict);
  ConfiguredDrive drive{shared != nullptr ? **shared : unshared(**device), shared != nullptr, *index};
  if (drive.device.control_device.empty()) return drive;
  const auto pair =
      scsi::same_drive(scsi::read_node(drive.device.archive_device), scsi::read_node(drive.device.control_device));
  if (pair.kind == scsi::SameDrive::Kind::two_drives) {
    return fail(ExitStatus::refused, fmt::format("nothing is moved: {}: {}", drive.device.display(), pair.text));
  }
  auto transport = c.open(pair.lock_through);
  if (!transport) return tl::make_unexpected(to_failure(transport.error()));
  drive.transport = std::move(*transport);
  drive.control = std::make_unique<scsi::LogicalUnit>(*drive.transport, c.waiting.pause);
  return drive;
}

namespace {

// Empty: it is the library's drive of that index. Otherwise why nobody can tell.
Outcome<std::string> identify(ConfiguredDrive& drive, const Library& library) {
  if (drive.control == nullptr) return fmt::format("{} has no Control Device", drive.device.display());
  const auto kind = drive.control->inquiry();
  if (kind && kind->device_type != scsi::kTape) {
    return fail(
        ExitStatus::config,
        fmt::format("nothing is moved: the Control Device of {}, {}, is a {}, not a tape drive: correct it in "
                    "bacula-sd.conf",
                    drive.device.display(), drive.device.control_device, scsi::device_type_text(kind->device_type)));
  }
  const auto* listed = library.drive(drive.index);
  const bool any_named =
      std::any_of(library.drives.begin(), library.drives.end(), [](const Drive& d) { return d.device.has_value(); });
  if (listed != nullptr && !any_named) return why_nameless(*listed);
  const auto serial = drive.control->unit_serial_number();
  const auto designators = drive.control->device_identification();
  // A drive that does not answer at all is not moved into; one that lacks a page only says less of itself.
  for (const auto* error : {serial ? nullptr : &serial.error(), designators ? nullptr : &designators.error()}) {
    if (error != nullptr && error->kind != scsi::Error::Kind::unsupported)
      return tl::make_unexpected(to_failure(*error));
  }
  using All = std::vector<scsi::Designator>;
  return changer::check_identity(drive.device, library, drive.index,
                                 {serial.value_or(""), designators ? *designators : All{}});
}

}  // namespace

Outcome<void> check_identity(Context& c, ConfiguredDrive& drive, const Library& library) {
  const auto why = identify(drive, library);
  if (!why) return tl::make_unexpected(why.error());
  const auto remembered = config::drive_file(c.shared, drive.device, "shstore-unchecked");
  if (!remembered.empty()) {  // for shstore-status; nothing depends on it
    std::error_code gone;
    if (why->empty())
      std::filesystem::remove(remembered, gone);
    else
      static_cast<void>(base::replace_file(remembered, *why + '\n', 0644));
  }
  if (why->empty()) return {};
  const auto unchecked = fmt::format("whether drive {} of the library is {} is not checked: {}", drive.index,
                                     drive.device.display(), *why);
  if (c.settings.identity_required) {
    return fail(ExitStatus::refused,
                fmt::format("nothing is moved: {}, and shstore-changer.conf says \"identity=required\"", unchecked));
  }
  c.note(unchecked);
  return {};
}

}  // namespace shstore::changer::program
