#include "scsi/process_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "scsi/lock_nodes.h"

namespace shstore::scsi {
namespace {

// Where in the file. A key of ours has 24 bits (scsi/reservation_key.h), off_t 63, a process id 22 (PID_MAX_LIMIT).
constexpr int kBitsPerKey = 38;
constexpr off_t kEntrance = 1;  // shared by all who have entered
constexpr off_t kPids = off_t{1} << 22, kStarts = off_t{1} << 37;
constexpr uint64_t kKeyMask = 0xffffff;

off_t place_of(ReservationKey key) { return static_cast<off_t>(key.value & kKeyMask) << kBitsPerKey; }
off_t start_mark(uint64_t start) { return kStarts + static_cast<off_t>(start & static_cast<uint64_t>(kStarts - 1)); }

struct flock range(off_t begin, off_t length, short type = F_WRLCK) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = begin;
  lock.l_len = length;
  return lock;
}

bool set(int fd, off_t place, short type = F_WRLCK) {
  auto lock = range(place, 1, type);
  return ::fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

// The first byte in the range that another description has locked.
std::optional<off_t> locked_in(int fd, off_t begin, off_t length) {
  auto lock = range(begin, length);
  if (::fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
  return lock.l_start;
}

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

// When a process was started does not change; its number does, below fork().
base::ProcessId self() {
  static std::atomic<pid_t> known_pid{0};
  static std::atomic<uint64_t> known_start{0};
  const auto pid = ::getpid();
  if (known_pid.load() == pid) return {pid, known_start.load()};
  const auto stat = base::process_stat(pid);
  if (!stat) return {pid, 0};
  known_start = stat->id.start;
  known_pid = pid;
  return stat->id;
}

// Whoever may use the socket may lock the file beside it.
void as_its_socket(int fd, const std::string& path) {
  struct stat st {};
  const auto socket = path.substr(0, path.rfind(".lock"));
  if (::stat(socket.c_str(), &st) != 0) return;
  static_cast<void>(::fchmod(fd, st.st_mode & 0666));
  static_cast<void>(::fchown(fd, st.st_uid, st.st_gid) == 0);
}

}  // namespace

std::string ProcessOwner::text() const {
  return id.pid == 0 ? std::string("another program") : base::process_text(id.pid);
}

// Nothing: the path is no more.
Result<std::optional<ProcessLock::File>> ProcessLock::open(const std::string& path) const {
  constexpr int kFlags = O_RDWR | O_NONBLOCK | O_CLOEXEC;
  int fd = ::open(path.c_str(), kFlags);
  if (fd < 0 && errno == ENOENT && path.ends_with(".lock")) {
    fd = ::open(path.c_str(), kFlags | O_CREAT | O_NOFOLLOW, 0600);
    if (fd >= 0) as_its_socket(fd, path);
  }
  if (fd >= 0) return File{path, base::Descriptor(fd)};
  if (errno == ENOENT || errno == ENXIO || errno == ENODEV) return std::nullopt;
  return fail(Error::Kind::device,
              fmt::format("{}: the drive cannot be locked against other programs of this host: {}: {}. Whoever "
                          "uses the drive must be able to read and write that file",
                          control_device_, path, errno_text(errno)));
}

Result<ProcessLock::Locked> ProcessLock::lock(const File& file) const {
  const int fd = file.descriptor.get();
  if (!set(fd, place_of(key_))) {
    if (errno == EAGAIN || errno == EACCES) return Locked::busy;
    return fail(Error::Kind::device,
                fmt::format("{}: the drive cannot be locked against other programs of this host: {}: {}",
                            control_device_, file.path, errno_text(errno)));
  }
  const auto me = owner_.value_or(self());
  set(fd, place_of(key_) + start_mark(me.start));
  set(fd, place_of(key_) + kPids + me.pid);
  return Locked::yes;
}

// Nothing: nobody, by now.
std::optional<ProcessOwner> ProcessLock::owner_of(const File& file) const {
  const int fd = file.descriptor.get();
  const auto place = place_of(key_);
  // It says who it is just after it has taken the lock.
  constexpr int kLooks = 50;
  constexpr useconds_t kPause = 1000;
  for (int i = 0; i < kLooks; ++i) {
    if (!locked_in(fd, place, 1)) return std::nullopt;
    const auto pid = locked_in(fd, place + kPids, kPids);
    const auto start = locked_in(fd, place + kStarts, kStarts);
    if (pid && start) {
      return ProcessOwner{{static_cast<pid_t>(*pid - place - kPids), static_cast<uint64_t>(*start - place - kStarts)}};
    }
    ::usleep(kPause);
  }
  return ProcessOwner{};
}

Result<std::optional<ProcessOwner>> ProcessLock::other() {
  if (!files_.empty()) return std::nullopt;
  for (const auto& path : lock_nodes(control_device_)) {
    const auto file = open(path);
    if (!file) return tl::make_unexpected(file.error());
    if (!*file) continue;
    if (auto owner = owner_of(**file); owner && !base::is_self_or_ancestor(owner->id)) return owner;
  }
  return std::nullopt;
}

Result<std::optional<ProcessOwner>> ProcessLock::try_take() {
  if (!files_.empty()) return std::nullopt;
  joined_ = false;
  constexpr int kAttempts = 20;  // it may be given back between the attempt and the look
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::vector<File> taken;
    bool busy = false;
    for (const auto& path : lock_nodes(control_device_)) {
      auto file = open(path);
      if (!file) return tl::make_unexpected(file.error());
      if (!*file) continue;
      struct stat now {};
      ::fstat((*file)->descriptor.get(), &now);
      const bool again = std::any_of(taken.begin(), taken.end(), [&](const File& t) {
        struct stat st {};
        return ::fstat(t.descriptor.get(), &st) == 0 && same_file(st, now);
      });
      if (again) continue;
      const auto locked = lock(**file);
      if (!locked) return tl::make_unexpected(locked.error());
      busy = *locked == Locked::busy;
      if (busy) {
        const auto owner = owner_of(**file);
        if (!owner) break;  // once more
        if (!base::is_self_or_ancestor(owner->id)) return owner;
        joined_ = true;
        return std::nullopt;
      }
      taken.push_back(std::move(**file));
    }
    if (busy) continue;
    if (taken.empty()) {
      return fail(Error::Kind::device,
                  fmt::format("{}: the drive cannot be locked against other programs of this host: there is no "
                              "generic node (/dev/sgN) for it. \"lsscsi -g\" lists them; is the kernel module "
                              "sg loaded?",
                              control_device_));
    }
    files_ = std::move(taken);
    return std::nullopt;
  }
  return ProcessOwner{};
}

void ProcessLock::renew() {
  if (files_.empty()) return;
  for (const auto& path : lock_nodes(control_device_)) {
    struct stat now {};
    if (::stat(path.c_str(), &now) != 0) continue;
    const bool known = std::any_of(files_.begin(), files_.end(), [&](const File& file) {
      struct stat st {};
      return ::fstat(file.descriptor.get(), &st) == 0 && same_file(st, now);
    });
    if (known) continue;
    auto file = open(path);
    if (!file || !*file) continue;
    const auto locked = lock(**file);
    if (locked && *locked == Locked::yes) files_.push_back(std::move(**file));
  }
}

Result<std::optional<ProcessLock::File>> ProcessLock::first_file() const {
  for (const auto& path : lock_nodes(control_device_)) {
    auto file = open(path);
    if (!file || *file) return file;
  }
  return std::nullopt;
}

Result<void> ProcessLock::enter() {
  if (!entrance_) {
    auto file = first_file();
    if (!file) return tl::make_unexpected(file.error());
    entrance_ = std::move(*file);
  }
  if (entrance_) set(entrance_->descriptor.get(), place_of(key_) + kEntrance, F_RDLCK);
  return {};
}

Result<bool> ProcessLock::others_entered() {
  if (entrance_) return locked_in(entrance_->descriptor.get(), place_of(key_) + kEntrance, 1).has_value();
  const auto file = first_file();
  if (!file) return tl::make_unexpected(file.error());
  return *file && locked_in((*file)->descriptor.get(), place_of(key_) + kEntrance, 1).has_value();
}

bool ProcessLock::leave() {
  if (entrance_) set(entrance_->descriptor.get(), place_of(key_) + kEntrance, F_UNLCK);
  const auto others = others_entered();
  return !others || !*others;
}

void ProcessLock::release() {
  files_.clear();
  joined_ = false;
}

}  // namespace shstore::scsi
