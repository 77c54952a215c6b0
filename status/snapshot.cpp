#include "status/snapshot.h"

#include <fmt/chrono.h>

#include <algorithm>

namespace shstore::status {
namespace {

const DriveState* find_drive(const KnownState& known, const std::string& name) {
  if (!known.state) return nullptr;
  const auto& drives = known.state->drives;
  const auto found =
      std::find_if(drives.begin(), drives.end(), [&](const auto& d) { return d.name == name; });
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

std::vector<std::string> notes_on(const changer::SharedDevices& shared, const KnownState& known) {
  std::vector<std::string> notes;
  if (!known.error.empty()) {
    notes.push_back("The state of " + shared.sd_name + " is not known: " + known.error +
                    ". Is the plugin in its Plugin Directory, and did the daemon start?");
  } else if (known.state && !known.alive) {
    notes.push_back(
        fmt::format("{} is not running. Its plugin last wrote its state on {:%Y-%m-%d at %H:%M:%S} UTC",
                    shared.sd_name, fmt::gmtime(std::chrono::system_clock::to_time_t(known.state->updated))));
  }
  if (known.state && known.alive) {
    for (const auto& limit : known.state->limits) notes.push_back("Limit: " + limit);
  }
  if (!shared.unreadable.empty()) notes.push_back("The configuration has errors: " + shared.unreadable);
  return notes;
}

// What our reading has kept from the plugin.
void note_attentions(SdSnapshot& s) {
  for (const auto& d : s.devices) {
    if (d.live.unit_attentions.empty()) continue;
    const auto told = fmt::format("{} has reported {}", d.display(), fmt::join(d.live.unit_attentions, ", "));
    s.notes.push_back(d.live.not_recorded.empty()
                          ? told + ", which is written down for the plugin"
                          : told + ", and the plugin does not know: " + d.live.not_recorded);
  }
}

}  // namespace

SdSnapshot join(const config::SdConfig& config, const changer::SharedDevices& shared, const KnownState& known,
                const std::vector<LiveLock>& live, const Circumstances& circumstances) {
  SdSnapshot s;
  s.sd_name = shared.sd_name;
  s.taken = circumstances.taken;
  s.names = circumstances.names;
  s.plugin_runs = known.state && known.alive;
  s.state = known.state;
  s.notes = notes_on(shared, known);
  for (const auto& device : config.devices) {
    DeviceSnapshot d{*device.name, *device.archive_device, *device.media_type, {}, false, false, {}, {}, {}};
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
    }
    add_bacula(d, circumstances.bacula);
    s.devices.push_back(std::move(d));
  }
  note_attentions(s);
  if (s.plugin_runs) {
    for (const auto& drive : known.state->drives) {
      const auto display = '"' + drive.name + "\" (" + drive.archive_device + ')';
      for (const auto& w : drive.waiting) s.waiting.push_back({display, w});
    }
  }
  return s;
}

}  // namespace shstore::status
