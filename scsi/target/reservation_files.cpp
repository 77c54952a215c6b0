#include "scsi/target/reservation_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "scsi/base/foreign_file.h"
#include "scsi/base/output_file.h"
#include "scsi/target/json_field.h"

namespace shstore::scsi::target {
namespace {

constexpr mode_t kReservationsMode = 0644;

std::string wwpn_text(const TransportId& id) { return fmt::format("{:02x}", fmt::join(id.port, "")); }

Registrant read_registrant(const Field& f, const std::vector<Nexus>& nexuses) {
  f.allow_only({"initiator", "relative_target_port", "key", "all_target_ports"});
  Registrant registrant;
  const auto initiator = fc_transport_id(f["initiator"].hex("", 16, 16, "16 hexadecimal digits"));
  const auto port = f["relative_target_port"].whole_number(1, 0xffff);
  const auto found = std::find_if(nexuses.begin(), nexuses.end(), [&](const Nexus& n) {
    return n.initiator == initiator && n.relative_target_port == port;
  });
  if (found == nexuses.end()) f.wrong("no such initiator sees the device");
  registrant.nexus = static_cast<NexusId>(found - nexuses.begin());
  registrant.key = {f["key"].hex("0x", 1, 16, "a hexadecimal number from \"0x1\" on")};
  if (registrant.key.value == 0) f["key"].wrong("must not be 0");
  if (f.has("all_target_ports")) registrant.all_target_ports = f["all_target_ports"].boolean();
  return registrant;
}

HeldReservation read_held(const Field& f, const std::vector<Registrant>& registrants) {
  f.allow_only({"type", "holder"});
  HeldReservation held;
  held.type = static_cast<PrType>(f["type"].whole_number(1, 8));
  if (describe(held.type).starts_with("0x")) f["type"].wrong("SPC-4 has no such type");
  const auto holder = f["holder"].whole_number(0, 0xffff);
  if (holder < registrants.size())
    held.holder = registrants[holder].nexus;
  else
    f["holder"].wrong("there is no such registrant");
  return held;
}

bool changes_file(const ReservationState& written, const ReservationState& now) {
  if (!written.persists && !now.persists) return false;
  auto as_written = now;
  as_written.generation = written.generation;
  return as_written != written;
}

}  // namespace

std::string reservations_text(const ReservationState& state, const std::vector<Nexus>& nexuses) {
  using nlohmann::json;
  json registrants = json::array();
  size_t holder = 0;
  for (const auto& r : state.registrants) {
    const auto& nexus = nexuses[r.nexus];
    if (state.reservation && state.reservation->holder == r.nexus) holder = registrants.size();
    json line = {{"initiator", wwpn_text(nexus.initiator)},
                 {"relative_target_port", nexus.relative_target_port},
                 {"key", fmt::format("0x{:x}", r.key.value)}};
    if (r.all_target_ports) line["all_target_ports"] = true;
    registrants.push_back(std::move(line));
  }
  json text = {{"registrants", std::move(registrants)}};
  if (state.reservation)
    text["reservation"] = {{"type", static_cast<int>(state.reservation->type)}, {"holder", holder}};
  return text.dump(2) + '\n';
}

Result<ReservationState> parse_reservations(std::string_view text, const std::vector<Nexus>& nexuses,
                                            const std::string& file) {
  const auto bad = [&](const std::string& what) {
    return fail(Error::Kind::config,
                fmt::format("{}: {}. Remove the file, and the device starts without reservations", file, what));
  };
  const auto document = parse_json(text, file);
  if (!document) return bad("this is not JSON");
  std::optional<std::string> error;
  const Field root(*document, "", error);
  ReservationState state;
  state.persists = true;
  root.allow_only({"registrants", "reservation"});
  if (error) return bad(*error);
  for (const auto& f : root["registrants"].elements_or_none()) {
    const auto registrant = read_registrant(f, nexuses);
    if (error) return bad(*error);
    if (state.registrant(registrant.nexus) != nullptr) f.wrong("this initiator is there twice");
    state.registrants.push_back(registrant);
  }
  if (root.has("reservation")) state.reservation = read_held(root["reservation"], state.registrants);
  if (error) return bad(*error);
  return state;
}

Result<ReservationFiles> ReservationFiles::open(Target& target, const std::string& folder) {
  ReservationFiles files(target);
  const auto& san = target.san();
  const auto add = [&](size_t unit, const std::string& name, const ReservationOptions& options) -> Result<void> {
    if (!options.persist_through_power_loss) return {};
    Kept kept{unit, (std::filesystem::path(folder) / (name + ".reservations")).string(), {}};
    std::error_code none;
    if (std::filesystem::exists(kept.path, none)) {
      const auto file = base::read_foreign_file(kept.path);
      if (!file) return fail(Error::Kind::device, file.error().message);
      auto state = parse_reservations(file->text, target.unit(unit).nexuses(), kept.path);
      if (!state) return tl::make_unexpected(state.error());
      target.restore_reservations(unit, *state);
      kept.written = std::move(*state);
    }
    files.kept_.push_back(std::move(kept));
    return {};
  };
  for (size_t i = 0; i < san.drives.size(); ++i) {
    if (auto added = add(i, san.drives[i].name, san.drives[i].reservation_options); !added)
      return tl::make_unexpected(added.error());
  }
  for (size_t i = 0; i < san.changers.size(); ++i) {
    const auto& changer = san.changers[i];
    if (auto added = add(san.drives.size() + i, changer.name, changer.reservation_options); !added)
      return tl::make_unexpected(added.error());
  }
  return files;
}

Result<void> ReservationFiles::update() {
  for (auto& kept : kept_) {
    const auto& unit = target_->unit(kept.unit);
    const auto& now = unit.reservations();
    if (!changes_file(kept.written, now)) continue;
    if (now.persists) {
      const auto written = base::replace_file(kept.path, reservations_text(now, unit.nexuses()), kReservationsMode);
      if (!written) return fail(Error::Kind::device, written.error());
    } else if (::unlink(kept.path.c_str()) != 0 && errno != ENOENT) {
      return fail(Error::Kind::device, fmt::format("cannot remove {}: {}", kept.path, errno_text(errno)));
    }
    kept.written = now;
  }
  return {};
}

}  // namespace shstore::scsi::target
