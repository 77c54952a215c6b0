#include "scsi/ctl/drive_card.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "scsi/diagnosis.h"
#include "scsi/drive_health.h"
#include "scsi/drive_lock.h"

namespace shstore::scsi::ctl {
namespace {

using Json = nlohmann::ordered_json;

Json hex(uint8_t byte) { return fmt::format("{:02x}h", byte); }

Json sense_json(const Sense& s) {
  return {{"key", hex(static_cast<uint8_t>(s.key))}, {"asc", hex(s.asc)}, {"ascq", hex(s.ascq)}, {"text", describe(s)}};
}

Json designators_json(LogicalUnit& drive, const base::Anonymizer& hidden) {
  const auto all = drive.device_identification();
  if (!all) return nullptr;
  Json list = Json::array();
  for (const auto& d : *all) {
    list.push_back({{"code_set", d.code_set},
                    {"association", d.association},
                    {"type", d.type},
                    {"bytes", d.identifier.size()},
                    {"name", hidden.hide(d.text())}});
  }
  return list;
}

Json registrants_json(const FullStatus& status, const base::Anonymizer& hidden) {
  Json list = Json::array();
  for (const auto& r : status.registrants) {
    list.push_back({{"key", hidden.hide(to_text(r.key))},
                    {"holder", r.reservation_holder},
                    {"all_target_ports", r.all_target_ports},
                    {"protocol", r.initiator.protocol},
                    {"unreadable", r.initiator.unreadable.empty() ? Json() : Json(r.initiator.unreadable)},
                    {"initiator", hidden.hide(r.initiator.text())}});
  }
  return list;
}

Json capabilities_json(const Capabilities& c) {
  Json types = Json::array();
  for (const auto type : {PrType::write_exclusive, PrType::exclusive_access, PrType::write_exclusive_registrants_only,
                          PrType::exclusive_access_registrants_only, PrType::write_exclusive_all_registrants,
                          PrType::exclusive_access_all_registrants}) {
    if (c.supports(type)) types.push_back(describe(type));
  }
  return {{"compatible_reservation_handling", c.compatible_reservation_handling},
          {"specify_initiator_ports", c.specify_initiator_ports_capable},
          {"all_target_ports", c.all_target_ports_capable},
          {"persist_through_power_loss_capable", c.persist_through_power_loss_capable},
          {"persist_through_power_loss_active", c.persist_through_power_loss_active},
          {"types", c.types ? types : Json()}};
}

Json reservations_json(LogicalUnit& drive, const base::Anonymizer& hidden) {
  const auto state = DriveLock(drive, ReservationKey{}).read();
  if (!state) return {{"known", false}, {"why", word(diagnose("", state.error()).kind)}};
  Json keys = Json::array();
  for (const auto key : state->keys) keys.push_back(hidden.hide(to_text(key)));
  const auto status = drive.read_full_status();
  const auto caps = drive.report_capabilities();
  return {{"known", true},
          {"generation", state->generation},
          {"keys", keys},
          {"type", state->reservation ? Json(describe(state->reservation->type)) : Json()},
          {"full_status", status ? registrants_json(*status, hidden) : Json()},
          {"lists_differ", status ? Json(!compare_lists(*state, *status).empty()) : Json()},
          {"capabilities", caps ? capabilities_json(*caps) : Json()}};
}

Json readiness_json(LogicalUnit& drive) {
  const auto state = drive.test_unit_ready();
  if (!state) return nullptr;
  return {{"ready", state->ready},
          {"conflict", state->conflict},
          {"sense", state->ready || state->conflict ? Json() : sense_json(state->sense)}};
}

Json log_pages_json(LogicalUnit& drive) {
  constexpr uint16_t kRoom = 256;
  const auto data = drive.data_in(cdb_log_sense(log_page::supported, kRoom), kRoom, "LOG SENSE (supported pages)");
  const auto pages =
      data ? decode_supported_log_pages(*data) : Result<std::vector<uint8_t>>(tl::make_unexpected(data.error()));
  if (!pages) return nullptr;
  Json list = Json::array();
  for (const auto page : *pages) list.push_back(hex(page));
  return list;
}

Json status_json(LogicalUnit& drive) {
  const auto s = read_dt_device_status(drive);
  if (!s) return nullptr;
  return {{"initialized", s->initialized},
          {"in_transition", s->in_transition},
          {"medium_present", s->medium_present},
          {"mounted", s->mounted},
          {"robot_may_access", s->robot_may_access},
          {"activity", hex(s->activity)},
          {"cleaning_requested", s->cleaning_requested},
          {"cleaning_required", s->cleaning_required},
          {"recovery_requested", s->recovery_requested},
          {"tape_alert", s->tape_alert}};
}

}  // namespace

Result<std::string> drive_card(LogicalUnit& drive, const base::Anonymizer& hidden) {
  const auto inquiry = drive.inquiry();
  if (!inquiry) return tl::make_unexpected(inquiry.error());
  const auto serial = drive.unit_serial_number();
  const Json card{{"schema", kDriveCardSchema},
                  {"shstore", SHSTORE_VERSION},
                  {"device_type", device_type_text(inquiry->device_type)},
                  {"vendor", inquiry->vendor},
                  {"product", inquiry->product},
                  {"revision", inquiry->revision},
                  {"serial", serial ? Json(hidden.hide(*serial)) : Json()},
                  {"serial_characters", serial ? Json(serial->size()) : Json()},
                  {"designators", designators_json(drive, hidden)},
                  {"test_unit_ready", readiness_json(drive)},
                  {"reservations", reservations_json(drive, hidden)},
                  {"log_pages", log_pages_json(drive)},
                  {"dt_device_status", status_json(drive)}};
  return card.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace shstore::scsi::ctl
