// shstore-sd.so: what bacula-sd calls. An adapter and nothing more: Bacula's events come in,
// plugin/admission.h and the engine decide.
//
// No exception leaves this file. A device that is configured for locking is refused whenever anything about it is not
// understood; a device that is not shared is none of our business.
#include <dlfcn.h>
#include <fmt/chrono.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include "plugin/admission.h"
#include "plugin/command_lock_port.h"
#include "plugin/daemon.h"
#include "plugin/debug_log.h"
#include "plugin/device_open.h"
#include "plugin/device_users.h"
#include "plugin/device_watch.h"
#include "plugin/mending.h"
#include "plugin/mutual_watch.h"
#include "plugin/drive_identity.h"
#include "plugin/health_watch.h"
#include "plugin/limits.h"
#include "plugin/notifier.h"
#include "plugin/proof_server.h"
#include "plugin/running_jobs.h"
#include "plugin/scsi_lock_port.h"
#include "plugin/shared_drives.h"
#include "plugin/state_publisher.h"
#include "plugin/tool.h"
#include "plugin/volume_ends.h"
#include "reserve/refusal.h"
#include "scsi/command_log.h"
#include "reserve/record/history_file.h"
#include "reserve/record/state_file.h"
#include "scsi/base/printable.h"
#include "scsi/machine_sign.h"

#include <syslog.h>
#include <unistd.h>

namespace shstore::plugin {
namespace {

using config::SharedDevice;

#ifndef SHSTORE_HAND_OFF  // tests/bench builds the plugin without it too, to compare
#define SHSTORE_HAND_OFF true
#endif

constexpr int kDebugLevel = 50;
constexpr std::chrono::milliseconds kShutdownPatience{2000};
constexpr std::chrono::milliseconds kNotifyPatience{500};   // for what happens at the daemon's end
constexpr std::chrono::milliseconds kProofPatience{10000};  // for a program that is about to move a tape

/// The path by which bacula-sd loaded us.
std::string own_file() {
  Dl_info where{};
  static const char kSomethingOfOurs = 0;
  if (::dladdr(&kSomethingOfOurs, &where) == 0 || where.dli_fname == nullptr) return {};
  std::error_code error;
  return std::filesystem::absolute(where.dli_fname, error);
}

/// All of the plugin in one daemon. Never destroyed: threads of Bacula's and ours may outlive unloadPlugin.
struct Plugin {
  Plugin(const abi::Info& info, const abi::Functions& functions)
      : daemon(info, functions),
        jobs({[this](void* jcr, MessageType type, const std::string& text) { daemon.queue_message(jcr, type, text); },
              [this] { daemon.wake_reserving_jobs(); }}) {}

