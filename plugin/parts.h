// The parts of the plugin in one daemon, and nothing that they do: assembly.h puts them together, life.h starts and ends them.
#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "plugin/admission.h"
#include "plugin/daemon.h"
#include "plugin/debug_log.h"
#include "plugin/device_watch.h"
#include "plugin/drive_identity.h"
#include "plugin/health_watch.h"
#include "plugin/limits.h"
#include "plugin/mending.h"
#include "plugin/mutual_watch.h"
#include "plugin/node_watch.h"
#include "plugin/notifier.h"
#include "plugin/open_watch.h"
#include "plugin/proof_server.h"
#include "plugin/running_jobs.h"
#include "plugin/shared_drives.h"
#include "plugin/state_publisher.h"
#include "plugin/volume_ends.h"
#include "reserve/record/state_file.h"
#include "scsi/command_log.h"

namespace shstore::plugin {

/// The path by which bacula-sd loaded us; empty where the loader does not say.
std::string own_file();

/// All of the plugin in one daemon. Never destroyed: threads of Bacula's and ours may outlive unloadPlugin. What is a pointer is
/// there from set_up() (plugin/assembly.h) on and never changes; every part is safe to use from any thread.
struct Plugin {
  Plugin(const abi::Info& info, const abi::Functions& functions, std::string our_version)
      : version(std::move(our_version)),
        daemon(info, functions),
        jobs({[this](void* jcr, MessageType type, const std::string& text) { daemon.queue_message(jcr, type, text); },
              [this] { daemon.wake_reserving_jobs(); }}) {}

  const std::string version;  ///< the plugin's
  Daemon daemon;
  RunningJobs jobs;
  config::SdConfig config{};
  config::SharedDevices shared;
  DebugLog log{scsi::kDebugLogFile};
  DeviceWatch watch;
  OpenWatch opens;
  NodeWatch nodes;
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

/// Of Bacula's debug messages, from which on ours are seen too (bacula-sd -d50).
inline constexpr int kDebugLevel = 50;

/// A drive as people call it: the Device's name, else `control` itself.
std::string name_of(const Plugin& p, const std::string& control);

/// What a command of ours was told, and the engine was not: kept for others, and looked into at once.
void pass_on_attentions(Plugin& p, const std::string& control, const std::vector<std::string>& attentions);

}  // namespace shstore::plugin
