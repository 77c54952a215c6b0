// When an archive device is opened and closed on this host, by whatever program, as inotify(7) tells.
//
// IN_OPEN comes when an open has succeeded (one that fails, or waits for a tape, causes none), less than a millisecond after it has
// returned; IN_CLOSE after the filemark of the close was written. Equal events that follow each other are one; too many are none
// (IN_Q_OVERFLOW); a node that is removed takes its watch with it (IN_IGNORED). So nothing is counted: what is told is that
// something happened, and which came last. A node in a container's own /dev is another file, and is not seen.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/archive_nodes.h"
#include "plugin/listening_thread.h"
#include "scsi/base/descriptor.h"

namespace shstore::plugin {

/// Thread-safe. Never destroyed in the daemon.
class OpenWatch {
 public:
  /// Something was opened, closed, removed or made anew; `drive` as given to add(). By the thread of this, with no lock held.
  using Listener = std::function<void(const std::string& drive)>;

  OpenWatch();
  OpenWatch(const OpenWatch&) = delete;
  OpenWatch& operator=(const OpenWatch&) = delete;

  /// Why nothing will be told; empty: it will.
  std::string unavailable() const;

  /// `drive`: any name. Of several archive devices by one name each counts. Before start().
  void add(const std::string& drive, const std::vector<std::string>& archive_devices);

  /// Starts to tell. Every signal is blocked in the thread. Why there is none; empty: it tells, or did before. May be tried again.
  std::string start(Listener listener);
  void stop();
  /// False: there is no thread, so nobody is told, and what happened is known to who calls take(). By any thread.
  bool tells() const { return tells_; }

  struct Seen {
    bool opened = false;       ///< since it was last taken
    bool closed_last = false;  ///< the last of all that was told is that somebody has closed it
    bool doubtful = false;     ///< something may have been missed
  };
  /// All of it since it was last taken, up to this moment.
  Seen take(const std::string& drive);

  /// A link may lead to another node by now, a node may have been made anew: what is new is watched, too. Often enough once in
  /// half a minute, and after Seen::doubtful.
  void renew(const std::string& drive);

 private:
  struct Drive {
    std::vector<std::string> archive_devices;
    Seen seen;
    std::string unavailable;
  };
  struct Watch {
    std::string drive;
    WatchedNode node;
  };
  std::vector<std::string> read_all();  ///< with mutex_ held: the drives of which there was something
  void note(const Watch& watch, uint32_t mask, const std::string& name, std::vector<std::string>& told);
  void watch(const std::string& drive);
  void tell();

  const base::Descriptor inotify_;
  mutable std::mutex mutex_;
  std::string unavailable_;
  std::map<std::string, Drive> drives_;
  std::multimap<int, Watch> watches_;  ///< by inotify's number: one folder may be there for several drives
  Listener listener_;
  std::atomic<bool> tells_{false};
  ListeningThread thread_;  ///< ends first
};

}  // namespace shstore::plugin
