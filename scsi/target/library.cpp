#include "scsi/target/library.h"

#include <algorithm>

#include "scsi/sense.h"

namespace shstore::scsi::target {
namespace {

constexpr ElementType kTypes[] = {ElementType::medium_transport, ElementType::storage, ElementType::import_export,
                                  ElementType::data_transfer};

}  // namespace

std::optional<size_t> Library::drive_at(uint16_t address) const {
  const auto& drives = plan_.addresses.data_transfer;
  if (!drives.contains(address)) return std::nullopt;
  return static_cast<size_t>(address - drives.first);
}

uint16_t Library::element_of(size_t drive) const {
  return static_cast<uint16_t>(plan_.addresses.data_transfer.first + drive);
}

const Cartridge* Library::at(uint16_t address) const {
  const auto found = contents_.find(address);
  return found == contents_.end() ? nullptr : &found->second;
}

Element Library::describe_element(ElementType type, uint16_t address) const {
  Element e;
  e.type = type;
  e.address = address;
  e.accessible = type != ElementType::medium_transport;
  if (type == ElementType::import_export) e.export_enabled = e.import_enabled = true;
  if (const auto drive = drive_at(address)) e.device = plan_.drives[*drive];
  const auto* cartridge = at(address);
  if (cartridge == nullptr) return e;
  e.full = true;
  e.imported = cartridge->imported;
  e.source = cartridge->source;
  e.volume_tag = cartridge->barcode;
  if (plan_.needs_unload && cartridge->loaded) e.accessible = false;
  return e;
}

std::vector<Element> Library::elements(const ElementStatusRequest& request) const {
  std::vector<std::pair<uint16_t, ElementType>> wanted;
  for (const auto type : kTypes) {
    if (request.type != ElementType::all && request.type != type) continue;
    const auto& range = plan_.addresses.of(type);
    for (uint32_t a = std::max(range.first, request.first); a < uint32_t{range.first} + range.count; ++a) {
      wanted.emplace_back(static_cast<uint16_t>(a), type);
    }
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.resize(std::min<size_t>(wanted.size(), request.count));
  std::vector<Element> all;
  for (const auto& [address, type] : wanted) all.push_back(describe_element(type, address));
  return all;
}

std::optional<uint16_t> Library::refusal(const MoveMedium& move) const {
  const auto& a = plan_.addresses;
  const auto keeps_media = [&](uint16_t address) {
    return a.storage.contains(address) || a.import_export.contains(address) || a.data_transfer.contains(address);
  };
  const bool is_arm = move.transport == 0 || a.medium_transport.contains(move.transport);
  if (!is_arm || !keeps_media(move.destination)) return asc::invalid_element_address;
  if (!keeps_media(move.source) && !a.medium_transport.contains(move.source)) return asc::invalid_element_address;
  if (move.invert) return asc::invalid_field_in_cdb;  // tapes have one side
  const auto* cartridge = at(move.source);
  if (cartridge == nullptr) return asc::medium_source_empty;  // the arm is always: it keeps nothing
  if (move.source != move.destination && at(move.destination)) return asc::medium_destination_full;
  const auto from = drive_at(move.source);
  if (from && is_calibrating(*from)) return asc::medium_not_present;  // as libraries say it
  if (plan_.needs_unload && cartridge->loaded) return asc::drive_not_unloaded;
  return std::nullopt;
}

void Library::move(const MoveMedium& move) {
  if (move.source == move.destination) return;
  auto moved = contents_.extract(move.source);
  auto& cartridge = moved.mapped();
  if (!drive_at(move.source)) cartridge.source = move.source;
  cartridge.imported = false;
  const auto drive = drive_at(move.destination);
  cartridge.loaded = drive.has_value();
  moved.key() = move.destination;
  contents_.insert(std::move(moved));
  if (drive) loaded(*drive);
  ++version_;
}

DriveMedium Library::medium(size_t drive) const {
  const auto* cartridge = at(element_of(drive));
  if (cartridge == nullptr) return DriveMedium::none;
  return cartridge->loaded ? DriveMedium::loaded : DriveMedium::waiting;
}

std::string Library::loaded_barcode(size_t drive) const {
  const auto* cartridge = at(element_of(drive));
  return cartridge != nullptr && cartridge->loaded ? cartridge->barcode : std::string();
}

void Library::load(size_t drive) {
  if (medium(drive) != DriveMedium::waiting) return;
  contents_[element_of(drive)].loaded = true;
  loaded(drive);
  ++version_;
}

void Library::loaded(size_t drive) {
  newly_ready_.push_back(drive);
  auto& load = loads_[drive];
  ++load.count;
  if (drive >= plan_.calibration.size() || plan_.calibration[drive].count() == 0) return;
  load.ready = calibrated_.try_emplace(loaded_barcode(drive), plan_.now() + plan_.calibration[drive]).first->second;
}

bool Library::is_calibrating(size_t drive) const {
  const auto load = loads_.find(drive);
  return load != loads_.end() && medium(drive) == DriveMedium::loaded && plan_.now() < load->second.ready;
}

uint64_t Library::loads(size_t drive) const {
  const auto load = loads_.find(drive);
  return load == loads_.end() ? 0 : load->second.count;
}

void Library::unload(size_t drive) {
  if (medium(drive) != DriveMedium::loaded || is_calibrating(drive)) return;
  contents_[element_of(drive)].loaded = false;
  ++version_;
}

}  // namespace shstore::scsi::target
