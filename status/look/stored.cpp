#include "status/look/stored.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "reserve/record/history_file.h"
#include "reserve/record/state_file.h"
#include "scsi/base/printable.h"

namespace shstore::status {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStateEnd = ".shstore.json";

std::string history_beside(const std::string& state) {
  return state.substr(0, state.size() - kStateEnd.size()) + ".shstore.history";
}

LiveLock lock_in(const record::DriveState& drive, bool alive) {
  LiveLock lock;
  if (drive.locked_drive) lock.serial = drive.locked_drive->serial;
  if (!drive.problem.empty()) {
    lock.why = LiveLock::Why::misconfigured;
    lock.error = drive.problem;
  } else if (!alive) {
    lock.why = LiveLock::Why::cannot_be_asked;
    lock.error = "the daemon that would tell does not run, and the drive itself is not asked here";
  } else if (drive.key.empty()) {
    lock.why = LiveLock::Why::own_command;
    lock.error = "it is locked by a command of this site's own";
  } else {
    lock.registered = drive.registered;
    lock.locked = drive.locked;
    lock.blocked_by = drive.locked ? std::string{} : drive.blocked_by;
    lock.other_product = drive.other_product;
    if (lock.other_product) lock.type = "unknown here";
  }
  return lock;
}

// What join() takes from bacula-sd.conf, as far as the state repeats it.
config::SdDevice device_in(const record::DriveState& drive) {
  config::SdDevice device;
  device.name.value = drive.name;
  device.archive_device.value = drive.archive_device;
  device.media_type.value = drive.media_type;
  return device;
}

config::SharedDevice shared_in(const record::DriveState& drive) {
  config::SharedDevice shared;
  shared.name = drive.name;
  shared.archive_device = drive.archive_device;
  shared.control_device = drive.control_device;
  shared.media_type = drive.media_type;
  shared.autochanger = drive.autochanger;
  shared.drive_index = drive.drive_index;
  shared.problem = drive.problem;
  return shared;
}

KnownState known_in(record::SdState state) {
  KnownState known;
  const auto writer = record::writer_of(state);
  known.alive = writer == record::Writer::alive;
  known.hidden = writer == record::Writer::hidden;
  known.plugin_file_id_now = record::file_id(state.plugin_file);
  // Which bacula-sd runs with this daemon's configuration cannot be told without knowing the configuration.
  known.process.hidden = true;
  known.state = std::move(state);
  return known;
}

std::vector<std::string> states_in(const std::string& place, std::vector<Unreadable>& unreadable) {
  std::error_code error;
  if (!fs::is_directory(place, error)) return {place};
  std::vector<std::string> files;
  fs::directory_iterator entry(place, fs::directory_options::none, error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
    if (const auto name = entry->path().string(); name.ends_with(kStateEnd)) files.push_back(name);
  }
  std::sort(files.begin(), files.end());
  if (error) {
    unreadable.push_back({place, "cannot look into " + base::printable(place) + ": " + error.message()});
  } else if (files.empty()) {
    unreadable.push_back({place, "no plugin has written its state into " + base::printable(place) +
                                     ": is it the Working Directory of a bacula-sd that runs with the plugin?"});
  } else if (files.size() > kMostStates) {
    unreadable.push_back({place, "there are " + std::to_string(files.size()) + " states in " + base::printable(place) +
                                     ", and only the first " + std::to_string(kMostStates) + " are shown"});
    files.resize(kMostStates);
  }
  return files;
}

void read_history(StoredSd& sd) {
  if (!sd.file.ends_with(kStateEnd)) {
    sd.history_error = "only a state whose name ends with " + std::string(kStateEnd) + " has a history beside it";
    return;
  }
  if (auto text = record::read_history_text(history_beside(sd.file))) {
    sd.history = record::parse_history(*text);
  } else {
    sd.history_error = text.error();
  }
}

PeerNames names_in(const std::vector<KnownState>& all) {
  PeerNames names;
  for (const auto& known : all) {
    for (const auto& drive : known.state->drives) {
      if (!drive.key.empty()) names.emplace(drive.key, known.state->sd_name);
    }
  }
  return names;
}

}  // namespace

SdSnapshot snapshot_of_state(const KnownState& known, const Circumstances& circumstances) {
  config::SdConfig config;
  config::SharedDevices shared;
  shared.sd_name = known.state->sd_name;
  std::vector<LiveLock> locks;
  for (const auto& drive : known.state->drives) {
    config.devices.push_back(device_in(drive));
    shared.devices.push_back(shared_in(drive));
    locks.push_back(lock_in(drive, known.alive));
  }
  auto snapshot = join(config, shared, known, locks, circumstances);
  for (size_t i = 0; i < snapshot.devices.size(); ++i) {
    snapshot.devices[i].key = known.state->drives[i].key;
    snapshot.devices[i].autochanger = known.state->drives[i].autochanger;
  }
  return snapshot;
}

StoredReading read_stored(const std::vector<std::string>& places) {
  StoredReading reading;
  std::vector<std::string> files;
  std::vector<KnownState> all;
  for (const auto& place : places) {
    for (auto& file : states_in(place, reading.unreadable)) {
      auto state = record::read_state(file);
      if (!state) {
        reading.unreadable.push_back({file, base::printable_lines(state.error().message)});
        continue;
      }
      all.push_back(known_in(std::move(*state)));
      files.push_back(std::move(file));
    }
  }
  const auto names = names_in(all);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  for (size_t i = 0; i < all.size(); ++i) {
    StoredSd sd{files[i], snapshot_of_state(all[i], {now, names, nullptr, {}})};
    read_history(sd);
    reading.daemons.push_back(std::move(sd));
  }
  return reading;
}

}  // namespace shstore::status
