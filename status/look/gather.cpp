#include "status/look/gather.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <future>
#include <memory>
#include <system_error>
#include <thread>

#include "reserve/record/contract.h"
#include "reserve/record/attentions.h"
#include "status/look/condition.h"
#include "reserve/record/state_file.h"
#include "scsi/base/foreign_file.h"
#include "scsi/base/printable.h"

namespace shstore::status {
namespace {

using Facts = tl::expected<SdFacts, Unreadable>;
using Text = tl::expected<std::string, std::string>;

Facts read_configuration(const std::string& path) {
  auto config = read_sd_config(path);
  if (!config) return tl::make_unexpected(Unreadable{path, config.error()});
  SdFacts facts;
  facts.file = path;
  facts.config = std::move(*config);
  facts.shared = config::shared_devices(facts.config, config::disk_conf_loader());
  return facts;
}

// shstore-changer leaves them there.
std::map<std::string, std::string> unchecked_drives(const config::SharedDevices& shared) {
  std::map<std::string, std::string> unchecked;
  for (const auto& device : shared.devices) {
    const auto why =
        base::read_foreign_file(config::drive_file(shared, device, "shstore-unchecked"), {.largest = 4096});
    if (!why || why->text.empty()) continue;
    unchecked[device.name] = base::printable(why->text.substr(0, why->text.find('\n')));
  }
  return unchecked;
}

KnownState known_state(const std::string& file, const config::SharedDevices& shared) {
  KnownState known;
  known.unchecked = unchecked_drives(shared);
  auto state = record::read_state(record::state_path(shared.working_directory, shared.sd_name));
  if (!state) {
    known.error = state.error().message;
    known.missing = state.error().missing;
    known.process = find_daemon(file);
    return known;
  }
  const auto writer = record::writer_of(*state);
  known.alive = writer == record::Writer::alive;
  known.hidden = writer == record::Writer::hidden;
  known.plugin_file_id_now = record::file_id(state->plugin_file);
  if (!known.alive) known.process = find_daemon(file);
  // One that has given everything back and is about to end.
  const bool same = known.process.pid == state->pid && record::process_start(state->pid) == state->pid_started;
  if (same) known.process.pid.reset();
  known.state = std::move(*state);
  return known;
}

/// One shared drive of a daemon: an index into its shared devices.
struct Drive {
  SdFacts* daemon;
  size_t index;
  const config::SharedDevice& device() const { return daemon->shared.devices[index]; }
  LiveLock& live() const { return daemon->live[index]; }
};

std::vector<Drive> drives_of(const std::vector<SdFacts*>& daemons) {
  std::vector<Drive> drives;
  for (auto* daemon : daemons) {
    daemon->live.resize(daemon->shared.devices.size());
    for (size_t i = 0; i < daemon->live.size(); ++i) drives.push_back({daemon, i});
  }
  return drives;
}

// A drive tells each unit attention once: what an earlier look was told stays.
LiveLock with_attentions_of(const LiveLock& earlier, LiveLock live) {
  auto codes = earlier.unit_attentions;
  for (auto& code : live.unit_attentions) codes.push_back(std::move(code));
  live.unit_attentions = std::move(codes);
  if (live.not_recorded.empty()) live.not_recorded = earlier.not_recorded;
  return live;
}

// All at the same time.
void read_drives(const std::vector<Drive>& drives, std::chrono::milliseconds deadline) {
  std::vector<config::SharedDevice> devices;
  const auto journals =
      std::make_shared<std::vector<std::string>>();  // in the same order; a late thread may still need it
  for (const auto& drive : drives) {
    devices.push_back(drive.device());
    journals->push_back(record::attentions_path(drive.daemon->shared.working_directory, drive.daemon->shared.sd_name));
  }
  auto answers = read_live(devices, deadline, [journals](size_t i, const auto& device, const auto& codes) {
    return record::record_attentions((*journals)[i], device.control_device, codes);
  });
  for (size_t i = 0; i < drives.size(); ++i) {
    drives[i].live() = with_attentions_of(drives[i].live(), std::move(answers[i]));
  }
}

Text read_file(const std::string& path) {
  // Not only regular files: <(bconsole ...) of a shell is a pipe.
  const auto text = path == "-" ? base::read_standard_input() : base::read_foreign_stream(path);
  return text.map_error([](const base::FileError& e) { return e.message; });
}

/// Bacula's own status of the daemon, if it is asked for; on a thread, as a Director may not answer for long.
std::future<Text> ask_bacula(const Question& question, size_t index) {
  auto request = question.bconsole;
  if (index < question.storages.size()) request.storage = question.storages[index];
  if (!request.configuration.empty())
    return std::async(std::launch::async, [request] { return bacula_status_text(request); });
  if (question.bacula_status.empty()) return {};
  return std::async(std::launch::async, [path = question.bacula_status] { return read_file(path); });
}

/// Why the text is not this daemon's status; empty: it is, and the facts have it.
std::string take_bacula(const Question& question, Text text, SdFacts& facts) {
  if (!text) return text.error();
  const auto source = question.bconsole.configuration.empty() ? question.bacula_status : "what bconsole printed";
  auto status = parse_bacula_status(*text);
  if (!status)
    return fmt::format("{} holds no status of a Storage Daemon (expected is the output of `status storage=NAME`)",
                       source);
  if (!status->sd_name.empty() && status->sd_name != facts.shared.sd_name)
    return fmt::format("{} is the status of {}, and {} is the configuration of {}: they do not belong together", source,
                       status->sd_name, facts.file, facts.shared.sd_name);
  facts.bacula = std::move(status);
  facts.bacula_text = std::move(*text);
  return {};
}

// What the administrator calls a host goes before the name of its daemon.
PeerNames names_of(const std::vector<Facts>& all) {
  PeerNames names;
  for (const auto& facts : all) {
    if (!facts) continue;
    for (const auto& [key, name] : facts->shared.peers) names.emplace(scsi::to_text(key), name);
  }
  for (const auto& facts : all) {
    if (!facts) continue;
    for (const auto& device : facts->shared.devices) {
      if (device.problem.empty() && device.command.empty()) names.emplace(device.key_text(), facts->shared.sd_name);
    }
  }
  return names;
}

void join_facts(SdFacts& facts, record::WallTime taken, const PeerNames& names) {
  facts.snapshot = join(facts.config, facts.shared, facts.state, facts.live,
                        {taken, names, facts.bacula ? &*facts.bacula : nullptr, facts.bacula_error});
}

/// The drives, and then what the plugins of their daemons say.
void look(const std::vector<Drive>& drives, const std::vector<SdFacts*>& daemons, std::chrono::milliseconds deadline,
          const PeerNames& names) {
  read_drives(drives, deadline);
  for (auto* facts : daemons) {
    facts->state = known_state(facts->file, facts->shared);
    join_facts(*facts, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()), names);
  }
}

// A drive that hangs may have used the deadline up; the others answer in a moment.
constexpr std::chrono::milliseconds kSecondLook{1000};

bool may_be_too_early(const SdSnapshot& sd, const DeviceSnapshot& device) {
  const auto condition = condition_of(sd, device);
  return condition == Condition::not_ours || condition == Condition::contradicts;
}

std::vector<Drive> to_be_looked_at_again(const std::vector<Drive>& drives) {
  std::vector<Drive> again;
  for (const auto& drive : drives) {
    const auto& sd = drive.daemon->snapshot;
    const auto found = std::find_if(sd.devices.begin(), sd.devices.end(),
                                    [&](const auto& d) { return d.name == drive.device().name; });
    if (found != sd.devices.end() && may_be_too_early(sd, *found)) again.push_back(drive);
  }
  return again;
}

bool between_two_lives(const SdFacts* facts) { return facts->snapshot.life == Life::without_plugin; }

void look_twice(const std::vector<SdFacts*>& daemons, std::chrono::milliseconds deadline, const PeerNames& names) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  const auto drives = drives_of(daemons);
  look(drives, daemons, deadline, names);
  const auto again = to_be_looked_at_again(drives);
  // A daemon that is just starting writes its state in a moment.
  std::vector<SdFacts*> changed;
  std::copy_if(daemons.begin(), daemons.end(), std::back_inserter(changed), between_two_lives);
  for (const auto& drive : again) {
    if (std::find(changed.begin(), changed.end(), drive.daemon) == changed.end()) changed.push_back(drive.daemon);
  }
  if (changed.empty()) return;
  // A lock that the plugin has not taken may be one that it has just taken.
  std::this_thread::sleep_for(record::kSurelyPublished);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  look(again, changed, std::max(rest, kSecondLook), names);
}

}  // namespace

