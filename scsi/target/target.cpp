#include "scsi/target/target.h"

#include <algorithm>

namespace shstore::scsi::target {
namespace {

std::unique_ptr<Library> make_library(const San& san, const Changer& changer, const Target::Clock& now) {
  LibraryPlan plan{changer.addresses, {}, changer.needs_unload, {}, now};
  for (const auto drive : changer.drives) {
    const auto& d = san.drives[drive];
    plan.calibration.push_back(d.calibration);
    plan.drives.push_back(t10_vendor_designator(d.vendor, d.product, d.serial));
  }
  Contents contents;
  for (const auto& medium : changer.media) {
    const bool imported = changer.addresses.import_export.contains(medium.element);
    contents[medium.element] = {.barcode = medium.barcode, .imported = imported};
  }
  return std::make_unique<Library>(std::move(plan), std::move(contents));
}

template <class Unit>
UnitIdentity identity(const Unit& unit) {
  return {unit.vendor, unit.product, unit.revision, unit.serial, unit.pr_generation, unit.reservation_options};
}

}  // namespace

Target::Target(San san, const Clock& now) : san_(std::move(san)) {
  std::vector<std::vector<Nexus>> nexuses(san_.drives.size() + san_.changers.size());
  for (const auto& initiator : san_.initiators) {
    for (const auto& device : initiator.devices) {
      auto& of_unit = nexuses[device.unit];
      endpoints_.push_back({initiator.name, device.name, device.unit, of_unit.size()});
      of_unit.push_back({fc_transport_id(initiator.wwpn), initiator.relative_target_port});
    }
  }
  for (const auto& changer : san_.changers) libraries_.push_back(make_library(san_, changer, now));
  for (size_t unit = 0; unit < nexuses.size(); ++unit) {
    const auto id =
        unit < san_.drives.size() ? identity(san_.drives[unit]) : identity(san_.changers[unit - san_.drives.size()]);
    units_.emplace_back(id, std::move(nexuses[unit]), make_model(unit));
  }
}

std::unique_ptr<DeviceModel> Target::make_model(size_t unit) {
  if (unit >= san_.drives.size()) {
    const size_t changer = unit - san_.drives.size();
    return make_robot(*libraries_[changer], san_.changers[changer].move_time);
  }
  for (size_t i = 0; i < libraries_.size(); ++i) {
    const auto& drives = san_.changers[i].drives;
    const auto found = std::find(drives.begin(), drives.end(), unit);
    if (found == drives.end()) continue;
    return make_tape_drive(libraries_[i].get(), static_cast<size_t>(found - drives.begin()), san_.drives[unit].traits);
  }
  return make_tape_drive(nullptr, 0, san_.drives[unit].traits);
}

Reply Target::execute(const Endpoint& endpoint, const Command& command) {
  auto reply = units_[endpoint.unit].execute(endpoint.nexus, command);
  tell_of_new_media(endpoint);
  return reply;
}

Begun Target::begin(const Endpoint& endpoint, const Command& command) {
  auto begun = units_[endpoint.unit].begin(endpoint.nexus, command);
  tell_of_new_media(endpoint);
  return begun;
}

Reply Target::end(const Endpoint& endpoint, const Command& command) {
  auto reply = units_[endpoint.unit].end(endpoint.nexus, command);
  tell_of_new_media(endpoint);
  return reply;
}

void Target::restore(size_t i, Contents contents) { libraries_[i]->restore(std::move(contents)); }

// A drive that became ready says so to every nexus but the one whose LOAD made it ready (SSC-4, LOAD UNLOAD).
void Target::tell_of_new_media(const Endpoint& from) {
  for (size_t i = 0; i < libraries_.size(); ++i) {
    for (const auto ready : libraries_[i]->take_newly_ready()) {
      const size_t unit = san_.changers[i].drives[ready];
      const bool loaded_it_itself = unit == from.unit;
      units_[unit].establish(asc::medium_may_have_changed, loaded_it_itself ? std::optional(from.nexus) : std::nullopt);
    }
  }
}

}  // namespace shstore::scsi::target
