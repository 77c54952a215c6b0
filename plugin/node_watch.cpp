#include "plugin/node_watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "scsi/error.h"

namespace shstore::plugin {
namespace {

namespace fs = std::filesystem;

// Not what is written to them: a daemon writes all the time. IN_CLOSE_WRITE is of PATH.drive.
constexpr uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF |
                            IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD;
constexpr std::string_view kSimulated = ".drive";

bool is_simulated_name(const std::string& name) { return name.ends_with(kSimulated); }

bool is_file_or_folder(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

}  // namespace

std::vector<WatchedName> names_on_the_way(const std::string& path) {
  constexpr int kMostLinks = 40;  // as the kernel has it
  std::vector<WatchedName> names;
  fs::path at(path);
  for (int links = 0; links < kMostLinks && !at.empty(); ++links) {
    std::error_code error;
    const auto folder = fs::weakly_canonical(at.parent_path(), error);
    names.emplace_back(error ? at.parent_path().string() : folder.string(), at.filename().string());
    const auto to = fs::read_symlink(at, error);
    if (error) break;
    at = to.is_absolute() ? to : at.parent_path() / to;
  }
  return names;
}

NodeWatch::NodeWatch() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!inotify_) no_inotify_ = "inotify: " + scsi::errno_text(errno);
}

void NodeWatch::add(const std::string& drive, const std::vector<std::string>& paths) {
  const std::lock_guard lock(mutex_);
  drives_[drive].paths = paths;
  watch(drive);
}

std::vector<WatchedName> NodeWatch::wanted(const Drive& drive) const {
  std::vector<WatchedName> all;
  for (const auto& path : drive.paths) {
    auto names = names_on_the_way(path);
    if (is_file_or_folder(path)) names.push_back(names_on_the_way(path + std::string(kSimulated)).front());
    all.insert(all.end(), names.begin(), names.end());
  }
  return all;
}

// Until nothing has changed between what was found and what is watched.
void NodeWatch::watch(const std::string& name) {
  if (!inotify_) return;
  auto& drive = drives_[name];
  constexpr int kTries = 5;
  auto names = wanted(drive);
  for (int i = 0; i < kTries; ++i) {
    drive.unavailable.clear();
    std::vector<std::pair<int, Watch>> now;
    for (const auto& [folder, file] : names) {
      const uint32_t mask = kNames | (is_simulated_name(file) ? IN_CLOSE_WRITE : 0U);
      const int number = ::inotify_add_watch(inotify_.get(), folder.c_str(), mask);
      if (number < 0)
        drive.unavailable = folder + ": " + scsi::errno_text(errno);
      else
        now.emplace_back(number, Watch{name, file});
    }
    for (const auto& [number, fresh] : now) {
      const auto [begin, end] = watches_.equal_range(number);
      if (std::none_of(begin, end, [&](const auto& w) { return w.second == fresh; })) watches_.emplace(number, fresh);
    }
    for (auto w = watches_.begin(); w != watches_.end();) {
      const bool stale =
          w->second.drive == name && std::find(now.begin(), now.end(), std::pair(w->first, w->second)) == now.end();
      if (!stale) {
        ++w;
        continue;
      }
      const int number = w->first;
      w = watches_.erase(w);
      if (watches_.count(number) == 0) ::inotify_rm_watch(inotify_.get(), number);
    }
    auto again = wanted(drive);
    if (again == names) return;
    names = std::move(again);
  }
  drive.unavailable = "the names of " + name + " change all the time";
}

std::string NodeWatch::start(Listener listener) {
  if (!inotify_) return no_inotify_;
  if (thread_.started()) return {};
  {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
  }
  auto none = thread_.start(inotify_.get(), [this] {
    std::vector<std::string> told;
    {
      const std::lock_guard lock(mutex_);
      told = read_all();
    }
    tell(told);
  });
  listens_ = none.empty();
  return none;
}

void NodeWatch::stop() {
  thread_.stop();
  listens_ = false;
}

std::vector<std::string> NodeWatch::read_all() {
  std::vector<std::string> told;
  alignas(inotify_event) std::array<char, 16384> buffer;
  for (ssize_t n = 0; (n = ::read(inotify_.get(), buffer.data(), buffer.size())) > 0;) {
    for (const char* at = buffer.data(); at < buffer.data() + n;) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof event);
      const std::string name = event.len == 0 ? std::string() : std::string(at + sizeof event);
      at += sizeof event + event.len;
      const bool lost = (event.mask & IN_Q_OVERFLOW) != 0;
      for (const auto& [drive, state] : drives_) {
        if (lost) told.push_back(drive);
      }
      const auto [begin, end] = watches_.equal_range(event.wd);
      for (auto w = begin; w != end; ++w) {
        const bool written = (event.mask & IN_CLOSE_WRITE) != 0;
        const bool its_own = name == w->second.name && (!written || is_simulated_name(name));
        if (name.empty() || its_own) told.push_back(w->second.drive);  // nameless: the folder itself
      }
      if ((event.mask & IN_IGNORED) != 0) watches_.erase(begin, end);
    }
  }
  std::sort(told.begin(), told.end());
  told.erase(std::unique(told.begin(), told.end()), told.end());
  // Watched before it is counted: whoever sees the new number and looks is told of what comes after.
  for (const auto& drive : told) {
    watch(drive);
    ++drives_[drive].number;
  }
  return told;
}

void NodeWatch::tell(const std::vector<std::string>& drives) {
  Listener listener;
  {
    const std::lock_guard lock(mutex_);
    listener = listener_;
  }
  for (const auto& drive : drives) {
    if (listener) listener(drive);
  }
}

void NodeWatch::all_changed() {
  std::vector<std::string> all;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, drive] : drives_) {
      ++drive.number;
      all.push_back(name);
    }
  }
  tell(all);
}

std::string NodeWatch::unavailable() const {
  const std::lock_guard lock(mutex_);
  if (!no_inotify_.empty()) return no_inotify_;
  for (const auto& [name, drive] : drives_) {
    if (!drive.unavailable.empty()) return drive.unavailable;
  }
  return {};
}

NodeChanges::Seen NodeWatch::seen(const std::string& drive) const {
  const std::lock_guard lock(mutex_);
  const auto found = drives_.find(drive);
  if (found == drives_.end()) return {};
  return {listens_ && devices_told_ && found->second.unavailable.empty(), found->second.number};
}

void NodeWatch::try_again(const std::string& drive) {
  const std::lock_guard lock(mutex_);
  const auto found = drives_.find(drive);
  if (found != drives_.end() && !found->second.unavailable.empty()) watch(drive);
}

}  // namespace shstore::plugin
