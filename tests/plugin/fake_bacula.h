// A bacula-sd 9.6.7 as far as a plugin sees it, in the process of a test: the names that the plugin looks up, the
// callbacks, the events of a job in Bacula's order, and the structures with the fields that the plugin uses at Debian's
// places. The library has the name of Bacula's, because the plugin knows the version by that.
// Sources: bacula 9.6.7, stored/sd_plugins.c, job.c, reserve.c, fd_cmds.c; jcr.h, stored/dev.h.
#pragma once

#include <array>
#include <atomic>
#include <string>

#include "plugin/abi/bacula_abi.h"

class JCR;

namespace fake_bacula {

struct Device {
  std::string archive, control;
  /// Where a DEVICE has what it is doing: m_fd among it, of a device that is not open.
  std::array<int, 256> rest = [] {
    std::array<int, 256> none{};
    none.fill(-1);
    return none;
  }();
};

class Daemon {
 public:
  /// Loads the plugin and does what a start does: a job context of the daemon's own comes and goes. Throws
  /// std::runtime_error. One in a process.
  Daemon(const std::string& plugin, const std::string& config);
  ~Daemon();  ///< as an idle daemon ends: unloadPlugin; the device is closed afterwards, and exit() is for the caller
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

 private:
  friend class Job;
  shstore::plugin::abi::PluginFunctions* plugin_ = nullptr;
  int (*unload_)() = nullptr;
};

/// A job's life, by one thread. Each member is one event or one thing that bacula-sd does.
class Job {
 public:
  Job(Daemon& daemon, uint32_t id);  ///< newPlugin, JobStart
  ~Job();                            ///< end(), if that was not called
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  bool try_open(const Device& device);  ///< false: refused; waiting_text() says why
  bool open(const Device& device);
  void close(const Device& device);  ///< the event; bacula-sd closes the device after it
  void end();                        ///< JobEnd, freePlugin

  /// Between two tries: 30 s, or until a signal (bmicrosleep in stored/reserve.c). True if it was woken.
  static bool sleep();
  std::string waiting_text() const;  ///< JCR::errmsg
  bool failed() const;               ///< a fatal message has come

 private:
  int event(uint32_t type, const Device* device);

  shstore::plugin::abi::PluginFunctions* plugin_;
  JCR* jcr_;
  struct {
    JCR* jcr;
    int result;
    bool disabled;
  } bacula_context_{};
  shstore::plugin::abi::Context context_{};
};

}  // namespace fake_bacula