  Daemon daemon;
  RunningJobs jobs;
  config::SdConfig config{};
  config::SharedDevices shared;
  DebugLog log{scsi::kDebugLogFile};
  DeviceWatch watch;
  OpenWatch opens;
  std::map<std::string, std::shared_ptr<DriveIdentity>>
      identities{};  ///< by control device; never changed after set_up()
  std::unique_ptr<SharedDrives> drives;
  std::unique_ptr<Mending> mending;
  std::unique_ptr<Admission> admission;
  std::unique_ptr<StatePublisher> publisher;
  std::unique_ptr<ProofServer> proofs;
  std::unique_ptr<Notifier> notifier;
  std::unique_ptr<HealthWatch> health;
  std::unique_ptr<MutualWatch> mutual;
  mutable std::mutex missing_mutex;
  Missing missing{};
  std::optional<record::SdState> previous_life;
  std::shared_ptr<UnendedVolumes> unended;
  std::atomic<reserve::JobContext> next_owner{1};
  std::atomic<bool> unloaded{false};  ///< the daemon is ending in order
  std::atomic<bool> ended{false};     ///< everything was given back; a state written now says so
  std::atomic<size_t> limits_told{0};
  const std::string file = own_file();
  const std::string file_id = record::file_id(file);
  const pid_t pid = ::getpid();
  record::WallTime started = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  std::mutex starting;
  bool has_begun = false;             ///< under `starting`
  std::atomic<bool> complete{false};  ///< nothing is missing that could be tried again
};

Plugin* g_plugin = nullptr;

Missing missing_of(const Plugin& p) {
  const std::lock_guard lock(p.missing_mutex);
  return p.missing;
}

std::vector<std::string> limits_of(const Plugin& p) {
  LimitFacts facts{p.shared.devices,  missing_of(p),     p.opens.unavailable(),
                   p.jobs.can_wake(), p.daemon.limits(), p.drives->limits()};
  for (const auto& [control, identity] : p.identities) facts.notes.emplace_back(control, identity->note());
  facts.notify = p.notifier->trouble();
  facts.history = p.publisher->history_error();
  auto limits = plugin::limits(facts);
  return limits;
}

// A drive as people call it.
std::string name_of(const Plugin& p, const std::string& control) {
  for (const auto& d : p.shared.devices) {
    if (d.control_device == control) return d.name;
  }
  return control;
}

record::WallTime wall_time(reserve::Instant t) {
  const auto from_now =
      std::chrono::duration_cast<std::chrono::system_clock::duration>(t - reserve::Instant::clock::now());
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now() + from_now);
}

std::vector<record::MutualWait> mutual_waits(const Plugin& p) {
  std::vector<record::MutualWait> all;
  for (const auto& standing : p.mutual->waits()) {
    record::MutualWait m{wall_time(standing.since.at)};
    for (const auto& link : standing.wait.ring)
      m.ring.push_back({link.host, name_of(p, link.has), name_of(p, link.waits_for)});
    m.job = standing.wait.job;
    m.having = standing.wait.having;
    m.proven = standing.wait.proven;
    if (standing.gives_in_at) m.gives_in_at = wall_time(*standing.gives_in_at);
    all.push_back(std::move(m));
  }
  return all;
}

record::SdState collect_state(const Plugin& p) {
  record::SdState s;
  s.sd_name = p.shared.sd_name;
  s.plugin_version = SHSTORE_VERSION;
  s.bacula_version = p.daemon.version();
  s.pid = ::getpid();
  s.pid_started = record::process_start(s.pid);
  s.pid_namespace = record::pid_namespace();
  s.running = !p.ended;
  s.started = p.started;
  s.updated = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  s.limits = limits_of(p);
  s.plugin_file = p.file;
  s.plugin_file_id = p.file_id;
  s.drives = p.drives->state();
  s.mutual_waits = mutual_waits(p);
  s.unended = p.unended->all();
  const auto names = p.jobs.names();
  for (auto& drive : s.drives) {
    drive.health = p.health->health(drive.control_device);
    const auto identity = p.identities.find(drive.control_device);
    if (identity != p.identities.end()) drive.locked_drive = identity->second->remembered();
    for (auto& claim : drive.claims) {
      if (const auto name = names.find(claim.job); name != names.end()) claim.name = name->second;
    }
  }
  return s;
}

// To the jobs that use the drive: whoever reads their log must not take it for a drive that hangs.
void tell_of_calibration(Plugin& p, const std::string& control) {
  for (const auto& drive : p.drives->state()) {
    if (drive.control_device != control) continue;
    for (const auto& claim : drive.claims) {
      p.jobs.tell_job(
          claim.job, MessageType::info,
          fmt::format(
              "shstore: device \"{}\" ({}) takes a cartridge in or calibrates it. A new LTO-9 cartridge is calibrated at "
              "its first load, which takes 20 minutes to 2 hours: do not interrupt it, and let Maximum Changer Wait be "
              "longer than that.",
              drive.name, drive.archive_device));
    }
  }
}

// What a command of ours was told, and the engine was not.
void pass_on_attentions(Plugin& p, const std::string& control, const std::vector<std::string>& attentions) {
  (void)record::record_attentions(record::attentions_path(p.shared.working_directory, p.shared.sd_name), control,
                                  attentions);
  p.drives->prove_soon([&](const auto& c) { return c == control; });
}

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

std::optional<std::string> gives_in(const Plugin& p, const Job& job, const SharedDevice& device) {
  const auto standing = p.mutual->gives_in(job.owner);
  if (!standing) return std::nullopt;
  auto ring = standing->wait.ring;
  for (auto& link : ring) {
    link.has = '"' + name_of(p, link.has) + '"';
    link.waits_for = '"' + name_of(p, link.waits_for) + '"';
  }
  const auto& having = standing->wait.having;
  const auto half = having.empty() || having.front() == job.id ? 0 : having.front();
  const auto still =
      std::chrono::duration_cast<reserve::Duration>(reserve::Instant::clock::now() - standing->still_since.at);
  return reserve::gives_in_text(job.id, device.display(), ring, half, still);
}

// A lock under our key that an earlier life of this very daemon left behind is ours to release; one that anybody else
// made with our key (the administrator by hand, another program) is not.
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
  const auto is_open = [archives] {
    return std::any_of(archives.begin(), archives.end(), [](const auto& a) { return is_open_in_this_process(a); });
  };
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
  const auto statistics = [archives, identity]() -> std::optional<scsi::TapeStatistics> {
    const auto locked = identity->device();
    for (const auto& a : archives) {
      if (!locked.empty() && scsi::sysfs_device(a) != locked) continue;
      if (auto counted = scsi::read_tape_statistics(a)) return counted;
    }
    return std::nullopt;
  };
  return watched(std::make_unique<ScsiLockPort>(device.control_device, device.key, left_by_earlier_life(p, device),
                                                is_open,
                                                record::attentions_path(p.shared.working_directory, p.shared.sd_name),
                                                &p.watch, identity, statistics, p.unended));
}

