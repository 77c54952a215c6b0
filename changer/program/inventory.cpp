#include "changer/program/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "changer/guard.h"
#include "changer/move.h"
#include "scsi/base/printable.h"
#include "scsi/element_words.h"

namespace shstore::changer::program {
namespace {

using Json = nlohmann::ordered_json;

bool is_of(const config::SdConfig& sd, const config::SdDevice& device, const std::string& changer_device) {
  const auto* changer = sd.changer_of(device);
  return changer != nullptr && *changer->changer_device == changer_device;
}

const config::SdDevice* device_of(const config::SdConfig& sd, const std::string& changer_device, size_t drive_index) {
  const bool known =
      std::any_of(sd.devices.begin(), sd.devices.end(), [&](const auto& d) { return is_of(sd, d, changer_device); });
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

// What is in it, and what is not as it should be.
std::string contents(const Place& place) {
  if (!place.full) return place.unknown ? place.exception : "empty";
  const auto code = barcode(place);
  const auto kind = scsi::describe_medium(place.medium_type);
  if (code.empty()) return kind.empty() ? "a tape without barcode" : "a " + kind + " without barcode";
  return kind.empty() ? code : fmt::format("{} ({})", code, kind);
}

std::string troubles(const Place& place) {
  std::string text;
  if (!place.exception.empty() && (place.full || !place.unknown)) text += ", " + place.exception;
  if (place.disabled) text += ", disabled in the library";
  if (!place.reachable) text += ", not accessible to the robot now";
  return text;
}

Json exception_json(const Place& place) {
  if (place.exception.empty()) return nullptr;
  return {{"asc", place.asc}, {"ascq", place.ascq}, {"text", place.exception}};
}

Json medium_type_json(const Place& place) {
  static constexpr std::array kTypes = {"", "data", "cleaning", "diagnostic", "worm", "microcode"};
  if (place.medium_type == 0 || place.medium_type >= kTypes.size()) return nullptr;
  return kTypes[place.medium_type];
}

// What every place has; a place that the library has not looked into is neither full nor empty.
void add_state(Json& json, const Place& place) {
  json["exception"] = exception_json(place);
  json["disabled"] = place.disabled;
  json["medium_type"] = medium_type_json(place);
}

Json fullness(const Place& place) { return place.unknown ? Json(nullptr) : Json(place.full); }

// ACCESS is not told of a robot.
std::string arm_troubles(Place arm) {
  arm.reachable = true;
  return troubles(arm);
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

std::string inventory_text(const std::string& device, const RobotIdentity& robot, const Library& library,
                           const config::SdConfig& sd) {
  auto text =
      fmt::format("{}: {} {} {}{}, {} drives, {} slots, {} of them for import and export\n", device, robot.vendor,
                  robot.product, robot.revision, robot.serial.empty() ? "" : ", serial number " + robot.serial,
                  library.drives.size(), library.slots.size(), library.import_export_slots());
  for (size_t i = 0; i < library.drives.size(); ++i) {
    const auto& drive = library.drives[i];
    const auto serial = serial_of(drive);
    const auto* configured = device_of(sd, device, i);
    text += fmt::format("drive {:<4} element {:<6}{}{}: {}{}{}\n", i, drive.address,
                        serial.empty() ? "serial number unknown" : "serial number " + serial,
                        configured == nullptr ? ", in no Device resource"
                                              : fmt::format(", \"{}\" ({})", base::printable(*configured->name),
                                                            base::printable(*configured->archive_device)),
                        contents(drive), drive.full && drive.home ? fmt::format(" of slot {}", *drive.home) : "",
                        troubles(drive));
  }
  for (size_t i = 0; i < library.slots.size(); ++i) {
    const auto& slot = library.slots[i];
    text += fmt::format("slot {:<5} element {:<6}{}{}{}\n", i + 1, slot.address,
                        slot.import_export ? "import/export: " : "", contents(slot), troubles(slot));
  }
  for (const auto& arm : library.arms) {
    const bool worth_a_line = arm.full || arm.disabled || !arm.exception.empty();
    if (worth_a_line)
      text += fmt::format("robot      element {:<6}{}{}\n", arm.address, arm.full ? contents(arm) : "empty hand",
                          arm_troubles(arm));
  }
  for (const auto& note : notes(library)) text += "note: " + note + '\n';
  return text;
}

std::vector<std::string> notes(const Library& library) {
  auto notes = library.flaws;
  if (const auto in_hand = arm_text(library); !in_hand.empty()) notes.push_back(in_hand);
  std::string nameless, why;
  for (size_t i = 0; i < library.drives.size(); ++i) {
    if (why_nameless(library.drives[i]).empty()) continue;
    why = why_nameless(library.drives[i]);
    nameless += fmt::format("{}{}", nameless.empty() ? "" : ", ", i);
  }
  if (!nameless.empty()) {
    notes.push_back(
        fmt::format("whether a Device's drive is the library's drive of its Drive Index is not checked (drive {}): {}. "
                    "\"identity=required\" in shstore-changer.conf lets nothing be moved then",
                    nameless, why));
  }
  return notes;
}

std::vector<std::string> element_notes(const Library& library) {
  std::vector<std::string> all;
  const auto add = [&](const std::string& which, const Place& place) {
    auto text = troubles(place);
    if (place.unknown) text = ", " + place.exception + text;
    const auto kind = place.full ? scsi::describe_medium(place.medium_type) : std::string{};
    if (!kind.empty()) text = ", " + kind + text;
    const bool only_unreachable = place.exception.empty() && !place.disabled && kind.empty();
    if (!only_unreachable) all.push_back(fmt::format("{} (element {}): {}", which, place.address, text.substr(2)));
  };
  for (size_t i = 0; i < library.drives.size(); ++i) add(fmt::format("drive {}", i), library.drives[i]);
  for (size_t i = 0; i < library.slots.size(); ++i) add(fmt::format("slot {}", i + 1), library.slots[i]);
  return all;
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
                      {"full", fullness(drive)},
                      {"barcode", or_null(barcode(drive))},
                      {"slot", drive.full && drive.home ? Json(*drive.home) : Json(nullptr)},
                      {"reachable", drive.reachable}});
    add_state(drives.back(), drive);
  }
  for (size_t i = 0; i < library.slots.size(); ++i) {
    const auto& slot = library.slots[i];
    slots.push_back({{"slot", i + 1},
                     {"element_address", slot.address},
                     {"import_export", slot.import_export},
                     {"full", fullness(slot)},
                     {"barcode", or_null(barcode(slot))},
                     {"reachable", slot.reachable}});
    add_state(slots.back(), slot);
  }
  Json arms = Json::array();
  for (const auto& arm : library.arms) {
    arms.push_back({{"element_address", arm.address}, {"full", fullness(arm)}, {"barcode", or_null(barcode(arm))}});
    add_state(arms.back(), arm);
  }
  const Json all{{"schema", kJsonSchema},
                 {"changer",
                  {{"device", device},
                   {"vendor", robot.vendor},
                   {"product", robot.product},
                   {"revision", robot.revision},
                   {"serial", or_null(robot.serial)}}},
                 {"drives", drives},
                 {"slots", slots},
                 {"robots", arms},
                 {"notes", notes(library)}};
  return base::printable_json(all.dump(2, ' ', false, Json::error_handler_t::replace)) + '\n';
}

}  // namespace shstore::changer::program
