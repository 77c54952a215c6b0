#include "status/show/json.h"

#include <nlohmann/json.hpp>

#include "reserve/refusal.h"
#include "status/look/drive_use.h"
#include "status/look/mutual_wait_words.h"
#include "status/printable.h"
#include "status/problems.h"

namespace shstore::status {
namespace {

using Json = nlohmann::ordered_json;  // the order of the text is the order of this file

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json time_or_null(const std::optional<record::WallTime>& t) { return t ? Json(record::time_text(*t)) : Json(); }

/// A key with its host's name: {"key": "0xbac999", "host": "dir"}.
Json key_json(const std::string& key, const PeerNames& names) {
  if (key.empty()) return nullptr;
  return {{"key", key}, {"host", text_or_null(name_of(key, names))}};
}

const char* word(reserve::Refusal::Kind kind) {
  switch (kind) {
    case reserve::Refusal::Kind::held_by_other: return "held";
    case reserve::Refusal::Kind::error: return "error";
    case reserve::Refusal::Kind::yielding: return "yielding";
    case reserve::Refusal::Kind::promised: return "promised";
  }
  return "error";
}

Json waiting_json(const std::string& device, const record::JobWaiting& w, const PeerNames& names) {
  return {{"job", w.job},
          {"device", device},
          {"since", record::time_text(w.since)},
          {"refusal", word(w.refusal.kind)},
          {"for", key_json(w.refusal.holder, names)},
          {"line", reserve::refusal_text(w.job, device, w.refusal)}};
}

Json lock_json(const LiveLock& live, const PeerNames& names) {
  if (live.why != LiveLock::Why::known) return nullptr;
  Json registrants = Json::array();
  for (const auto& r : live.registrants) {
    registrants.push_back({{"key", r.key},
                           {"host", text_or_null(name_of(r.key, names))},
                           {"initiator", text_or_null(r.initiator)},
                           {"holder", r.holder}});
  }
  return {{"registered", live.registered},
          {"locked", live.locked},
          {"blocked_by", key_json(live.blocked_by, names)},
          {"type", text_or_null(live.type)},
          {"holding_initiator", text_or_null(live.holding_initiator())},
          {"generation", live.generation},
          {"registrants", registrants}};
}

Json drive_json(const LiveLock& live) {
  if (live.vendor.empty() && live.product.empty()) return nullptr;
  return {{"vendor", live.vendor},
          {"product", live.product},
          {"revision", live.revision},
          {"serial", text_or_null(live.serial)}};
}

Json counters_json(const std::optional<record::DriveCounters>& c) {
  if (!c) return nullptr;
  return {{"locks_taken", c->locks_taken},
          {"conflicts", c->conflicts},
          {"locks_lost", c->locks_lost},
          {"waited_seconds", static_cast<double>(c->waited.count()) / 1000.0},
          {"unit_attentions", c->unit_attentions}};
}

Json health_json(const record::DriveHealth& h) {
  return {{"read", record::time_text(h.read)},
          {"page", h.page},
          {"cleaning", text_or_null(h.cleaning)},
          {"recovery_requested", h.recovery_requested},
          {"activity", text_or_null(h.activity)},
          {"calibrates", h.calibrates},
          {"alerts", h.alerts}};
}

Json plugin_json(const std::optional<record::DriveState>& plugin, const PeerNames& names) {
  if (!plugin) return nullptr;
  Json claims = Json::array();
  for (const auto& c : plugin->claims) claims.push_back({{"job", c.job}, {"since", record::time_text(c.since)}});
  Json j = {{"registered", plugin->registered},
            {"locked", plugin->locked},
            {"locked_since", time_or_null(plugin->locked_since)},
            {"kept_for_open_device", plugin->kept_for_open_device},
            {"lost", plugin->lost},
            {"promised_to", plugin->promised_to ? Json(*plugin->promised_to) : Json()},
            {"yielding_to", key_json(plugin->yielding_to, names)},
            {"error", text_or_null(plugin->error)},
            {"jobs", claims},
            {"counters", counters_json(plugin->counters)}};
  if (plugin->health) j["health"] = health_json(*plugin->health);
  return j;
}

Json bacula_json(const std::optional<BaculaDevice>& bacula) {
  if (!bacula) return nullptr;
  return {{"open", bacula->open},
          {"volume", text_or_null(bacula->volume)},
          {"pool", text_or_null(bacula->pool)},
          {"appending", bacula->appending},
          {"enabled", bacula->enabled},
          {"unmounted", bacula->unmounted},
          {"remarks", bacula->remarks}};
}

Json device_json(const SdSnapshot& sd, const DeviceSnapshot& d) {
  Json j = {{"name", d.name},
            {"archive_device", d.archive_device},
            {"media_type", d.media_type},
            {"autochanger", text_or_null(d.autochanger)},
            {"shared", d.shared},
            {"state", word(condition_of(sd, d))}};
  if (d.shared) {
    auto remarks = remarks_on(sd, d);
    for (auto& remark : use_remarks(sd, d)) remarks.push_back(std::move(remark));
    j["remarks"] = remarks;
    j["control_device"] = text_or_null(d.control_device);
    j["drive_index"] = d.drive_index;
    j["own_key"] = text_or_null(d.key);
    j["protected"] = d.protected_;
    j["error"] = text_or_null(d.live.error);
    j["lock"] = lock_json(d.live, sd.names);
    j["plugin"] = plugin_json(d.plugin, sd.names);
    j["drive"] = drive_json(d.live);
    j["unit_attentions"] = d.live.unit_attentions;
    if (!d.unchecked.empty()) j["identity_unchecked"] = d.unchecked;
  }
  j["bacula"] = bacula_json(d.bacula);
  return j;
}

Json mutual_waits_json(const SdSnapshot& s) {
  Json all = Json::array();
  for (const auto& m : mutual_waits_of(s)) {
    Json ring = Json::array();
    for (const auto& link : m.ring)
      ring.push_back({{"host", key_json(link.key, s.names)}, {"has", link.has}, {"waits_for", link.waits_for}});
    all.push_back({{"since", record::time_text(m.since)},
                   {"ring", ring},
                   {"job", m.job},
                   {"having", m.having},
                   {"proven", m.proven},
                   {"gives_in_at", time_or_null(m.gives_in_at)}});
  }
  return all;
}

Json daemon_json(const SdSnapshot& s) {
  Json waiting = Json::array(), devices = Json::array();
  for (const auto& w : s.waiting) waiting.push_back(waiting_json(w.device, w.waiting, s.names));
  for (const auto& d : s.devices) devices.push_back(device_json(s, d));
  Json j = {{"name", s.sd_name},
            {"daemon", word(s.life)},
            {"plugin_runs", s.plugin_runs()},
            {"plugin_version", s.state ? Json(s.state->plugin_version) : Json()},
            {"bacula_version", s.state ? text_or_null(s.state->bacula_version) : Json()},
            {"started", s.state ? Json(record::time_text(s.state->started)) : Json()},
            {"state_written", s.state ? Json(record::time_text(s.state->updated)) : Json()},
            {"state_is_old", s.state_is_old},
            {"configuration_errors", text_or_null(s.configuration_errors)},
            {"bacula_error", text_or_null(s.bacula_error)},
            {"notes", s.notes},
            {"waiting", waiting},
            {"devices", devices}};
  if (auto waits = mutual_waits_json(s); !waits.empty()) j["mutual_waits"] = std::move(waits);
  return j;
}

Json problem_json(const Problem& problem, const std::vector<SdSnapshot>& daemons) {
  Json names = Json::array();
  for (const auto i : problem.daemons) names.push_back(daemons[i].sd_name);
  return {{"severity", word(problem.severity)},
          {"code", problem.code},
          {"daemons", names},
          {"device", problem.device ? Json(daemons[problem.daemons.front()].devices[*problem.device].name) : Json()},
          {"what", problem.what},
          {"where", problem.where},
          {"text", problem.in_full}};
}

}  // namespace

std::string to_json(const std::vector<SdSnapshot>& daemons, record::WallTime taken,
                    const std::vector<Unreadable>& unreadable) {
  Json all = Json::array(), problems = Json::array();
  for (const auto& s : daemons) all.push_back(daemon_json(s));
  const auto found = problems_of(daemons, unreadable);
  for (const auto& problem : found) problems.push_back(problem_json(problem, daemons));
  const Json j = {{"schema", kStatusSchema},
                  {"taken", record::time_text(taken)},
                  {"daemons", all},
                  {"severity", word(worst_of(found))},
                  {"problems", problems}};
  // Names come from files and may hold any bytes.
  return printable_json(j.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace shstore::status