// After unloadPlugin bacula-sd closes its devices and calls exit(): only now may a lock that was kept for an open device
// go. Any other exit() is a child's, or an error's with jobs at work: what is held then is for the next life to find.
void at_exit() {
  try {
    if (g_plugin == nullptr || !g_plugin->unloaded || g_plugin->pid != ::getpid()) return;
    g_plugin->ended = g_plugin->drives->release_all();
    (void)g_plugin->publisher->write_now();
    g_plugin->notifier->finish(kNotifyPatience);
    g_plugin->notifier->stop(kNotifyPatience);  // nobody would end after us a program that hangs
  } catch (const std::exception&) {
    // The next life of the daemon finds what is left.
  }
}

void report_problems(const Plugin& p) {
  if (!p.shared.unreadable.empty()) {
    p.daemon.message(nullptr, MessageType::error, "shstore: the configuration has an error: " + p.shared.unreadable);
  }
  for (const auto& d : p.shared.devices) {
    if (d.problem.empty()) continue;
    p.daemon.message(nullptr, MessageType::error,
                     "shstore: device " + d.display() + " cannot be locked, jobs will not get it: " + d.problem);
  }
  for (const auto& [control, identity] : p.identities) {
    if (const auto why = identity->refusal(); !why.empty()) {
      p.daemon.message(
          nullptr, MessageType::error,
          "shstore: device " + names_of(p.shared.devices, control) + ": " + why + ". Jobs will not get it.");
    }
  }
  for (const auto& limit : p.daemon.limits()) p.daemon.message(nullptr, MessageType::warning, "shstore: " + limit);
}

std::string clock_text(reserve::Instant moment) {
  const auto ago = std::chrono::duration_cast<std::chrono::seconds>(reserve::Instant::clock::now() - moment);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}",
                     fmt::localtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - ago)));
}

// By a thread of ours.
void tell(Plugin& p, const SharedDevice& device, const reserve::JobNotice& notice) {
  if (notice.kind == reserve::JobNotice::Kind::come) {
    p.jobs.wake(notice.owner);
    return;
  }
  const auto text = reserve::notice_text(notice, device.display(), clock_text(notice.from), clock_text(notice.until));
  p.log.line(text);
  p.jobs.tell(notice.owner, notice.fatal() ? MessageType::fatal : MessageType::warning, text);
}

