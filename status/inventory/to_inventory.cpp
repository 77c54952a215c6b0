#include "status/inventory/to_inventory.h"

#include <algorithm>
#include <array>

#include "scsi/medium_changer.h"

namespace shstore::status::inventory {
namespace {

constexpr uint8_t kLogicalUnit = 0;  // ASSOCIATION, SPC-4 table 461

std::string word_of(const std::optional<uint8_t>& type) {
  if (!type) return {};
  return *type == scsi::kMediumChanger ? "changer" : scsi::device_type_text(*type);
}

config::InventoryDevice to_device(const ScsiDevice& from) {
  config::InventoryDevice device;
  device.type = word_of(from.identity.type);
  device.vendor = from.identity.vendor;
  device.product = from.identity.product;
  device.revision = from.identity.revision;
  device.hctl = from.hctl;
  device.serial = from.identity.serial;
  device.designator = lasting_designator(from.identity.designators);
  device.nodes = from.nodes;
  return device;
}

// Libraries are not at one with their drives about code set and association.
bool is_of(const scsi::Designator& a, const Identity& identity) {
  return std::any_of(identity.designators.begin(), identity.designators.end(),
                     [&](const auto& b) { return a.type == b.type && a.identifier == b.identifier; });
}

std::string serial_of(const scsi::Designator& wanted, const std::vector<ScsiDevice>& devices) {
  const auto found = std::find_if(devices.begin(), devices.end(), [&](const auto& device) {
    return device.identity.type == scsi::kTape && !device.identity.serial.empty() && is_of(wanted, device.identity);
  });
  return found == devices.end() ? scsi::device_serial(wanted) : found->identity.serial;
}

config::InventoryChanger to_changer(const ScsiDevice& from, const std::vector<ScsiDevice>& devices) {
  config::InventoryChanger changer;
  changer.hctl = from.hctl;
  changer.serial = from.identity.serial;
  changer.nodes = from.nodes;
  if (!from.identity.library) return changer;
  for (const auto& place : from.identity.library->drives) {
    config::InventoryChanger::Drive drive;
    drive.element = place.address;
    drive.index = static_cast<uint32_t>(changer.drives.size());
    if (place.device) drive.serial = serial_of(*place.device, devices);
    changer.drives.push_back(std::move(drive));
  }
  return changer;
}

template <class T>
void fill(T& said, const T& known) {
  if (said == T{}) said = known;
}

}  // namespace

Identity joined(Identity said, const Identity& known) {
  fill(said.type, known.type);
  fill(said.vendor, known.vendor);
  fill(said.product, known.product);
  fill(said.revision, known.revision);
  fill(said.serial, known.serial);
  fill(said.designators, known.designators);
  if (!said.library) said.library = known.library;
  return said;
}

std::string lasting_designator(const std::vector<scsi::Designator>& designators) {
  constexpr std::array<uint8_t, 4> kTypes = {3, 2, 8, 1};  // NAA, EUI-64, SCSI name string, T10 vendor identification
  for (const auto type : kTypes) {
    for (const auto& d : designators) {
      if (d.association == kLogicalUnit && d.type == type) return d.text();
    }
  }
  return {};
}

config::Inventory to_inventory(const std::vector<ScsiDevice>& devices) {
  config::Inventory inventory;
  for (const auto& device : devices) {
    inventory.devices.push_back(to_device(device));
    if (device.identity.type == scsi::kMediumChanger) inventory.changers.push_back(to_changer(device, devices));
  }
  return inventory;
}

}  // namespace shstore::status::inventory
