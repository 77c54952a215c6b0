#include "changer/program/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scsi/medium_changer.h"

namespace shstore::changer::program {
namespace {

using Json = nlohmann::ordered_json;

bool is_of(const config::SdConfig& sd, const config::SdDevice& device, const std::string& changer_device) {
  const auto* changer = sd.changer_of(device);
  return changer != nullptr && *changer->changer_device == changer_device;
}

const config::SdDevice* device_of(const config::SdConfig& sd, const std::string& changer_device, size_t drive_index) {
  const bool known = std::any_of(sd.devices.begin(), sd.devices.end(),
                                 [&](const auto& d) { return is_of(sd, d, changer_device); });
  for (const auto& device : sd.devices) {
    const bool candidate = known ? is_of(sd, device, changer_device) : sd.changer_of(device) != nullptr;
    if (candidate && *device.drive_index == drive_index) return &device;
  }
  return nullptr;
}

std::string serial_of(const Drive& drive) {
  if (!drive.device) return {};
  const auto serial = scsi::device_serial(*drive.device);
  return serial.empty() ? drive.device->text() : serial;
}

std::string contents(const Place& place) {
  if (!place.full) return "empty";
  const auto code = barcode(place);
  return code.empty() ? "a tape without barcode" : code;
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

std::string inventory_text(const std::string& device, const RobotIdentity& robot, const Library& library,
                           const config::SdConfig& sd) {
  auto text = fmt::format("{}: {} {} {}{}, {} drives, {} slots, {} of them for import and export\n", device, robot.vendor,
                          robot.product, robot.revision, robot.serial.empty() ? "" : ", serial number " + robot.serial,
                          library.drives.size(), library.slots.size(), library.import_export_slots());
  for (size_t i = 0; i < library.drives.size(); ++i) {
    const auto& drive = library.drives[i];
    const auto serial = serial_of(drive);
    const auto* configured = device_of(sd, device, i);
    text += fmt::format(
        "drive {:<4} element {:<6}{}{}: {}{}{}\n", i, drive.address,
        serial.empty() ? "serial number unknown" : "serial number " + serial,
        configured == nullptr ? ", in no Device resource" : fmt::format(", \"{}\" ({})", *configured->name, *configured->archive_device),
        contents(drive), drive.full && drive.home ? fmt::format(" of slot {}", *drive.home) : "",
        drive.reachable ? "" : ", not accessible to the robot now");
  }
  for (size_t i = 0; i < library.slots.size(); ++i) {
    const auto& slot = library.slots[i];
    text += fmt::format("slot {:<5} element {:<6}{}{}{}\n", i + 1, slot.address, slot.import_export ? "import/export: " : "",
                        contents(slot), slot.reachable ? "" : ", not accessible to the robot now");
  }
  return text;
}

std::string inventory_json(const std::string& device, const RobotIdentity& robot, const Library& library,
                           const config::SdConfig& sd) {
  Json drives = Json::array(), slots = Json::array();
  for (size_t i = 0; i < library.drives.size(); ++i) {
    const auto& drive = library.drives[i];
    const auto* configured = device_of(sd, device, i);
    drives.push_back({{"index", i},
                      {"element_address", drive.address},
                      {"serial", or_null(serial_of(drive))},
                      {"device", configured == nullptr ? Json(nullptr) : Json(*configured->name)},
                      {"archive_device", configured == nullptr ? Json(nullptr) : Json(*configured->archive_device)},
                      {"full", drive.full},
                      {"barcode", or_null(barcode(drive))},
                      {"slot", drive.full && drive.home ? Json(*drive.home) : Json(nullptr)},
                      {"reachable", drive.reachable}});
  }
  for (size_t i = 0; i < library.slots.size(); ++i) {
    const auto& slot = library.slots[i];
    slots.push_back({{"slot", i + 1},
                     {"element_address", slot.address},
                     {"import_export", slot.import_export},
                     {"full", slot.full},
                     {"barcode", or_null(barcode(slot))},
                     {"reachable", slot.reachable}});
  }
  const Json all{{"schema", kJsonSchema},
                 {"changer",
                  {{"device", device},
                   {"vendor", robot.vendor},
                   {"product", robot.product},
                   {"revision", robot.revision},
                   {"serial", or_null(robot.serial)}}},
                 {"drives", drives},
                 {"slots", slots}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace shstore::changer::program