// By a thread of ours. The daemon's log often goes to a Director that is not connected, the system's is always there.
void tell_opened(Plugin& p, const SharedDevice& device, const reserve::DriveView& view) {
  const auto [text, warn] = reserve::opened_text(view, device.display(), device.key_text());
  p.log.line(text);
  p.daemon.message(nullptr, warn ? MessageType::warning : MessageType::info, "shstore: " + text);
  ::syslog(LOG_DAEMON | (warn ? LOG_WARNING : LOG_INFO), "shstore: %s", base::printable(text).c_str());
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

reserve::Timing timing(const Plugin& p) {
  reserve::Timing timing;
  // What opens and closes it is told; this is in case that something was not.
  if (p.opens.unavailable().empty()) {
    timing.open_poll = std::chrono::seconds(30);
    timing.idle_release = reserve::Duration::max();  // as each drive's own storage-ctl.conf has it
  }
  timing.hand_off = SHSTORE_HAND_OFF;
  return timing;
}

void add_mended(Plugin& p, const SharedDevice& device) {
  p.log.line(device.display() + " can be locked now with key " + device.key_text() +
             "; it could not when the daemon was started");
  p.drives->add(device);
}

void set_up(Plugin& p) {
  const auto reader = config::disk_reader();
  if (p.daemon.config_path().empty()) {
    p.shared.unreadable = "the path of the configuration file is not known";
  } else {
    p.config = config::load_sd_config(p.daemon.config_path(), *reader);
    p.shared = config::shared_devices(p.config, config::disk_conf_loader());
  }
  const auto path = record::state_path(p.shared.working_directory, p.shared.sd_name);
  if (auto state = record::read_state(path)) p.previous_life = std::move(*state);
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
    p.identities[d.control_device] =
        std::make_shared<DriveIdentity>(names_of_drive(p, d, archives_of(p, d.control_device)));
  }
  p.drives = std::make_unique<SharedDrives>(
      p.shared.devices, [&p](const SharedDevice& d) { return make_port(p, d); },
      SharedDrives::Listener{[&p] { p.publisher->changed(); },
                             [&p](const SharedDevice& d, const reserve::JobNotice& n) { tell(p, d, n); },
                             [&p](const SharedDevice& d, const reserve::DriveView& v) { tell_opened(p, d, v); },
                             [&p](reserve::JobContext owner) { return p.jobs.name_of(owner); }},
      timing(p));
  p.mending = std::make_unique<Mending>([&p] { return config::shared_devices(p.config, config::disk_conf_loader()); },
                                        [&p](const SharedDevice& d) { add_mended(p, d); });
  p.admission = std::make_unique<Admission>(
      p.shared, *p.drives, p.jobs, p.mending.get(),
      [&p](const Job& job, const SharedDevice& device) { return gives_in(p, job, device); });
  if (p.shared.debug_log) scsi::log_commands([&p](const std::string& line) { p.log.line(line); });
  p.proofs = std::make_unique<ProofServer>([&p](const std::string& control) { return prove(p, control); });
  report_problems(p);
}

// Each may be tried again.
Missing start_helpers(Plugin& p) {
  Missing missing;
  missing.watch = p.watch.start([&p](const std::string& device) {
    p.drives->prove_soon([&](const auto& control) {
      const auto identity = p.identities.find(control);
      return device.empty() || identity == p.identities.end() || identity->second->device() == device;
    });
  });
  missing.opens = p.opens.start([&p](const std::string& control) { p.drives->device_event(control); });
  if (!p.shared.working_directory.empty()) {
    missing.proofs = p.proofs->start(config::proof_path(p.shared.working_directory, p.shared.sd_name));
  }
  missing.states = p.publisher->start();
  return missing;
}

