// When the names of a drive may lead elsewhere: nodes and links that are made, removed, moved or given other rights, as inotify(7) tells, and
// devices of the kernel's that came or went, as its uevents tell (plugin/device_watch.h).
//
// The folders in which the names are looked up are watched: that of a link, and that of what it leads to. A folder further up that is
// renamed tells nothing, nor does a page of INQUIRY that the kernel has read anew: whoever relies on this looks from time to time all
// the same.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "plugin/listening_thread.h"
#include "plugin/node_changes.h"
#include "scsi/base/descriptor.h"

namespace shstore::plugin {

/// A name in a folder.
using WatchedName = std::pair<std::string, std::string>;

/// All that decides where a path leads: itself, and what each symbolic link on the way from it leads to.
std::vector<WatchedName> names_on_the_way(const std::string& path);

/// Thread-safe. Never destroyed in the daemon.
class NodeWatch final : public NodeChanges {
 public:
  /// Of that drive something may have changed. By the thread of this, or by one that calls all_changed(), with no lock held.
  using Listener = std::function<void(const std::string& drive)>;

  NodeWatch();

  /// Before start(). Of an archive device that is a file or a folder, PATH.drive counts as well (scsi::simulated_serial()).
  void add(const std::string& drive, const std::vector<std::string>& paths);

  /// Starts to tell. Every signal is blocked in the thread. Why there is none; empty: it tells, or did before. May be tried again.
  std::string start(Listener listener);
  void stop();
  /// It could begin, and there was no thread for it.
  bool has_no_thread() const { return inotify_ && !listens_; }
  /// Does the kernel tell of its devices, so that all_changed() will be called?
  void devices_are_told(bool told) { devices_told_ = told; }
  /// Devices of the kernel's came or went.
  void all_changed();
  /// Why something is not told; empty: all is.
  std::string unavailable() const;

  Seen seen(const std::string& drive) const override;
  void try_again(const std::string& drive) override;

 private:
  struct Drive {
    std::vector<std::string> paths;
    uint64_t number = 0;
    std::string unavailable = "not begun";
  };
  struct Watch {
    std::string drive, name;
    friend bool operator==(const Watch&, const Watch&) = default;
  };
  std::vector<WatchedName> wanted(const Drive& drive) const;
  void watch(const std::string& name);
  std::vector<std::string> read_all();  ///< with mutex_ held: the drives of which there was something
  void tell(const std::vector<std::string>& drives);

  const base::Descriptor inotify_;
  mutable std::mutex mutex_;
  std::map<std::string, Drive> drives_;
  std::multimap<int, Watch> watches_;  ///< by inotify's number
  Listener listener_;
  std::string no_inotify_;
  std::atomic<bool> listens_{false}, devices_told_{false};
  ListeningThread thread_;  ///< ends first
};

}  // namespace shstore::plugin
