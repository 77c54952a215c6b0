#include "status/look/snapshot.h"
#include "status/look/health_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include "reserve/record/contract.h"
#include "scsi/sense.h"

namespace shstore::status {
namespace {

const record::DriveState* find_drive(const KnownState& known, const std::string& name) {
  if (!known.state) return nullptr;
  const auto& drives = known.state->drives;
  const auto found = std::find_if(drives.begin(), drives.end(), [&](const auto& d) { return d.name == name; });
  return found == drives.end() ? nullptr : &*found;
}

void add_state(DeviceSnapshot& device, const KnownState& known) {
  const auto* drive = find_drive(known, device.name);
  if (drive == nullptr || !known.alive) return;
  device.protected_ = drive->problem.empty();
  device.claims = drive->claims;
  device.error = drive->problem.empty() ? drive->error : drive->problem;
  device.plugin = *drive;
}

void add_bacula(DeviceSnapshot& device, const BaculaStatus* bacula) {
  if (bacula == nullptr) return;
  const auto found = std::find_if(bacula->devices.begin(), bacula->devices.end(),
                                  [&](const auto& d) { return d.name == device.name; });
  if (found != bacula->devices.end()) device.bacula = *found;
}

Life life_of(const KnownState& known) {
  if (known.state && known.alive) return Life::runs;
  if (known.state && known.hidden) return Life::unknown;
  // Of a state that cannot be read it cannot be told whose it is.
  if (known.process.pid && (known.state || known.missing)) return Life::without_plugin;
  return known.state ? Life::ended : Life::unknown;
}

void describe_life(SdSnapshot& s, const KnownState& known) {
  std::string last_sign, advice;
  if (known.state) last_sign = ". Its plugin last wrote its state on " + record::moment_in_words(known.state->updated);
  switch (s.life) {
    case Life::runs:
      s.state_is_old = s.taken - known.state->updated > record::kStateIsOld;
      if (!s.state_is_old) return;
      s.daemon_problem = fmt::format("{} runs, but the last state that its plugin wrote is {} old", s.sd_name,
                                     record::age_text(s.taken - known.state->updated));
      advice = ". What it says of jobs and locks is not to be relied on: is its Working Directory full or read-only?";
      break;
    case Life::ended:
      s.daemon_problem =
          s.sd_name + (known.process.hidden ? " does not run, or cannot be seen by this user" : " is not running");
      advice = last_sign;
      break;
    case Life::without_plugin:
      s.daemon_problem =
          fmt::format("bacula-sd (pid {}) runs without the plugin: its drives are not protected", *known.process.pid);
      advice = (known.state ? ". The plugin last wrote its state on " + record::moment_in_words(known.state->updated)
                            : std::string{}) +
               ". Put the plugin into the Plugin Directory of " + s.sd_name + " and start it again";
      break;
    case Life::unknown:
      s.daemon_problem = known.state
                             ? fmt::format(
                                   "It cannot be told whether {} runs: this user does not see process {}, which "
                                   "wrote its state",
                                   s.sd_name, known.state->pid)
                             : "The state of " + s.sd_name + " is not known: " + known.error;
      advice =
          known.state ? last_sign
          : known.missing
              ? ". Is the plugin in its Plugin Directory, and did the daemon start? \"systemctl status bacula-sd\" and \"storage-ctl doctor --all\" tell more"
              : ". Whether it runs with the plugin cannot be told";
      break;
  }
  s.daemon_note = s.daemon_problem + advice;
  s.notes.push_back(s.daemon_note);
}

// An upgrade puts a new file there and leaves the running daemon with the old one.
void describe_plugin_file(SdSnapshot& s, const KnownState& known) {
  if (known.state->plugin_file.empty() || known.state->plugin_file_id == known.plugin_file_id_now) return;
  const bool gone = known.plugin_file_id_now.empty();
  s.plugin_replaced = fmt::format(
      "{} runs with a plugin that {} since ({}): {}", s.sd_name, gone ? "was removed" : "was replaced",
      known.state->plugin_file,
      gone ? "put it back, or the daemon's next start is without protection" : "restart bacula-sd when no job runs");
  s.notes.push_back(s.plugin_replaced);
}

void describe_daemon(SdSnapshot& s, const KnownState& known) {
  describe_life(s, known);
  if (s.plugin_runs()) {
    describe_plugin_file(s, known);
    for (const auto& limit : known.state->limits) s.notes.push_back("Limit: " + limit);
  }
  if (!s.configuration_errors.empty()) s.notes.push_back("The configuration has errors: " + s.configuration_errors);
  if (!s.bacula_error.empty()) s.notes.push_back("Bacula's own status is missing: " + s.bacula_error);
}

// "29/00" as an administrator knows it: the code, and what the standard calls it.
std::string attention_in_words(const std::string& code) {
  unsigned asc = 0, ascq = 0;
  if (std::sscanf(code.c_str(), "%2x/%2x", &asc, &ascq) != 2) return code;
  const auto text = scsi::describe(
      scsi::Sense{scsi::SenseKey::unit_attention, static_cast<uint8_t>(asc), static_cast<uint8_t>(ascq), false});
  const auto words = text.find('(');
  if (words == std::string::npos) return code;
  const char* when = asc == 0x29 ? ": every host is told so once after the drive was switched on or reset" : "";
  return code + ' ' + text.substr(words, text.size() - words - 1) + when + ')';
}

void note_unchecked(SdSnapshot& s) {
  for (const auto& d : s.devices) {
    if (!d.unchecked.empty())
      s.notes.push_back("Limit: whether the library's drive is " + d.display() +
                        " is not checked before a move: " + d.unchecked);
  }
}

}  // namespace

std::string attentions_in_words(const std::vector<std::string>& codes) {
  std::string text;
  for (const auto& code : codes) text += (text.empty() ? "" : ", ") + attention_in_words(code);
  return text;
}

std::string attention_note(const DeviceSnapshot& d) {
  const auto told = fmt::format("{} has reported {}", d.display(), attentions_in_words(d.live.unit_attentions));
  return d.live.not_recorded.empty() ? told + ", which is written down for the plugin"
                                     : told + ", and the plugin does not know: " + d.live.not_recorded;
}

std::string word(Life life) {
  switch (life) {
    case Life::runs: return "runs";
    case Life::ended: return "ended";
    case Life::without_plugin: return "without-plugin";
    case Life::unknown: break;
  }
  return "unknown";
}

std::string Unreadable::in_one_line() const {
  const auto last = message.rfind('\n');
  if (last == std::string::npos) return message;
  return message.substr(last + 1) + ": " + message.substr(0, message.find('\n'));
}

SdSnapshot join(const config::SdConfig& config, const config::SharedDevices& shared, const KnownState& known,
                const std::vector<LiveLock>& live, const Circumstances& circumstances) {
  SdSnapshot s;
  s.sd_name = shared.sd_name;
  s.taken = circumstances.taken;
  s.names = circumstances.names;
  s.life = life_of(known);
  s.state = known.state;
  s.state_missing = known.missing;
  s.configuration_errors = shared.unreadable;
  s.bacula_error = circumstances.bacula_error;
  describe_daemon(s, known);
  for (const auto& device : config.devices) {
    DeviceSnapshot d{std::string(*device.name),
                     std::string(*device.archive_device),
                     std::string(*device.media_type),
                     {},
                     false,
                     false,
                     {},
                     {},
                     {}};
    if (const auto* changer = config.changer_of(device)) d.autochanger = *changer->name;
    for (size_t i = 0; i < shared.devices.size(); ++i) {
      const auto& one = shared.devices[i];
      if (one.name != d.name) continue;
      d.shared = true;
      d.control_device = one.control_device;
      d.drive_index = one.drive_index;
      d.problem = one.problem;
      if (one.problem.empty()) d.key = one.key_text();
      d.live = live[i];
      add_state(d, known);
      if (const auto why = known.unchecked.find(d.name); why != known.unchecked.end()) d.unchecked = why->second;
    }
    add_bacula(d, circumstances.bacula);
    s.devices.push_back(std::move(d));
  }
  for (const auto& d : s.devices) {
    for (const auto& complaint : health_complaints_of(d)) s.notes.push_back(d.display() + ' ' + complaint);
    if (!d.live.unit_attentions.empty()) s.notes.push_back(attention_note(d));
  }
  note_unchecked(s);
  if (s.plugin_runs()) {
    for (const auto& drive : known.state->drives) {
      const auto display = '"' + drive.name + "\" (" + drive.archive_device + ')';
      for (const auto& w : drive.waiting) s.waiting.push_back({display, w});
    }
  }
  return s;
}

}  // namespace shstore::status
