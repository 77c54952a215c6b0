// From devices and what they said to an inventory. No I/O.
#pragma once

#include <vector>

#include "config/inventory.h"
#include "status/inventory/scsi_device.h"

namespace shstore::status::inventory {

/// What the device said, and where it said nothing what was known before.
Identity joined(Identity said, const Identity& known);

/// The designator that stays the same whichever path leads to the device: of the logical unit, NAA before EUI-64 before a
/// SCSI name before a vendor's; empty: there is none.
std::string lasting_designator(const std::vector<scsi::Designator>& designators);

/// Devices in the given order. A changer's drives have the indexes that mtx and Bacula give them; their serial numbers are
/// those of the devices here that have the designator that the changer knows, else what the designator itself says.
config::Inventory to_inventory(const std::vector<ScsiDevice>& devices);

}  // namespace shstore::status::inventory
