// The bacula-sd that has loaded us: what it is, and the few things we ask of it.
//
// Everything that is not in the plugin interface itself is looked up by name at run time, and offsets into Bacula's
// structures are used only for a build that is in the table and only after they were proven on the job at hand.
// What is missing is told by limits().
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/abi/bacula_abi.h"
#include "reserve/mutual_wait.h"

namespace shstore::plugin {

enum class MessageType { fatal, error, warning, info };

/// Bacula's number for M_FATAL, from which the others follow (lib/message.h): M_EVENTS was put in before it in 11.3. 11.0 has
/// M_EVENTS too, at the end. `has_events`: does the daemon have events_send_msg? Without it nothing has moved, whatever the version
/// says, which is but a file's name; with it the version decides, if it is known.
int number_of_fatal(std::string_view version, bool has_events);

class Daemon {
 public:
  /// Call once, in loadPlugin.
  Daemon(const abi::Info& info, const abi::Functions& functions);

  uint32_t interface_version() const { return interface_version_; }
  const std::string& program() const { return program_; }  ///< "bacula-sd", "btape", ...
  /// False for the tools that load plugins too. A program of any other name is taken for a daemon, renamed perhaps:
  /// one that is not recognised must not run unprotected.
  bool is_storage_daemon() const;
  const std::string& version() const { return version_; }          ///< "9.6.7"; empty if unknown
  const std::string& config_path() const { return config_path_; }  ///< the file in use; empty if unknown
  /// True if device codes can be expanded: without that no device can be told from another.
  bool can_name_devices() const { return edit9_ != nullptr || edit15_ != nullptr; }
  /// In words for the administrator; empty for a daemon in which everything works.
  std::vector<std::string> limits() const;

  /// Bacula's own expansion of %a, %l, %c, ... for this job and device (stored/autochanger.c, edit_device_codes).
  /// Nothing if the job has no device.
  std::optional<std::string> edit_device_codes(abi::Context& context, void* dcr, const char* codes) const;

  uint32_t job_id(abi::Context& context) const;
  /// Its unique name, "NightlySave.2026-11-30_01.05.00_07": what %j is in a Changer Command. Empty: not told.
  std::string job_name(abi::Context& context) const;

  /// Of a Copy or Migration, which bacula-sd runs as two jobs: the one that reads is known by its type; the one that writes by
  /// JCR::sd_client, which the Director sets of no other (dird/mac.c), where the place of that is proven.
  reserve::JobHalf job_half(abi::Context& context) const;

  /// DeviceOpen: has bacula-sd brought the tape of that device to the end of its data, for a job that is the first to write there? False
  /// also where it cannot be told: for a build whose DEVICE is not known, or a device that is no open tape.
  bool begins_to_append(abi::Context& context, void* dcr, const std::string& archive_device) const;

  /// Call for every new job: are its fields where the tested build of this version keeps them? If not, what depends on
  /// that is off from now on, and limits() says so.
  void check_layout(abi::Context& context);

  /// The text that `status storage` shows under "Jobs waiting to reserve a drive:"; only while DeviceTryOpen is
  /// handled, in the job's thread. Does nothing where the place of that text is not proven.
  void set_reserve_message(abi::Context& context, const std::string& text) const;

  /// One line for the job's log (null context: the daemon's). `text` without a newline. Only from a thread of Bacula
  /// that is handling a call of ours for this job.
  void message(abi::Context* context, MessageType type, const std::string& text) const;
  void debug(abi::Context* context, int level, const std::string& text) const;

  // For threads of ours. `jcr` must not be freed meanwhile (plugin/running_jobs.h sees to that).

  static void* jcr_of(const abi::Context& context) {
    return context.bacula ? *static_cast<void**>(context.bacula) : nullptr;
  }
  /// One line for the job's log, which Bacula prints with the job's next one or at its end (Qmsg in lib/message.c). With
  /// MessageType::fatal the job fails: it stops at its next record, and ends with an error whatever it did.
  void queue_message(void* jcr, MessageType type, const std::string& text) const;
  bool can_queue_messages() const { return qmsg_ != nullptr; }
  /// Wakes every job that waits in wait_for_any_device (stored/wait.c): each tries once more to reserve a drive.
  void wake_reserving_jobs() const;

 private:
  using QMsg = void (*)(void* jcr, int type, int64_t mtime, const char* format, ...);

  char** reserve_message_of(abi::Context& context) const;
  /// Before a thread of ours calls what takes a mutex of Bacula's: the lock manager of 11.0 does not know the thread, and
  /// bacula-sd would crash in bthread_mutex_lock_p (lib/lockmgr.c; later versions look whether it does).
  void announce_thread() const;

  const abi::Functions& functions_;
  uint32_t interface_version_;
  std::string program_, version_, config_path_;
  abi::EditCodes9 edit9_ = nullptr;
  abi::EditCodes15 edit15_ = nullptr;
  QMsg qmsg_ = nullptr;
  const char* (*operation_of_)(void* jcr) = nullptr;  ///< JCR::get_OperationName (lib/jcr.c)
  bool (*lock_manager_knows_)() = nullptr;
  void (*tell_lock_manager_)() = nullptr;
  void* wait_device_release_ = nullptr;  ///< pthread_cond_t of bacula-sd (stored/wait.c)
  std::atomic<bool> layout_disproved_{false};
  int first_type_ = 0;  ///< number_of_fatal
};

}  // namespace shstore::plugin
