#include "plugin/open_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "plugin/thread_without_signals.h"
#include "scsi/error.h"

namespace shstore::plugin {
namespace {

constexpr uint32_t kUse = IN_OPEN | IN_CLOSE;
constexpr uint32_t kEnd = IN_DELETE_SELF | IN_MOVE_SELF;
constexpr uint32_t kAppearance = IN_CREATE | IN_MOVED_TO | IN_ATTRIB;  // udev gives it to its group after it was made

uint32_t mask_of(WatchedNode::Kind kind) {
  switch (kind) {
    case WatchedNode::Kind::node: return kUse | kEnd;
    case WatchedNode::Kind::file: return kUse | kEnd | kAppearance | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR;
    case WatchedNode::Kind::folder: return kUse | kEnd | IN_ONLYDIR;
    case WatchedNode::Kind::appearance: return kAppearance | IN_ONLYDIR;
  }
  return kUse;
}

}  // namespace

OpenWatch::OpenWatch() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!inotify_) unavailable_ = "inotify: " + scsi::errno_text(errno);
}

std::string OpenWatch::unavailable() const {
  const std::lock_guard lock(mutex_);
  if (!unavailable_.empty()) return unavailable_;
  for (const auto& [name, drive] : drives_) {
    if (!drive.unavailable.empty()) return drive.unavailable;
  }
  return {};
}

void OpenWatch::add(const std::string& drive, const std::vector<std::string>& archive_devices) {
  const std::lock_guard lock(mutex_);
  drives_[drive].archive_devices = archive_devices;
  watch(drive);
}

// IN_MASK_ADD: one folder may be watched for several things.
void OpenWatch::watch(const std::string& drive) {
  if (!inotify_) return;
  drives_[drive].unavailable.clear();
  std::vector<WatchedNode> wanted;
  for (const auto& archive : drives_[drive].archive_devices) {
    for (auto& node : archive_nodes(archive)) wanted.push_back(std::move(node));
  }
  for (auto w = watches_.begin(); w != watches_.end();) {
    const bool stale =
        w->second.drive == drive && std::find(wanted.begin(), wanted.end(), w->second.node) == wanted.end();
    if (!stale) {
      ++w;
      continue;
    }
    const int number = w->first;
    w = watches_.erase(w);
    if (watches_.count(number) == 0) ::inotify_rm_watch(inotify_.get(), number);
  }
  for (const auto& node : wanted) {
    const int number = ::inotify_add_watch(inotify_.get(), node.path.c_str(), mask_of(node.kind) | IN_MASK_ADD);
    if (number < 0) {
      if (errno != ENOENT && errno != ENOTDIR) drives_[drive].unavailable = node.path + ": " + scsi::errno_text(errno);
      continue;
    }
    const auto [begin, end] = watches_.equal_range(number);
    const bool known =
        std::any_of(begin, end, [&](const auto& w) { return w.second.drive == drive && w.second.node == node; });
    if (!known) watches_.emplace(number, Watch{drive, node});
  }
}

void OpenWatch::renew(const std::string& drive) {
  const std::lock_guard lock(mutex_);
  watch(drive);
}

std::string OpenWatch::start(Listener listener) {
  if (!inotify_) return unavailable();
  if (thread_.started()) return {};
  {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
  }
  auto none = thread_.start(inotify_.get(), [this] { tell(); });
  tells_ = none.empty();
  return none;
}

void OpenWatch::stop() {
  thread_.stop();
  tells_ = false;
}

void OpenWatch::note(const Watch& watch, uint32_t mask, const std::string& name, std::vector<std::string>& told) {
  using Kind = WatchedNode::Kind;
  const bool named = watch.node.kind == Kind::file || watch.node.kind == Kind::appearance;
  if (named && name != watch.node.name) return;
  if (watch.node.kind == Kind::folder && ((mask & IN_ISDIR) != 0 || (name.empty() && (mask & kUse) != 0))) return;
  auto& seen = drives_[watch.drive].seen;
  if (watch.node.kind != Kind::appearance) {
    if ((mask & IN_OPEN) != 0) seen.opened = true, seen.closed_last = false;
    if ((mask & IN_CLOSE) != 0) seen.closed_last = true;
  }
  if ((mask & (kAppearance | kEnd | IN_DELETE | IN_MOVED_FROM)) != 0) seen.doubtful = true;
  told.push_back(watch.drive);
}

std::vector<std::string> OpenWatch::read_all() {
  std::vector<std::string> told;
  alignas(inotify_event) std::array<char, 16384> buffer;
  for (ssize_t n = 0; inotify_ && (n = ::read(inotify_.get(), buffer.data(), buffer.size())) > 0;) {
    for (const char* at = buffer.data(); at < buffer.data() + n;) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof event);
      const std::string name = event.len == 0 ? std::string() : std::string(at + sizeof event);
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) {
        for (auto& [drive, state] : drives_) state.seen.doubtful = state.seen.opened = true, told.push_back(drive);
        continue;
      }
      const auto [begin, end] = watches_.equal_range(event.wd);
      for (auto w = begin; w != end; ++w) note(w->second, event.mask, name, told);
      if ((event.mask & IN_IGNORED) == 0) continue;
      for (auto w = begin; w != end; ++w)
        drives_[w->second.drive].seen.doubtful = true, told.push_back(w->second.drive);
      watches_.erase(begin, end);
    }
  }
  std::sort(told.begin(), told.end());
  told.erase(std::unique(told.begin(), told.end()), told.end());
  return told;
}

OpenWatch::Seen OpenWatch::take(const std::string& drive) {
  std::vector<std::string> others;
  Listener listener;
  Seen all;
  {
    const std::lock_guard lock(mutex_);
    others = read_all();
    std::erase(others, drive);
    if (!others.empty()) listener = listener_;
    auto& seen = drives_[drive].seen;
    all = seen;
    seen.opened = seen.doubtful = false;
    if (all.doubtful) watch(drive);
  }
  // What was read here the thread will not see.
  for (const auto& other : others) {
    if (listener) listener(other);
  }
  return all;
}

void OpenWatch::tell() {
  std::vector<std::string> drives;
  {
    const std::lock_guard lock(mutex_);
    drives = read_all();
  }
  for (const auto& drive : drives) listener_(drive);
}

}  // namespace shstore::plugin
