#include "reserve/record/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <array>
#include <nlohmann/json.hpp>

#include "scsi/base/printable.h"

namespace shstore::record {
namespace {

using nlohmann::json;
using Json = nlohmann::ordered_json;  // the order of the file is the order of the structs

WallTime time_from(const std::string& text) {
  const auto t = parse_time(text);
  if (!t) throw std::invalid_argument("\"" + text + "\" is not a time like 2026-11-22T10:48:52Z");
  return *t;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
std::string text_from(const json& j, const char* name) {
  return j.at(name).is_null() ? "" : j.at(name).get<std::string>();
}

// Missing in states that older versions wrote.
template <class T>
T value_or(const json& j, const char* name, T otherwise) {
  const auto found = j.find(name);
  return found == j.end() || found->is_null() ? otherwise : found->get<T>();
}

constexpr std::array kRefusals = {
    std::pair{reserve::Refusal::Kind::held_by_other, "held"},
    std::pair{reserve::Refusal::Kind::error, "error"},
    std::pair{reserve::Refusal::Kind::yielding, "yielding"},
    std::pair{reserve::Refusal::Kind::promised, "promised"},
};

Json refusal_to_json(const reserve::Refusal& r) {
  const auto kind = std::find_if(kRefusals.begin(), kRefusals.end(), [&](const auto& k) { return k.first == r.kind; });
  return {{"kind", kind->second},
          {"held_by", text_or_null(r.kind == reserve::Refusal::Kind::held_by_other ? r.holder : "")},
          {"turn_of", text_or_null(r.kind == reserve::Refusal::Kind::yielding ? r.holder : "")},
          {"reason", text_or_null(r.kind == reserve::Refusal::Kind::promised ? std::to_string(r.job) : r.reason)}};
}

// The JobId of a job that a drive is kept for stands in "reason", as text.
reserve::JobId job_from(const std::string& text) {
  reserve::JobId job{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), job);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
    throw std::invalid_argument("\"" + text + "\" is no JobId");
  }
  return job;
}

reserve::Refusal refusal_from(const json& j) {
  using Kind = reserve::Refusal::Kind;
  const auto holder = value_or<std::string>(j, "held_by", {});
  const auto word = value_or<std::string>(j, "kind", holder.empty() ? "error" : "held");
  const auto kind = std::find_if(kRefusals.begin(), kRefusals.end(), [&](const auto& k) { return word == k.second; });
  if (kind == kRefusals.end())
    throw std::invalid_argument("\"" + word + "\" is no kind of refusal that this version knows");
  if (kind->first == Kind::promised) return {kind->first, {}, {}, job_from(text_from(j, "reason"))};
  const auto turn_of = value_or<std::string>(j, "turn_of", {});
  return {kind->first, kind->first == Kind::yielding ? turn_of : holder, text_from(j, "reason")};
}

Json counters_to_json(const std::optional<DriveCounters>& c) {
  if (!c) return nullptr;
  return {{"locks_taken", c->locks_taken},
          {"conflicts", c->conflicts},
          {"locks_lost", c->locks_lost},
          {"waited_ms", c->waited.count()},
          {"unit_attentions", c->unit_attentions}};
}

std::optional<DriveCounters> counters_from(const json& drive) {
  const auto found = drive.find("counters");
  if (found == drive.end() || found->is_null()) return std::nullopt;
  DriveCounters c;
  c.locks_taken = found->at("locks_taken").get<uint64_t>();
  c.conflicts = found->at("conflicts").get<uint64_t>();
  c.locks_lost = found->at("locks_lost").get<uint64_t>();
  c.waited = std::chrono::milliseconds(found->at("waited_ms").get<int64_t>());
  c.unit_attentions = found->at("unit_attentions").get<std::map<std::string, uint64_t>>();
  return c;
}

Json health_to_json(const DriveHealth& h) {
  return {{"read", time_text(h.read)},
          {"page", h.page},
          {"cleaning", text_or_null(h.cleaning)},
          {"recovery_requested", h.recovery_requested},
          {"activity", text_or_null(h.activity)},
          {"calibrates", h.calibrates},
          {"alerts", h.alerts}};
}

std::optional<DriveHealth> health_from(const json& drive) {
  const auto found = drive.find("health");
  if (found == drive.end() || found->is_null()) return std::nullopt;
  DriveHealth h;
  h.read = time_from(found->at("read").get<std::string>());
  h.page = found->at("page").get<std::string>();
  h.cleaning = text_from(*found, "cleaning");
  h.recovery_requested = found->at("recovery_requested").get<bool>();
  h.activity = text_from(*found, "activity");
  h.calibrates = value_or(*found, "calibrates", false);
  h.alerts = found->at("alerts").get<std::vector<uint8_t>>();
  return h;
}

std::optional<LockedDrive> locked_drive_from(const json& drive) {
  const auto found = drive.find("locked_drive");
  if (found == drive.end() || found->is_null()) return std::nullopt;
  return LockedDrive{text_from(*found, "serial"), text_from(*found, "designator"), text_from(*found, "address"),
                     text_from(*found, "initiator"), text_from(*found, "machine")};
}

Json drive_to_json(const DriveState& d) {
  Json claims = Json::array(), waiting = Json::array();
  for (const auto& c : d.claims) {
    claims.push_back({{"job", c.job}, {"since", time_text(c.since)}});
    if (!c.name.empty()) claims.back()["name"] = c.name;
  }
  for (const auto& w : d.waiting) {
    waiting.push_back({{"job", w.job}, {"since", time_text(w.since)}, {"refusal", refusal_to_json(w.refusal)}});
  }
  Json drive = {{"name", d.name},
                {"archive_device", d.archive_device},
                {"control_device", d.control_device},
                {"media_type", d.media_type},
                {"autochanger", text_or_null(d.autochanger)},
                {"drive_index", d.drive_index},
                {"key", text_or_null(d.key)},
                {"problem", text_or_null(d.problem)},
                {"registered", d.registered},
                {"locked", d.locked},
                {"kept_for_open_device", d.kept_for_open_device},
                {"locked_since", d.locked_since ? Json(time_text(*d.locked_since)) : Json()},
                {"blocked_by", text_or_null(d.blocked_by)},
                {"error", text_or_null(d.error)},
                {"claims", claims},
                {"waiting", waiting},
                {"lost", d.lost},
                {"promised_to", d.promised_to ? Json(*d.promised_to) : Json()},
                {"yielding_to", text_or_null(d.yielding_to)},
                {"counters", counters_to_json(d.counters)}};
  if (d.other_product) drive["other_product"] = true;
  if (d.health) drive["health"] = health_to_json(*d.health);
  if (!d.opened_by.empty()) drive["opened_by"] = d.opened_by;
  if (d.opened_since) drive["opened_since"] = time_text(*d.opened_since);
  if (!d.paused.empty()) {
    drive["paused"] = Json::array();
    for (const auto& c : d.paused) drive["paused"].push_back({{"job", c.job}, {"since", time_text(c.since)}});
  }
  if (d.unused_since) drive["unused_since"] = time_text(*d.unused_since);
  if (const auto& locked = d.locked_drive) {
    drive["locked_drive"] = {{"serial", text_or_null(locked->serial)},
                             {"designator", text_or_null(locked->designator)},
                             {"address", text_or_null(locked->address)},
                             {"initiator", text_or_null(locked->initiator)},
                             {"machine", text_or_null(locked->machine)}};
  }
  return drive;
}

std::optional<WallTime> time_or_none(const json& j, const char* name) {
  const auto text = value_or<std::string>(j, name, {});
  return text.empty() ? std::nullopt : std::optional(time_from(text));
}

DriveState drive_from(const json& j) {
  DriveState d;
  d.name = j.at("name").get<std::string>();
  d.archive_device = j.at("archive_device").get<std::string>();
  d.control_device = j.at("control_device").get<std::string>();
  d.media_type = j.at("media_type").get<std::string>();
  d.autochanger = text_from(j, "autochanger");
  d.drive_index = j.at("drive_index").get<uint32_t>();
  d.key = text_from(j, "key");
  d.problem = text_from(j, "problem");
  d.registered = j.at("registered").get<bool>();
  d.locked = j.at("locked").get<bool>();
  d.kept_for_open_device = j.at("kept_for_open_device").get<bool>();
  if (!j.at("locked_since").is_null()) d.locked_since = time_from(j.at("locked_since").get<std::string>());
  d.lost = value_or(j, "lost", false);
  if (const auto job = value_or<int64_t>(j, "promised_to", -1); job >= 0) d.promised_to = static_cast<uint32_t>(job);
  d.yielding_to = value_or<std::string>(j, "yielding_to", {});
  d.opened_by = value_or<std::string>(j, "opened_by", {});
  d.opened_since = time_or_none(j, "opened_since");
  d.unused_since = time_or_none(j, "unused_since");
  d.counters = counters_from(j);
  d.locked_drive = locked_drive_from(j);
  d.other_product = value_or(j, "other_product", false);
  d.health = health_from(j);
  d.blocked_by = text_from(j, "blocked_by");
  d.error = text_from(j, "error");
  for (const auto& c : j.at("claims")) {
    d.claims.push_back({c.at("job").get<uint32_t>(), time_from(c.at("since").get<std::string>()),
                        value_or<std::string>(c, "name", {})});
  }
  if (const auto paused = j.find("paused"); paused != j.end()) {
    for (const auto& c : *paused)
      d.paused.push_back({c.at("job").get<uint32_t>(), time_from(c.at("since").get<std::string>()), {}});
  }
  for (const auto& w : j.at("waiting")) {
    d.waiting.push_back(
        {w.at("job").get<uint32_t>(), time_from(w.at("since").get<std::string>()), refusal_from(w.at("refusal"))});
  }
  return d;
}

// The library's own sentences are for programmers; of what it says only a field's name is of use.
std::string in_our_words(const json::exception& e) {
  constexpr int kNoSuchField = 403;
  const std::string_view text = e.what();
  const auto open = text.find('\''), close = text.rfind('\'');
  if (e.id != kNoSuchField || open == close) return "a field of it is not of the kind that it should be";
  return fmt::format("it has no \"{}\"", base::printable(text.substr(open + 1, close - open - 1)));
}

Json mutual_wait_to_json(const MutualWait& m) {
  Json ring = Json::array();
  for (const auto& link : m.ring) ring.push_back({{"key", link.key}, {"has", link.has}, {"waits_for", link.waits_for}});
  Json j = {{"since", time_text(m.since)}, {"ring", ring}, {"job", m.job}, {"having", m.having}, {"proven", m.proven}};
  if (m.gives_in_at) j["gives_in_at"] = time_text(*m.gives_in_at);
  return j;
}

MutualWait mutual_wait_from(const json& j) {
  MutualWait m{time_from(j.at("since").get<std::string>())};
  for (const auto& link : j.at("ring"))
    m.ring.push_back({link.at("key").get<std::string>(), link.at("has").get<std::string>(),
                      link.at("waits_for").get<std::string>()});
  m.job = j.at("job").get<uint32_t>();
  m.having = j.at("having").get<std::vector<uint32_t>>();
  m.proven = j.at("proven").get<bool>();
  m.gives_in_at = time_or_none(j, "gives_in_at");
  return m;
}

SdState state_from(const json& j) {
  const auto schema = j.at("schema").get<std::string>();
  if (schema != kStateSchema)
    throw std::invalid_argument("its schema is \"" + schema + "\", not one this version knows");
  SdState s;
  s.sd_name = j.at("sd").get<std::string>();
  s.plugin_version = j.at("plugin_version").get<std::string>();
  s.bacula_version = j.at("bacula_version").get<std::string>();
  s.pid = j.at("pid").get<int64_t>();
  s.pid_started = j.at("pid_started").get<int64_t>();
  s.running = j.at("running").get<bool>();
  s.started = time_from(j.at("started").get<std::string>());
  s.updated = time_from(j.at("updated").get<std::string>());
  s.limits = j.at("limits").get<std::vector<std::string>>();
  for (const auto& d : j.at("drives")) s.drives.push_back(drive_from(d));
  s.pid_namespace = value_or<std::string>(j, "pid_namespace", {});
  s.plugin_file = value_or<std::string>(j, "plugin_file", {});
  s.plugin_file_id = value_or<std::string>(j, "plugin_file_id", {});
  if (const auto waits = j.find("mutual_waits"); waits != j.end()) {
    for (const auto& m : *waits) s.mutual_waits.push_back(mutual_wait_from(m));
  }
  if (const auto unended = j.find("unended"); unended != j.end()) {
    for (const auto& v : *unended)
      s.unended.push_back(
          {v.at("volume").get<std::string>(), v.at("file").get<uint64_t>(), v.at("object").get<uint64_t>()});
  }
  return s;
}

}  // namespace