tl::expected<config::SdConfig, std::string> read_sd_config(const std::string& path) {
  const auto reader = config::disk_reader();
  auto config = config::load_sd_config(path, *reader);
  if (config.storage) return config;
  std::string why;
  for (const auto& d : config.diagnostics) why += base::printable(config::to_text(d, config.files)) + '\n';
  // Whether it is one is not known of a file that could not be read.
  const bool readable = reader->read(path).has_value();
  const auto file = base::printable(path);
  why +=
      readable
          ? fmt::format("shstore-status: {} is not the configuration of a storage daemon", file)
          : fmt::format(
                "shstore-status: the configuration {} cannot be read (is it another user's? Run this as root or as the user that runs bacula-sd)",
                file);
  return tl::make_unexpected(std::move(why));
}

std::vector<Facts> gather(const Question& question) {
  std::vector<Facts> all;
  for (const auto& file : question.sd_files) all.push_back(read_configuration(file));
  const auto names = names_of(all);
  std::vector<std::future<Text>> statuses;
  std::vector<SdFacts*> daemons;
  for (size_t i = 0; i < all.size(); ++i) {
    if (!all[i]) continue;
    statuses.push_back(ask_bacula(question, i));
    daemons.push_back(&*all[i]);
  }
  look_twice(daemons, question.deadline, names);
  for (size_t i = 0; i < daemons.size(); ++i) {
    auto& facts = *daemons[i];
    if (!statuses[i].valid()) continue;
    facts.bacula_error = take_bacula(question, statuses[i].get(), facts);
    join_facts(facts, facts.snapshot.taken, names);
  }
  return all;
}

}  // namespace shstore::status
