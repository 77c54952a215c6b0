// A drive's lock by a Lock Command of the site's own: any program that is not our storage-ctl. The plugin and shstore-changer
// run it through here.
//
// The contract of such a program, called as its Lock Command says with %o as one of
//   trylock     takes the lock at once or not at all; if this host has it already, says so. Registers the key if needed.
//               Exit status 0: this host has the lock; the plugin asks the drive whether that is so (plugin/lock_holder.h). 24
//               (sg_persist's for a reservation conflict): another host has it. 75 (storage-ctl's for a wait in vain) too, if
//               wholocked tells whose it is: it is also sg3_utils' for what is no SCSI device (50 + ENOTTY). Anything else: an
//               error, with the reason on the last line of output.
//   unlock      gives the lock back; 0 also if this host did not have it
//   unregister  takes the key off the drive; optional, its exit status is not looked at
//   wholocked   prints the key that has the lock, for the message to whoever waits; without it the plugin believes no lock on a
//               drive that does not tell by READ FULL STATUS who holds it
// It must not wait (there is a deadline), and must not lock for one process only: each operation is a process of its own.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "config/shared/shared_devices.h"

namespace shstore::config {

struct SiteAnswer {
  enum class Kind {
    done,            ///< as the operation's name says
    held_elsewhere,  ///< trylock: another host has it; `holder`
    failed,          ///< `why`
  };
  Kind kind = Kind::done;
  std::string holder{};  ///< a key as the program writes it; empty: it does not tell
  std::string why{};     ///< "the Lock Command's "trylock" ended with status 15: no such device"
};

class SiteLock {
 public:
  using Debug = std::function<void(const std::string&)>;
  static constexpr std::chrono::milliseconds kDeadline{30000};

  /// `device.command` is the program. `debug` is told how each operation ended and all that it wrote.
  explicit SiteLock(
      SharedDevice device, std::chrono::milliseconds deadline = kDeadline, Debug debug = [](const auto&) {})
      : device_(std::move(device)), deadline_(deadline), debug_(std::move(debug)) {}

  SiteAnswer try_lock();
  SiteAnswer unlock();
  void unregister() const;
  /// The key that wholocked prints; empty: none.
  std::string holder() const;

  /// A try_lock() has not clearly failed since the last unlock() that was done: then it must be given back, whatever it said.
  bool may_have_it() const { return may_have_it_; }

 private:
  struct Ran {
    int status = 0;
    std::string last_line;
    std::string trouble{};  ///< not empty: it could not be run, or did not end
    bool started = true;
  };
  Ran run(const char* operation) const;
  static SiteAnswer failed(const char* operation, const Ran& ran);

  SharedDevice device_;
  std::chrono::milliseconds deadline_;
  Debug debug_;
  bool may_have_it_ = false;
};

}  // namespace shstore::config
