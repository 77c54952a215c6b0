#include "plugin/assembly.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "plugin/command_lock_port.h"
#include "plugin/daemon_state.h"
#include "plugin/device_open.h"
#include "plugin/device_users.h"
#include "plugin/messages.h"
#include "plugin/parts.h"
#include "plugin/scsi_lock_port.h"
#include "reserve/record/history_file.h"
#include "scsi/command_log.h"
#include "scsi/machine_sign.h"

namespace shstore::plugin {
namespace {

using config::SharedDevice;

constexpr std::chrono::milliseconds kProofPatience{10000};  // for a program that is about to move a tape

HealthWatch::Surroundings health_surroundings(Plugin& p) {
  return {[&p](const std::string& control) {
            const auto drives = p.drives->state();
            return std::any_of(drives.begin(), drives.end(),
                               [&](const auto& d) { return d.control_device == control && d.locked; });
          },
          [&p](const std::string& control, const std::vector<std::string>& attentions) {
            pass_on_attentions(p, control, attentions);
          },
          [&p](const std::string& control) { tell_of_calibration(p, control); }, [&p] { p.publisher->changed(); }};
}

MutualWatch::Surroundings mutual_surroundings(Plugin& p) {
  return {[&p] {
            auto jobs = p.drives->jobs();
            p.jobs.complete(jobs);
            return jobs;
          },
          [&p](const std::string& control) { return p.drives->read(control, DriveAgent::kAnswerDeadline); },
          [&p] { p.publisher->changed(); }, [&p](reserve::JobContext owner) { p.jobs.wake(owner); }};
}

// A lock under our key that an earlier life of this very daemon left behind is ours to release; one that anybody else
// made with our key (the administrator by hand, another program) is not.
// A daemon that was killed a moment ago, and started again at once: as long as threads of it still end, what it left on the drives would
// be taken for that of a daemon that runs. (One that hangs in a command stays so; the start is not held up for that.)
void wait_for_end_of(const record::SdState& earlier_life) {
  constexpr std::chrono::seconds kPatience{3};
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (record::is_ending(earlier_life) && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

bool left_by_earlier_life(const Plugin& p, const SharedDevice& device) {
  if (!p.previous_life || !p.previous_life->running || record::is_alive(*p.previous_life)) return false;
  for (const auto& drive : p.previous_life->drives) {
    if (drive.control_device == device.control_device && drive.key == device.key_text()) return true;
  }
  return false;
}

DriveNames names_of_drive(const Plugin& p, const SharedDevice& device, const std::vector<std::string>& archives) {
  DriveNames names{archives, device.control_device};
  names.in_changer = !device.autochanger.empty();
  names.changer = device.changer_device;
  names.index = device.drive_index;
  names.state = record::state_path(p.shared.working_directory, p.shared.sd_name);
  names.machine = scsi::machine_sign();
  if (!p.previous_life) return names;
  for (const auto& drive : p.previous_life->drives) {
    if (drive.control_device != device.control_device) continue;
    if (drive.locked_drive) names.before = drive.locked_drive;
    names.was_locked = names.was_locked || drive.locked;
  }
  return names;
}

// Several Device resources may be one drive.
std::vector<std::string> archives_of(const Plugin& p, const std::string& control_device) {
  std::vector<std::string> archives;
  for (const auto& d : p.shared.devices) {
    if (d.control_device == control_device) archives.push_back(d.archive_device);
  }
  return archives;
}

bool is_watched(const Plugin& p, const SharedDevice& device) {
  return device.watch_opens && p.opens.unavailable().empty();
}

std::unique_ptr<reserve::LockPort> make_port(Plugin& p, const SharedDevice& device) {
  const auto archives = archives_of(p, device.control_device);
  const auto is_open = [own = std::make_shared<OwnDevices>(archives)] { return own->open(); };
  const auto watched = [&](std::unique_ptr<reserve::LockPort> port) {
    return std::make_unique<WatchedPort>(std::move(port), DeviceUsers(device.control_device, archives, is_open,
                                                                      is_watched(p, device) ? &p.opens : nullptr));
  };
  const auto identity = p.identities.at(device.control_device);
  identity->look(false);
  if (!device.command.empty()) {
    const auto debug = [&p](const std::string& text) { p.daemon.debug(nullptr, kDebugLevel, text); };
    return watched(std::make_unique<CommandLockPort>(device, left_by_earlier_life(p, device), is_open,
                                                     CommandLockPort::kDeadline, debug, &p.watch, identity));
  }
  const auto counters = std::make_shared<std::vector<scsi::TapeCounters>>();
  for (const auto& a : archives) counters->emplace_back(a);
  const auto statistics = [counters, identity]() -> std::optional<scsi::TapeStatistics> {
    const auto locked = identity->device();
    for (auto& tape : *counters) {
      auto counted = tape.read();
      if (counted && (locked.empty() || tape.device() == locked)) return counted;
    }
    return std::nullopt;
  };
  return watched(std::make_unique<ScsiLockPort>(device.control_device, device.key, left_by_earlier_life(p, device),
                                                is_open,
                                                record::attentions_path(p.shared.working_directory, p.shared.sd_name),
                                                &p.watch, identity, statistics, p.unended));
}

// By a thread of ours, for a program that is about to move a tape.
config::ProofAnswer prove(Plugin& p, const std::string& control_device) {
  using Kind = config::ProofAnswer::Kind;
  const auto proof = p.drives->prove(control_device, kProofPatience);
  if (!proof) return {Kind::unknown};
  switch (proof->kind) {
    case Proof::Kind::unclaimed: return {Kind::unclaimed};
    case Proof::Kind::proven: return {Kind::proven};
    case Proof::Kind::failed: return {Kind::failed, proof->why};
  }
  return {};
}

reserve::Timing timing(const Plugin& p, bool hand_off) {
  reserve::Timing timing;
  // What opens and closes it is told; this is in case that something was not.
  if (p.opens.unavailable().empty()) {
    timing.open_poll = std::chrono::seconds(30);
    timing.idle_release = reserve::Duration::max();  // as each drive's own storage-ctl.conf has it
  }
  timing.hand_off = hand_off;
  return timing;
}

void add_mended(Plugin& p, const SharedDevice& device) {
  p.log.line(device.display() + " can be locked now with key " + device.key_text() +
             "; it could not when the daemon was started");
  p.drives->add(device);
}

}  // namespace

void set_up(Plugin& p, bool hand_off) {
  const auto reader = config::disk_reader();
  if (p.daemon.config_path().empty()) {
    p.shared.unreadable = "the path of the configuration file is not known";
  } else {
    p.config = config::load_sd_config(p.daemon.config_path(), *reader);
    p.shared = config::shared_devices(p.config, config::disk_conf_loader());
  }
  const auto path = record::state_path(p.shared.working_directory, p.shared.sd_name);
  if (auto state = record::read_state(path)) {
    wait_for_end_of(*state);
    p.previous_life = std::move(*state);
  }
  p.unended = std::make_shared<UnendedVolumes>(
      p.previous_life ? p.previous_life->unended : std::vector<record::UnendedVolume>{},
      [&p] { p.publisher->changed(); });
  p.notifier = std::make_unique<Notifier>(notify_rules(p.shared), Notifier::Run{}, [&p] { p.publisher->changed(); });
  p.health = std::make_unique<HealthWatch>(HealthWatch::drives(p.shared), health_surroundings(p));
  p.mutual = std::make_unique<MutualWatch>(MutualWatch::drives(p.shared), mutual_surroundings(p),
                                           MutualWatch::timing(p.shared));
  const auto collect = [&p] {
    auto state = collect_state(p);
    p.notifier->observe(state);
    return state;
  };
  p.publisher = std::make_unique<StatePublisher>(path, collect,
                                                 record::history_path(p.shared.working_directory, p.shared.sd_name));
  for (const auto& d : p.shared.devices) {
    if (d.problem.empty() && d.watch_opens) p.opens.add(d.control_device, archives_of(p, d.control_device));
  }
  // Also of those that cannot be locked as they are configured: what is corrected later finds its own here.
  for (const auto& d : p.shared.devices) {
    if (d.control_device.empty() || p.identities.contains(d.control_device)) continue;
    p.identities[d.control_device] = std::make_shared<DriveIdentity>(
        names_of_drive(p, d, archives_of(p, d.control_device)), DeviceWorld{}, &p.nodes);
    auto names = archives_of(p, d.control_device);
    names.push_back(d.control_device);
    p.nodes.add(d.control_device, names);
  }
  p.drives = std::make_unique<SharedDrives>(
      p.shared.devices, [&p](const SharedDevice& d) { return make_port(p, d); },
      SharedDrives::Listener{[&p] { p.publisher->changed(); },
                             [&p](const SharedDevice& d, const reserve::JobNotice& n) { tell(p, d, n); },
                             [&p](const SharedDevice& d, const reserve::DriveView& v) { tell_opened(p, d, v); },
                             [&p](reserve::JobContext owner) { return p.jobs.name_of(owner); }},
      timing(p, hand_off));
  p.mending = std::make_unique<Mending>([&p] { return config::shared_devices(p.config, config::disk_conf_loader()); },
                                        [&p](const SharedDevice& d) { add_mended(p, d); });
  p.admission = std::make_unique<Admission>(
      p.shared, *p.drives, p.jobs, p.mending.get(),
      [&p](const Job& job, const SharedDevice& device) { return gives_in(p, job, device); });
  if (p.shared.debug_log) scsi::log_commands([&p](const std::string& line) { p.log.line(line); });
  p.proofs = std::make_unique<ProofServer>([&p](const std::string& control) { return prove(p, control); });
  report_problems(p);
}

}  // namespace shstore::plugin