// Nothing depends on them: without a thread nobody is notified, and what drives say of themselves is not known.
void start_observers(Plugin& p) {
  try {
    p.notifier->start();
    p.health->start();
    p.mutual->start();
  } catch (const std::exception& e) {
    p.daemon.message(
        nullptr, MessageType::warning,
        std::string(
            "shstore: notify, the drives' own state and hosts that wait for each other are not looked after: ") +
            e.what());
  }
}

// Threads are started by the first job context, which is the daemon's own when it opens its devices: loadPlugin runs
// before bacula-sd gives up root's privileges. What the machine has no thread for is tried again with each job that comes; a
// drive's own is tried by each job that wants the drive.
void start(Plugin& p, abi::Context& context) {
  if (p.complete) return;
  const std::lock_guard lock(p.starting);
  if (p.complete) return;
  const bool first = !std::exchange(p.has_begun, true);
  if (first && p.shared.debug_log) {
    if (const auto why = p.log.start(); !why.empty())
      p.daemon.message(&context, MessageType::warning, "shstore: " + why);
    p.log.line(
        fmt::format("{} begins in bacula-sd {} with {}", SHSTORE_VERSION, p.daemon.version(), p.daemon.config_path()));
  }
  if (first) p.drives->start();
  auto missing = start_helpers(p);
  const bool later = !missing.states.empty() || !missing.proofs.empty() ||
                     (!missing.watch.empty() && p.watch.unavailable().empty()) ||
                     (!missing.opens.empty() && p.opens.unavailable().empty());
  {
    const std::lock_guard telling(p.missing_mutex);
    p.missing = std::move(missing);
  }
  p.complete = !later;
  if (!first) return p.publisher->changed();
  const auto written = p.publisher->write_now();
  if (!written)
    p.daemon.message(&context, MessageType::warning, "shstore: shstore-status will know nothing: " + written.error());
  start_observers(p);
  std::atexit(at_exit);
}

// Also to the first job that comes, because the daemon's own messages often go to a Director that is not connected.
void tell_limits(Plugin& p, abi::Context& context) {
  auto limits = limits_of(p);
  if (const auto error = p.publisher->state_error(); !error.empty())
    limits.push_back("shstore-status does not know what happens from now on: " + error);
  if (p.limits_told.exchange(limits.size()) >= limits.size()) return;
  for (const auto& limit : limits) p.daemon.message(&context, MessageType::info, "shstore: " + limit + '.');
}

// The side of bacula-sd in one event: the job's context, and the DCR whose device it is about.
class DaemonCaller final : public Caller {
 public:
  DaemonCaller(Plugin& p, abi::Context& context, void* dcr)
      : daemon_(p.daemon), log_(p.log), context_(context), dcr_(dcr) {}
  const void* dcr() const override { return dcr_; }
  std::optional<std::string> edit_device_codes(const char* codes) const override {
    return daemon_.edit_device_codes(context_, dcr_, codes);
  }
  void set_reserve_message(const std::string& text) const override { daemon_.set_reserve_message(context_, text); }
  void message(MessageType type, const std::string& text) const override {
    log(text);
    daemon_.message(&context_, type, text);
  }
  void debug(const std::string& text) const override { daemon_.debug(&context_, kDebugLevel, text); }
  void note(const std::string& text) const override { log(text); }

 private:
  void log(const std::string& text) const {
    const auto job = daemon_.job_id(context_);
    const bool named = job == 0 || text.find("JobId=") != std::string::npos;
    log_.line(named ? text : fmt::format("JobId={}: {}", job, text));
  }

  const Daemon& daemon_;
  DebugLog& log_;
  abi::Context& context_;
  void* const dcr_;
};

// Runs `body`; an exception becomes `otherwise`, so that a job is refused rather than let through.
template <class Body>
int guarded(int otherwise, Body body) noexcept {
  try {
    return g_plugin == nullptr ? abi::rc_ok : body(*g_plugin);
  } catch (...) {
    return otherwise;
  }
}

