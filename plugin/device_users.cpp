#include "plugin/device_users.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <filesystem>
#include <memory>
#include <string_view>

#include "scsi/base/process.h"

namespace shstore::plugin {
namespace {

namespace fs = std::filesystem;

// Two nodes of one tape drive (nst0, st0, nst0a) differ in the bits of the mode (drivers/scsi/st.h, ST_MODE_SHIFT).
constexpr unsigned kModeBits = 0xe0;
constexpr std::chrono::seconds kProbePause{30};
// The kernel tells of an open a moment before the opener has the descriptor (fs/open.c: fsnotify_open, then fd_install).
constexpr int kLooks = 5;
constexpr useconds_t kLookAgain = 2000;

struct Archive {
  struct stat st {};
  std::string folder{};  ///< not empty: any file in it
  std::string file{};    ///< not empty: by this name, which is the one that is watched (two hosts of a test have two)
  bool tape = false;
};

std::vector<Archive> archives_of(const std::vector<std::string>& paths) {
  std::vector<Archive> all;
  for (const auto& path : paths) {
    Archive a;
    if (::stat(path.c_str(), &a.st) != 0) continue;
    std::error_code error;
    if (S_ISDIR(a.st.st_mode)) a.folder = fs::canonical(path, error).string() + '/';
    if (S_ISREG(a.st.st_mode)) a.file = fs::canonical(path, error).string();
    a.tape = is_tape(path);
    all.push_back(std::move(a));
  }
  return all;
}

// All by the open folder: a whole host is gone through between an open and its lock.
bool is_it(const Archive& archive, int folder, const char* descriptor) {
  if (!archive.folder.empty() || !archive.file.empty()) {
    std::array<char, PATH_MAX> target;
    const ssize_t n = ::readlinkat(folder, descriptor, target.data(), target.size());
    const std::string_view leads_to(target.data(), n < 0 ? 0 : static_cast<size_t>(n));
    return archive.folder.empty() ? leads_to == archive.file : leads_to.starts_with(archive.folder);
  }
  struct stat st {};
  if (::fstatat(folder, descriptor, &st, 0) != 0) return false;
  if (!archive.tape) return st.st_dev == archive.st.st_dev && st.st_ino == archive.st.st_ino;
  return S_ISCHR(st.st_mode) && major(st.st_rdev) == major(archive.st.st_rdev) &&
         (minor(st.st_rdev) & ~kModeBits) == (minor(archive.st.st_rdev) & ~kModeBits);
}

bool has_open(const std::string& process, const std::vector<Archive>& archives) {
  const std::unique_ptr<DIR, int (*)(DIR*)> descriptors(::opendir((process + "/fd").c_str()), ::closedir);
  if (!descriptors) return false;
  const int folder = ::dirfd(descriptors.get());
  while (const auto* entry = ::readdir(descriptors.get())) {
    const auto* name = static_cast<const char*>(entry->d_name);
    if (name[0] == '.') continue;
    if (std::any_of(archives.begin(), archives.end(), [&](const auto& a) { return is_it(a, folder, name); }))
      return true;
  }
  return false;
}

bool is_below_us(pid_t pid, const std::string& proc) {
  for (auto stat = base::process_stat(pid, proc); stat; stat = base::process_stat(stat->parent, proc)) {
    if (stat->id.pid == ::getpid()) return true;
    if (stat->parent <= 0) break;
  }
  return false;
}

}  // namespace

OtherUsers other_users(const std::vector<std::string>& archive_devices, const std::string& proc) {
  OtherUsers users;
  const auto archives = archives_of(archive_devices);
  std::error_code error;
  for (fs::directory_iterator process(proc, error), end; !error && process != end; process.increment(error)) {
    const auto name = process->path().filename().string();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size() || pid == ::getpid()) continue;
    if (!has_open(process->path().string(), archives)) continue;
    if (is_below_us(pid, proc)) {
      users.below = true;
    } else {
      users.first = base::process_text(pid, proc);
      return users;
    }
  }
  return users;
}

// Something may have been missed. A tape is opened by one at a time, so that another open says it: without a wait, and through a
// node that does not rewind. Not where this daemon has it, and not often: an open of bacula-sd at that moment would fail.
void DeviceUsers::prove(bool daemon) {
  const auto now = std::chrono::steady_clock::now();
  const auto tape = std::find_if(archive_devices_.begin(), archive_devices_.end(), [](const auto& a) {
    return is_tape(a) && fs::path(a).filename().string().starts_with("nst");
  });
  if (daemon || tape == archive_devices_.end() || now < probe_at_) {
    known_ = daemon || !unseen_;
    return;
  }
  probe_at_ = now + kProbePause;
  const int fd = ::open(tape->c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  const bool busy = fd < 0 && errno == EBUSY;
  if (fd >= 0) ::close(fd);
  const auto ours = watch_->take(drive_);  // that open and close
  unseen_ = busy || (ours.opened && !ours.closed_last);
  known_ = true;
}

reserve::DeviceUse DeviceUsers::look() {
  reserve::DeviceUse use;
  if (watch_ == nullptr) {
    use.daemon = is_open_();
    return use;
  }
  const auto seen = watch_->take(drive_);
  if (!seen.opened && !seen.doubtful) watch_->renew(drive_);
  use.touched = seen.opened;
  const bool tape =
      std::any_of(archive_devices_.begin(), archive_devices_.end(), [](const auto& a) { return is_tape(a); });
  const bool somebody = !seen.closed_last || !other_.empty() || seen.doubtful;
  bool alone = false;
  OtherUsers others;
  for (int i = 0; i < kLooks; ++i) {
    if (i > 0) ::usleep(kLookAgain);
    use.daemon = is_open_();
    // The kernel's driver lets one open a tape: if that is this daemon, it is nobody else.
    alone = use.daemon && tape;
    others = alone || !somebody ? OtherUsers{} : other_users(archive_devices_);
    const bool found = use.daemon || others.below || !others.first.empty();
    if (found || !seen.opened || seen.closed_last) break;
  }
  other_ = others.first;
  // What came last is explained, or it was a close.
  if (use.daemon || others.below || seen.closed_last || !other_.empty()) {
    unseen_ = false;
    known_ = true;
  } else if (seen.opened) {
    unseen_ = true;
  }
  if (seen.doubtful || !known_) prove(use.daemon);
  use.other = !other_.empty() ? other_ : unseen_ && known_ ? std::string("another program") : std::string();
  use.known = known_;
  return use;
}

}  // namespace shstore::plugin
