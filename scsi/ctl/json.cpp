#include "scsi/ctl/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "scsi/base/printable.h"

namespace shstore::scsi::ctl {
namespace {

using Json = nlohmann::ordered_json;

Json head(const std::string& device) { return {{"schema", kJsonSchema}, {"device", device}}; }
std::string text(const Json& j) {
  return base::printable_json(j.dump(2, ' ', false, Json::error_handler_t::replace)) + '\n';
}

Json initiator(const TransportId& id) {
  static constexpr const char* kProtocols[] = {"fcp", nullptr, nullptr, nullptr, "srp", "iscsi", "sas"};
  const char* name = id.protocol < std::size(kProtocols) ? kProtocols[id.protocol] : nullptr;
  return {{"protocol", name ? Json(name) : Json(fmt::format("0x{:x}", id.protocol))}, {"port", id.text()}};
}

Json inquiry_fields(const std::string& device, const StandardInquiry& i, uint32_t generation) {
  auto j = head(device);
  j["vendor"] = i.vendor;
  j["product"] = i.product;
  j["revision"] = i.revision;
  j["device_type"] = device_type_text(i.device_type);
  j["generation"] = generation;
  return j;
}

const std::pair<PrType, const char*> kTypes[] = {
    {PrType::write_exclusive, "write_exclusive"},
    {PrType::exclusive_access, "exclusive_access"},
    {PrType::write_exclusive_registrants_only, "write_exclusive_registrants_only"},
    {PrType::exclusive_access_registrants_only, "exclusive_access_registrants_only"},
    {PrType::write_exclusive_all_registrants, "write_exclusive_all_registrants"},
    {PrType::exclusive_access_all_registrants, "exclusive_access_all_registrants"},
};

}  // namespace

std::string query_json(const std::string& device, const StandardInquiry& inquiry, const FullStatus& status) {
  auto j = inquiry_fields(device, inquiry, status.generation);
  j["registrants"] = Json::array();
  for (const auto& r : status.registrants) {
    j["registrants"].push_back({{"key", to_text(r.key)},
                                {"holder", r.reservation_holder},
                                {"type", r.type ? Json(describe(*r.type)) : Json()},
                                {"all_target_ports", r.all_target_ports},
                                {"relative_target_port", r.all_target_ports ? Json() : Json(r.relative_target_port)},
                                {"initiator", initiator(r.initiator)}});
  }
  return text(j);
}

std::string query_json(const std::string& device, const StandardInquiry& inquiry, const LockState& state) {
  auto j = inquiry_fields(device, inquiry, state.generation);
  j["registrants"] = Json::array();
  for (const auto key : state.keys) {
    const bool holder = state.held_by(key);
    j["registrants"].push_back({{"key", to_text(key)},
                                {"holder", state.registrations_of(key) > 1 && holder ? Json() : Json(holder)},
                                {"type", holder ? Json(describe(state.reservation->type)) : Json()},
                                {"all_target_ports", nullptr},
                                {"relative_target_port", nullptr},
                                {"initiator", nullptr}});
  }
  return text(j);
}

std::string regkeys_json(const std::string& device, const RegisteredKeys& keys) {
  auto j = head(device);
  j["generation"] = keys.generation;
  j["keys"] = Json::array();
  for (const auto key : keys.keys) j["keys"].push_back(to_text(key));
  return text(j);
}

std::string wholocked_json(const std::string& device, const ReadReservation& read) {
  auto j = head(device);
  j["generation"] = read.generation;
  j["locked"] = read.reservation.has_value();
  j["key"] = read.reservation ? Json(to_text(read.reservation->key)) : Json();
  j["type"] = read.reservation ? Json(describe(read.reservation->type)) : Json();
  return text(j);
}

std::string capabilities_json(const std::string& device, const std::optional<Capabilities>& c, bool full_status) {
  auto j = head(device);
  const auto field = [&](bool value) { return c ? Json(value) : Json(); };
  j["report_capabilities"] = c.has_value();
  j["read_full_status"] = full_status;
  j["compatible_reservation_handling"] = field(c && c->compatible_reservation_handling);
  j["specify_initiator_ports"] = field(c && c->specify_initiator_ports_capable);
  j["all_target_ports"] = field(c && c->all_target_ports_capable);
  j["persist_through_power_loss_capable"] = field(c && c->persist_through_power_loss_capable);
  j["persist_through_power_loss_active"] = field(c && c->persist_through_power_loss_active);
  j["types"] = Json();
  if (c && c->types) {
    j["types"] = Json::array();
    for (const auto& [type, name] : kTypes) {
      if (c->supports(type)) j["types"].push_back(name);
    }
  }
  return text(j);
}

std::string explain_json(const std::string& device, const Diagnosis& diagnosis) {
  auto j = head(device);
  j["case"] = word(diagnosis.kind);
  j["text"] = diagnosis.text;
  return text(j);
}

std::string word(Check::Verdict verdict) {
  return verdict == Check::Verdict::ok ? "ok" : verdict == Check::Verdict::warning ? "warning" : "FAILED";
}

std::string doctor_json(const std::string& device, const std::vector<Check>& checks) {
  auto j = head(device);
  j["checks"] = Json::array();
  for (const auto& c : checks)
    j["checks"].push_back({{"name", c.name}, {"verdict", word(c.verdict)}, {"text", c.text}});
  return text(j);
}

}  // namespace shstore::scsi::ctl