int new_plugin(abi::Context* context) {
  // Any other answer than OK would let the job run without the plugin. One without a Job of ours is refused later.
  return guarded(abi::rc_ok, [&](Plugin& p) {
    context->plugin = nullptr;
    p.daemon.check_layout(*context);
    start(p, *context);
    auto* job = new Job{p.next_owner++, p.daemon.job_id(*context)};
    context->plugin = job;
    p.jobs.begin(job->owner, Daemon::jcr_of(*context), job->id, p.daemon.job_name(*context),
                 p.daemon.job_half(*context));
    if (job->id != 0) tell_limits(p, *context);
    return abi::rc_ok;
  });
}

int free_plugin(abi::Context* context) {
  return guarded(abi::rc_ok, [&](Plugin& p) {
    if (const auto* job = static_cast<const Job*>(context->plugin)) {
      p.jobs.end(job->owner);
      p.drives->end(job->owner);
      delete job;
    }
    context->plugin = nullptr;
    return abi::rc_ok;
  });
}

int no_value(abi::Context*, int, void*) { return abi::rc_ok; }

// Close events are not looked at: they come twice, for other jobs, before the device is closed, from a signal handler
// at shutdown, or not at all. A job's claims end with the job.
int handle_event(abi::Context* context, abi::SdEvent* event, void* value) {
  return guarded(abi::rc_error, [&](Plugin& p) -> int {
    auto* job = static_cast<Job*>(context->plugin);
    const DaemonCaller caller(p, *context, value);
    switch (event->type) {
      case abi::event_device_try_open: return p.admission->try_open(job, caller) ? abi::rc_ok : abi::rc_error;
      case abi::event_device_open: return p.admission->open(job, caller) ? abi::rc_ok : abi::rc_error;
      case abi::event_job_end:
        if (job) p.admission->conclude(*job, caller);
        return abi::rc_ok;
      default: return abi::rc_ok;
    }
  });
}

// A daemon's are for us in handle_event.
int handle_global_event(abi::SdEvent* event, void* value) {
  if (event != nullptr) tool_event(event->type, value);
  return abi::rc_ok;
}

abi::PluginInfo g_info = {sizeof(abi::PluginInfo),
                          0,
                          abi::kMagic,
                          abi::kLicense,
                          "the shstore authors",
                          "2026",
                          SHSTORE_VERSION,
                          "shares tape drives between Storage Daemons by SCSI persistent reservation"};

abi::PluginFunctions g_functions = {
    sizeof(abi::PluginFunctions), 0, new_plugin, free_plugin, no_value, no_value, handle_event, handle_global_event};

}  // namespace
}  // namespace shstore::plugin

#define SHSTORE_EXPORT extern "C" __attribute__((visibility("default")))

SHSTORE_EXPORT int loadPlugin(shstore::plugin::abi::Info* info, shstore::plugin::abi::Functions* functions,
                              shstore::plugin::abi::PluginInfo** our_info,
                              shstore::plugin::abi::PluginFunctions** our_functions) {
  using namespace shstore::plugin;
  try {
    g_info.version = g_functions.version = info->version;
    *our_info = &g_info;
    *our_functions = &g_functions;
    auto plugin = std::make_unique<Plugin>(*info, *functions);
    if (!plugin->daemon.is_storage_daemon()) {
      set_up_tool(plugin->daemon);
      return abi::rc_ok;
    }
    set_up(*plugin);
    g_plugin = plugin.release();
    return abi::rc_ok;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "shstore: the plugin cannot start, drives are NOT protected: %s\n", e.what());
    return abi::rc_error;
  }
}

// Called when the daemon ends and its devices are still open.
SHSTORE_EXPORT int unloadPlugin() {
  using namespace shstore::plugin;
  return guarded(abi::rc_ok, [](Plugin& p) {
    p.unloaded = true;
    p.proofs->stop();
    p.watch.stop();
    p.health->stop(std::chrono::milliseconds::zero());
    p.mutual->stop(std::chrono::milliseconds::zero());
    p.opens.stop();
    p.drives->stop(kShutdownPatience);
    p.publisher->stop(kShutdownPatience);
    return abi::rc_ok;
  });
}