std::string to_json(const SdState& s) {
  Json drives = Json::array();
  for (const auto& d : s.drives) drives.push_back(drive_to_json(d));
  Json j = {{"schema", kStateSchema},
            {"sd", s.sd_name},
            {"plugin_version", s.plugin_version},
            {"bacula_version", s.bacula_version},
            {"pid", s.pid},
            {"pid_started", s.pid_started},
            {"running", s.running},
            {"started", time_text(s.started)},
            {"updated", time_text(s.updated)},
            {"limits", s.limits},
            {"drives", drives},
            {"pid_namespace", text_or_null(s.pid_namespace)}};
  if (!s.plugin_file.empty()) {
    j["plugin_file"] = s.plugin_file;
    j["plugin_file_id"] = s.plugin_file_id;
  }
  for (const auto& m : s.mutual_waits) j["mutual_waits"].push_back(mutual_wait_to_json(m));
  for (const auto& v : s.unended)
    j["unended"].push_back({{"volume", v.volume}, {"file", v.file}, {"object", v.object}});
  // Names come from files and may hold any bytes; an invalid UTF-8 sequence must not cost us the whole state.
  return base::printable_json(j.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

tl::expected<SdState, std::string> parse_state(std::string_view text) {
  try {
    return state_from(json::parse(text));
  } catch (const json::parse_error& e) {
    return tl::make_unexpected(fmt::format("it is not JSON, or not whole: byte {} does not fit", e.byte));
  } catch (const json::exception& e) {
    return tl::make_unexpected(in_our_words(e));
  } catch (const std::exception& e) {  // thrown here, above
    return tl::make_unexpected(base::printable(e.what()));
  }
}

}  // namespace shstore::record
