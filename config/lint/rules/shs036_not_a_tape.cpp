#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/lint/device_path.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

bool has_type(const SdDevice& device, std::string_view type) { return same_name(*device.device_type, type); }

/// Types that write to files or nowhere.
bool is_never_a_drive(const SdDevice& device) {
  constexpr std::array<std::string_view, 5> kTypes{"File", "Fifo", "Aligned", "Null", "Cloud"};
  return std::any_of(kTypes.begin(), kTypes.end(), [&](std::string_view type) { return has_type(device, type); });
}

/// nullptr: it may be one's.
const char* no_tapes_node(NodeKind kind, std::string_view path) {
  if (kind == NodeKind::generic) return "a SCSI generic node";
  return is_robot_node(path) ? "the library's robot" : nullptr;
}

void check(const Site&, const Surroundings&, Reporter& report) {
  for (const Drive& drive : report.drives()) {
    const SdDevice& device = *drive.device;
    const SdConfig& config = drive.config();
    const bool is_file = !drive.is_tape && is_never_a_drive(device);
    if (is_file && (drive.archive == NodeKind::tape || drive.archive == NodeKind::rewinding)) {
      report.add(place(config, device.device_type),
                 fmt::format("Device \"{}\" has Device Type = {}, but {} is a tape", *device.name, *device.device_type,
                             *device.archive_device),
                 "write Device Type = Tape");
    } else if (is_file && drive.lock_command) {
      report.add(place(config, *drive.lock_command),
                 fmt::format("Device \"{}\" has a Lock Command and Device Type = {}: only a tape drive can be locked",
                             *device.name, *device.device_type),
                 "remove the Lock Command, or correct the Device Type");
    } else if (const auto* what = no_tapes_node(drive.archive, *device.archive_device);
               what != nullptr && (drive.is_tape || device.device_type->empty())) {
      report.add(place(config, device.archive_device),
                 fmt::format("Device \"{}\": its Archive Device {} is {}: no tape is written through it", *device.name,
                             *device.archive_device, what),
                 "write the drive's tape node, best by its name in /dev/tape/by-nexus that ends in -nst");
    } else if (is_tape(device) && !*device.removable_media) {
      report.add(place(config, device.removable_media),
                 fmt::format("tape drive \"{}\" has Removable Media = no: jobs fail instead of asking for a tape",
                             *device.name),
                 "remove the directive: yes is the default");
    }
  }
}

}  // namespace

const Rule shs036{
    "SHS036", Level::error, "a tape drive is declared as something else", check,
    R"(What: A Device whose Archive Device is a tape has Device Type = File (or another that is no tape), a
tape drive has Removable Media = no, a Device that writes to files has a Lock Command, or the Archive Device
of a tape is a SCSI generic node (/dev/sg3) or the library's robot (/dev/sch0).

Why: With Device Type = File bacula-sd takes the tape's node for a folder, and every job fails. With
Removable Media = no it does not ask the operator when the tape in the drive is not the one it needs; it
tries again and then gives up. Locks are SCSI reservations: a folder that two hosts share is not protected by
them.

Example:
    Device {
      Name = Drive-0
      Archive Device = /dev/nst0
      Device Type = File
      ...
    }

Fix: Write Device Type = Tape and leave Removable Media at its default, yes. Remove the Lock Command from
what is no drive.)"};

}  // namespace shstore::config::lint
