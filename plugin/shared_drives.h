// All shared drives of this daemon. Bacula's words come in (a job, a device), the engine's answers go out.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/shared/shared_devices.h"
#include "plugin/drive_agent.h"
#include "reserve/mutual_wait.h"
#include "reserve/record/state.h"

namespace shstore::plugin {

using PortFactory = std::function<std::unique_ptr<reserve::LockPort>(const config::SharedDevice&)>;

/// Thread-safe. Device resources with the same Control Device are one drive.
class SharedDrives {
 public:
  struct Listener {
    std::function<void()> changed = [] {};  ///< as DriveAgent::Listener::changed
    /// A job must hear of something about the device; by a thread of ours, with no lock held.
    std::function<void(const config::SharedDevice&, const reserve::JobNotice&)> notice = [](const auto&, const auto&) {
    };
    /// As DriveAgent::Listener::opened.
    std::function<void(const config::SharedDevice&, const reserve::DriveView&)> opened = [](const auto&, const auto&) {
    };
    /// As DriveAgent::Listener::job_name.
    std::function<std::string(reserve::JobContext)> job_name = [](reserve::JobContext) { return std::string(); };
  };
  SharedDrives(const std::vector<config::SharedDevice>& devices, const PortFactory& make_port, Listener listener,
               const reserve::Timing& timing = {});

  /// May the job use the device? Claims it if so. At most about DriveAgent::kAnswerDeadline.
  reserve::Answer request(const config::SharedDevice& device, reserve::JobContext owner, reserve::JobId job);
  /// The same, with the lock proven on the drive.
  reserve::Answer verified(const config::SharedDevice& device, reserve::JobContext owner, reserve::JobId job);
  /// As DriveAgent's.
  void opens_volume(const config::SharedDevice& device, const std::string& volume, bool appends) {
    find(device.control_device)->opens_volume(volume, appends);
  }
  /// The job looks at another drive now: its claim on this one ends, it may still wait for it. Does not wait.
  void leave(const config::SharedDevice& device, reserve::JobContext owner);
  /// The job opens a device that is not shared: it waits for none of these any longer. Does not wait.
  void stop_waiting(reserve::JobContext owner);
  using Conclusions = std::vector<std::pair<const config::SharedDevice*, Conclusion>>;
  /// The job has written its last, and its end is about to be reported: the drives whose lock did not
  /// provably hold till now. At most about DriveAgent::kAnswerDeadline for each drive that it has.
  Conclusions concluded(reserve::JobContext owner, reserve::JobId job);
  /// The job is over: nothing of it is left. Does not wait.
  void end(reserve::JobContext owner);

  /// DriveAgent::prove for the drive with that control device; nothing: there is none.
  std::optional<Proof> prove(const std::string& control_device, std::chrono::milliseconds patience);
  /// DriveAgent::read of the drive with that control device.
  std::optional<reserve::LockReading> read(const std::string& control_device, std::chrono::milliseconds patience);
  /// Something may have happened to all drives for which `is_it` is true of the control device. Does not wait.
  void prove_soon(const std::function<bool(const std::string& control_device)>& is_it);

  /// DriveAgent::path_event for the drive with that control device.
  void path_event(const std::string& control_device);
  /// DriveAgent::device_event for the drive with that control device.
  void device_event(const std::string& control_device);

  void start();
  /// A device that had a problem has none any more. `device` lives as long as this. After start().
  void add(const config::SharedDevice& device);
  /// The daemon ends: stops the workers (waiting `patience` in all) and, with release_all(), gives everything
  /// back; false if something may still be held.
  void stop(std::chrono::milliseconds patience);
  bool release_all();

  std::vector<record::DriveState> state() const;
  /// The jobs that have drives or wait for some, by control device; all else of them is not known here.
  std::vector<reserve::JobOnDrives> jobs() const;
  /// What drives cannot tell (reserve::LockPort::limit), in words for the administrator.
  std::vector<std::string> limits() const;

 private:
  struct Agent {
    std::string control;
    DriveAgent* agent;
  };
  void make(const config::SharedDevice& device);
  /// Those that there are now; one more may come at any time, none goes.
  std::vector<Agent> agents() const;
  DriveAgent* find(const std::string& control) const;  ///< nullptr: there is none
  void pass_on(const config::SharedDevice& device, const reserve::JobNotice& notice);

  const std::vector<config::SharedDevice> devices_;
  const PortFactory make_port_;
  const reserve::Timing timing_;
  const Listener listener_;
  const std::shared_ptr<DriveAgent::Common> common_ = std::make_shared<DriveAgent::Common>();
  const reserve::Duration promise_;  ///< how long a job that was told to come for one drive gets no other
  mutable std::mutex mutex_;         ///< of the next two; never held while an agent is asked
  std::map<std::string, std::unique_ptr<DriveAgent>> agents_;  ///< by control device
  std::vector<const config::SharedDevice*> added_;
  std::vector<DriveAgent*> stopped_;  ///< those whose worker is not stuck in a command
};

}  // namespace shstore::plugin
