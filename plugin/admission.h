// What the plugin decides about a job: may it have the device that bacula-sd has picked, and did its locks hold?
//
// Knows bacula-sd by Caller alone, so it can be tried without one. Whatever is not understood about a shared device is refused;
// a device that is not shared is none of our business.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "config/shared/shared_devices.h"
#include "plugin/daemon.h"
#include "plugin/dcr_moves.h"
#include "plugin/mending.h"
#include "plugin/running_jobs.h"
#include "plugin/shared_drives.h"
#include "plugin/whole_pass.h"

namespace shstore::plugin {

/// One life of a job: what pContext points to. Used by the job's thread only.
struct Job {
  reserve::JobContext owner;
  reserve::JobId id;        ///< 0: the daemon's own, at its start
  bool has_opened = false;  ///< a device: it is no more in the loop that looks for one
  DcrMoves moves{};
  WholePass pass{};
  std::set<std::string> told{};                  ///< reasons for which no job can have a device, in its log already
  std::set<std::string> got{};                   ///< control devices of which its log says that it got the lock
  std::map<std::string, std::string> refused{};  ///< by device: what the debug log said last of its refusal
};

/// The side of bacula-sd in one event.
class Caller {
 public:
  virtual ~Caller() = default;
  /// The address of the job's DCR whose device the event is about. Never dereferenced here.
  virtual const void* dcr() const = 0;
  // As those of Daemon, for this job and this DCR.
  virtual std::optional<std::string> edit_device_codes(const char* codes) const = 0;
  virtual bool begins_to_append(const std::string& archive) const = 0;
  virtual void set_reserve_message(const std::string& text) const = 0;
  virtual void message(MessageType type, const std::string& text) const = 0;
  virtual void debug(const std::string& text) const = 0;
  /// Into the plugin's own debug log, where a message() comes by itself.
  virtual void note(const std::string& text) const = 0;
};

/// Thread-safe as what it is made of: jobs may call at the same time, each for itself.
class Admission {
 public:
  /// Why a job that waits is refused for good; nothing: it waits on.
  using GivesIn = std::function<std::optional<std::string>(const Job& job, const config::SharedDevice& device)>;

  /// All must live longer. `mending`: nullptr: what was wrong at the start stays so.
  Admission(const config::SharedDevices& shared, SharedDrives& drives, RunningJobs& jobs, Mending* mending = nullptr,
            GivesIn gives_in = {})
      : shared_(shared), drives_(drives), jobs_(jobs), mending_(mending), gives_in_(std::move(gives_in)) {}

  /// DeviceTryOpen: may the job reserve the device? False: the job is refused, and its reserve message says why. `job` is
  /// nullptr for one of which nothing is known. At most about DriveAgent::kAnswerDeadline.
  bool try_open(Job* job, const Caller& caller);
  /// DeviceOpen: the job is about to use it; the lock is proven first. A refusal fails the job.
  bool open(Job* job, const Caller& caller);
  /// JobEnd, before the Director is told how the job ended: the last moment to say that a lock of its was lost. Its claims end.
  void conclude(const Job& job, const Caller& caller);

 private:
  bool admit(Job* job, const Caller& caller, bool opening);
  bool refuse_for_good(const Caller& caller, Job& job, const std::string& archive, const std::string& reason,
                       bool opening);
  bool no_drive_left(const std::string& archive) const;
  void follow(Job& job, const void* dcr, const config::SharedDevice* device);

  const config::SharedDevices& shared_;
  SharedDrives& drives_;
  RunningJobs& jobs_;
  Mending* const mending_;
  const GivesIn gives_in_;
};

}  // namespace shstore::plugin
