#include "scsi/target/san.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "scsi/target/json_field.h"

#include "scsi/base/foreign_file.h"

namespace shstore::scsi::target {
namespace {

constexpr size_t kLongestSerial = 32;
constexpr size_t kLongestBarcode = 32;
constexpr size_t kLongestPath = 4095;
constexpr uint64_t kLastElement = 0xffff;
constexpr double kSlowestMove = 600;
constexpr double kLongestCalibration = 3 * 3600;

template <class Items>
bool has_name(const Items& items, const std::string& name) {
  return std::any_of(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
}

template <class Items>
std::optional<size_t> find_name(const Items& items, const std::string& name) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
  if (found == items.end()) return std::nullopt;
  return static_cast<size_t>(found - items.begin());
}

constexpr std::pair<const char*, bool ReservationOptions::*> kReservationOptions[] = {
    {"REGISTER AND MOVE", &ReservationOptions::register_and_move},
    {"ALL_TG_PT", &ReservationOptions::all_target_ports},
    {"SPEC_I_PT", &ReservationOptions::specify_initiator_ports},
    {"APTPL", &ReservationOptions::persist_through_power_loss}};

ReservationOptions read_reservation_options(const Field& f) {
  ReservationOptions options;
  for (const auto& element : f.elements_or_none()) {
    const auto text = element.text(kLongestName);
    const auto known = std::find_if(std::begin(kReservationOptions), std::end(kReservationOptions),
                                    [&](const auto& row) { return row.first == text; });
    if (known == std::end(kReservationOptions))
      element.wrong("must be one of \"REGISTER AND MOVE\", \"ALL_TG_PT\", \"SPEC_I_PT\", \"APTPL\"");
    else
      options.*known->second = true;
  }
  return options;
}

// What a drive and a robot say about themselves alike.
template <class Unit>
void read_identity(const Field& f, Unit& unit) {
  unit.name = f["name"].text(kLongestName);
  unit.vendor = f["vendor"].text(8);
  unit.product = f["product"].text(16);
  unit.revision = f["revision"].text(4);
  unit.serial = f["serial"].text(kLongestSerial);
  if (f.has("pr_generation")) {
    const char* form = "a hexadecimal number from \"0x0\" to \"0xffffffff\"";
    unit.pr_generation = static_cast<uint32_t>(f["pr_generation"].hex("0x", 1, 8, form));
  }
  if (f.has("reservation_options")) unit.reservation_options = read_reservation_options(f["reservation_options"]);
  if (unit.reservation_options.persist_through_power_loss) f["name"].check_file_name(unit.name);  // reservation_files.h
}

std::chrono::milliseconds read_seconds(const Field& f, double most) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(f.number(0, most)));
}

std::vector<uint8_t> read_log_pages(const Field& f) {
  const DriveTraits all;
  std::vector<uint8_t> pages;
  for (const auto& page : f.elements_or_none()) {
    const auto code = page.hex("0x", 1, 2, "one of \"0x0c\", \"0x11\", \"0x2e\"");
    if (std::find(all.log_pages.begin(), all.log_pages.end(), code) == all.log_pages.end())
      page.wrong("must be one of \"0x0c\", \"0x11\", \"0x2e\"");
    pages.push_back(static_cast<uint8_t>(code));
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

Drive read_drive(const Field& f, const San& san) {
  f.allow_only({"name", "vendor", "product", "revision", "serial", "pr_generation", "archive", "calibration_seconds",
                "tape_alerts", "log_pages", "read_position", "reservation_options"});
  Drive drive;
  read_identity(f, drive);
  if (f.has("archive")) drive.archive = f["archive"].text(kLongestPath);
  if (f.has("calibration_seconds")) drive.calibration = read_seconds(f["calibration_seconds"], kLongestCalibration);
  if (f.has("tape_alerts")) {
    for (const auto& flag : f["tape_alerts"].elements_or_none()) drive.traits.alerts.set(flag.whole_number(1, 64));
  }
  if (f.has("log_pages")) drive.traits.log_pages = read_log_pages(f["log_pages"]);
  if (f.has("read_position")) drive.traits.has_read_position = f["read_position"].boolean();
  if (has_name(san.drives, drive.name)) f.wrong(fmt::format("there is another drive named \"{}\"", drive.name));
  return drive;
}

// --- libraries
// -------------------------------------------------------------------------------------------------

std::vector<size_t> read_drives(const Field& f, const San& san) {
  std::vector<size_t> drives;
  for (const auto& element : f.elements()) {
    const auto name = element.text(kLongestName);
    const auto drive = find_name(san.drives, name);
    if (!drive) {
      element.wrong(fmt::format("there is no drive named \"{}\"", name));
      continue;
    }
    const auto has_it = [&](const std::vector<size_t>& all) {
      return std::find(all.begin(), all.end(), *drive) != all.end();
    };
    const bool taken = has_it(drives) ||
                       std::any_of(san.changers.begin(), san.changers.end(), [&](auto& c) { return has_it(c.drives); });
    if (taken) element.wrong(fmt::format("drive \"{}\" is in a library already", name));
    drives.push_back(*drive);
  }
  return drives;
}

// Where the elements of a type begin, unless the description says otherwise.
ElementAddresses read_addresses(const Field& f, size_t drives) {
  ElementAddresses a{{1, 1}, {1024, 0}, {16, 0}, {256, static_cast<uint16_t>(drives)}};
  a.storage.count = static_cast<uint16_t>(f["slots"].whole_number(1, kLastElement));
  if (f.has("import_export"))
    a.import_export.count = static_cast<uint16_t>(f["import_export"].whole_number(0, kLastElement));
  const std::pair<const char*, ElementRange*> ranges[] = {{"medium_transport", &a.medium_transport},
                                                          {"import_export", &a.import_export},
                                                          {"data_transfer", &a.data_transfer},
                                                          {"storage", &a.storage}};
  if (f.has("first_elements")) {
    const auto first = f["first_elements"];
    first.allow_only({"medium_transport", "import_export", "data_transfer", "storage"});
    for (const auto& [name, range] : ranges) {
      if (first.has(name)) range->first = static_cast<uint16_t>(first[name].whole_number(1, kLastElement));
    }
  }
  for (const auto& [name, range] : ranges) {
    if (range->first + range->count > kLastElement + 1) {
      f.wrong(fmt::format("the {} elements from {} on do not fit below 65536", name, range->first));
    }
    for (const auto& [other_name, other] : ranges) {
      const bool overlaps = range->count > 0 && range != other && other->contains(range->first);
      if (overlaps) f.wrong(fmt::format("the {} and the {} elements have addresses in common", other_name, name));
    }
  }
  return a;
}

Medium read_medium(const Field& f, const Changer& changer) {
  f.allow_only({"slot", "barcode"});
  const auto& a = changer.addresses;
  Medium medium;
  medium.barcode = f["barcode"].text(kLongestBarcode);
  f["barcode"].check_file_name(medium.barcode);
  if (medium.barcode.find(' ') != std::string::npos) f["barcode"].wrong("must not have blanks");
  const auto slot = f["slot"].whole_number(1, a.storage.count + a.import_export.count);
  medium.element = static_cast<uint16_t>(slot <= a.storage.count ? a.storage.first + slot - 1
                                                                 : a.import_export.first + slot - a.storage.count - 1);
  for (const auto& other : changer.media) {
    if (other.element == medium.element) f["slot"].wrong(fmt::format("medium \"{}\" is there", other.barcode));
    if (other.barcode == medium.barcode) f["barcode"].wrong("another medium has the same");
  }
  return medium;
}

Changer read_changer(const Field& f, const San& san) {
  f.allow_only({"name", "vendor", "product", "revision", "serial", "pr_generation", "drives", "slots", "import_export",
                "first_elements", "media", "media_folder", "needs_unload", "move_seconds", "reservation_options"});
  Changer changer;
  read_identity(f, changer);
  f["name"].check_file_name(changer.name);
  changer.drives = read_drives(f["drives"], san);
  changer.addresses = read_addresses(f, changer.drives.size());
  if (f.has("media")) {
    for (const auto& medium : f["media"].elements_or_none()) changer.media.push_back(read_medium(medium, changer));
  }
  if (f.has("media_folder")) changer.media_folder = f["media_folder"].text(kLongestPath);
  if (f.has("needs_unload")) changer.needs_unload = f["needs_unload"].boolean();
  if (f.has("move_seconds")) {
    changer.move_time = read_seconds(f["move_seconds"], kSlowestMove);
  }
  const bool named = has_name(san.changers, changer.name) || has_name(san.drives, changer.name);
  if (named) f.wrong(fmt::format("there is another drive or changer named \"{}\"", changer.name));
  return changer;
}

// An archive without media would be a link to nothing for ever.
void check_archives(const Field& drives, const San& san) {
  const auto fields = drives.elements();
  for (size_t i = 0; i < san.drives.size(); ++i) {
    const bool has_media = std::any_of(san.changers.begin(), san.changers.end(), [&](const Changer& c) {
      return !c.media_folder.empty() && std::find(c.drives.begin(), c.drives.end(), i) != c.drives.end();
    });
    if (!san.drives[i].archive.empty() && !has_media)
      fields[i]["archive"].wrong("the drive has no changer with a media_folder");
    for (size_t k = 0; k < i; ++k) {
      const bool same = !san.drives[i].archive.empty() && san.drives[i].archive == san.drives[k].archive;
      if (same) fields[i]["archive"].wrong(fmt::format("drive \"{}\" has the same", san.drives[k].name));
    }
  }
}

// --- initiators
// ------------------------------------------------------------------------------------------------

std::optional<size_t> find_unit(const San& san, const std::string& name) {
  if (const auto drive = find_name(san.drives, name)) return drive;
  if (const auto changer = find_name(san.changers, name)) return san.drives.size() + *changer;
  return std::nullopt;
}

std::vector<Device> read_devices(const Field& f, const San& san) {
  std::vector<Device> devices;
  for (const auto& [name, value] : f.members()) {
    value.check_file_name(name);
    const auto wanted = value.text(kLongestName);
    const auto unit = find_unit(san, wanted);
    if (!unit) {
      value.wrong(fmt::format("there is no drive{} named \"{}\"", san.changers.empty() ? "" : " or changer", wanted));
      continue;
    }
    for (const auto& other : devices) {
      const char* kind = *unit < san.drives.size() ? "drive" : "changer";
      if (other.unit == *unit) value.wrong(fmt::format("{} \"{}\" is already \"{}\"", kind, wanted, other.name));
    }
    devices.push_back({name, *unit});
  }
  return devices;
}

Initiator read_initiator(const Field& f, const San& san) {
  f.allow_only({"name", "wwpn", "relative_target_port", "devices"});
  Initiator initiator;
  initiator.name = f["name"].file_name();
  initiator.wwpn = f["wwpn"].hex("", 16, 16, "16 hexadecimal digits");
  if (f.has("relative_target_port")) {
    initiator.relative_target_port = static_cast<uint16_t>(f["relative_target_port"].whole_number(1, 0xffff));
  }
  initiator.devices = read_devices(f["devices"], san);
  if (has_name(san.initiators, initiator.name)) {
    f.wrong(fmt::format("there is another initiator named \"{}\"", initiator.name));
  }
  for (const auto& other : san.initiators) {
    const bool same = other.wwpn == initiator.wwpn && other.relative_target_port == initiator.relative_target_port;
    if (same) f["wwpn"].wrong(fmt::format("initiator \"{}\" has the same", other.name));
  }
  return initiator;
}

}  // namespace

Result<San> parse_san(std::string_view text, const std::string& file) {
  const auto bad = [&](const std::string& what) {
    return fail(Error::Kind::config, fmt::format("{}: {}", file, what));
  };
  const auto document = parse_json(text, file);
  if (!document) return tl::make_unexpected(document.error());
  San san;
  std::optional<std::string> error;
  const Field root(*document, "", error);
  root.allow_only({"drives", "changers", "initiators"});
  if (error) return bad(*error);
  for (const auto& f : root["drives"].elements()) san.drives.push_back(read_drive(f, san));
  if (root.has("changers")) {
    for (const auto& f : root["changers"].elements_or_none()) san.changers.push_back(read_changer(f, san));
  }
  for (const auto& f : root["initiators"].elements()) san.initiators.push_back(read_initiator(f, san));
  if (!error) check_archives(root["drives"], san);
  if (error) return bad(*error);
  return san;
}

Result<San> load_san(const std::string& path) {
  const auto file = base::read_foreign_file(path);
  if (!file) return fail(Error::Kind::config, file.error().message);
  if (file->text.empty()) return fail(Error::Kind::config, fmt::format("cannot read {}: it is empty", path));
  return parse_san(file->text, path);
}

}  // namespace shstore::scsi::target
