#include "scsi/base/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <system_error>

#include "scsi/base/descriptor.h"
#include "scsi/base/printable.h"

namespace shstore::base {
namespace {

using Clock = std::chrono::steady_clock;
using Done = tl::expected<void, std::string>;

constexpr std::chrono::seconds kPatience{10};
constexpr int kLookMs = 50;
constexpr int kMostLinks = 40;  // as the kernel has it

tl::unexpected<std::string> cannot(const std::string& path, const std::string& why) {
  return tl::make_unexpected(fmt::format("cannot write {}: {}", printable(path), why));
}

tl::unexpected<std::string> cannot(const std::string& path, int error) {
  return cannot(path, std::generic_category().message(error));
}

// 0 or an errno. EAGAIN is waited for, for as long as something is taken now and then.
int write_all(int fd, std::string_view text) {
  auto until = Clock::now() + kPatience;
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n > 0) {
      text.remove_prefix(static_cast<size_t>(n));
      until = Clock::now() + kPatience;
      continue;
    }
    if (n == 0) return EIO;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return errno;
    if (Clock::now() >= until) return ETIMEDOUT;
    pollfd wait{fd, POLLOUT, 0};
    static_cast<void>(::poll(&wait, 1, kLookMs));
  }
  return 0;
}

// A reader that goes away is an error to be told, not a death.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    if (sigismember(&before_, SIGPIPE) == 1) return;
    const timespec at_once{};
    while (::sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_{}, before_{};
};

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Links there lead to open files, not to names.
bool is_in_proc(const std::string& folder) {
  struct statfs fs {};
  return ::statfs(folder.c_str(), &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

// As the kernel has it with fs.protected_symlinks, which counts for open(2) only.
bool is_strangers_trap(const std::string& folder, const struct stat& link) {
  struct stat st {};
  if (::stat(folder.c_str(), &st) != 0 || (st.st_mode & S_ISVTX) == 0 || (st.st_mode & S_IWOTH) == 0) return false;
  return link.st_uid != ::geteuid() && link.st_uid != st.st_uid;
}

// Where a path leads.
struct Place {
  std::string path;        // no link any more, unless to an open file
  bool open_file = false;  // a link of /proc
  bool exists = true;
  struct stat st {};
};

tl::expected<Place, std::string> follow(const std::string& given) {
  Place place{given};
  for (int links = 0; links < kMostLinks; ++links) {
    if (::lstat(place.path.c_str(), &place.st) != 0) {
      if (errno != ENOENT) return cannot(given, errno);
      place.exists = false;
      return place;
    }
    if (!S_ISLNK(place.st.st_mode)) return place;
    const auto folder = folder_of(place.path);
    if (is_in_proc(folder)) {
      if (::stat(place.path.c_str(), &place.st) != 0) return cannot(given, errno);
      place.open_file = true;
      return place;
    }
    if (is_strangers_trap(folder, place.st)) {
      return cannot(given, fmt::format("{} is a link that another user put into a folder that everybody may write to",
                                       printable(place.path)));
    }
    std::array<char, PATH_MAX> target{};
    const ssize_t n = ::readlink(place.path.c_str(), target.data(), target.size());
    if (n <= 0 || n == static_cast<ssize_t>(target.size())) return cannot(given, n < 0 ? errno : ENAMETOOLONG);
    const std::string to(target.data(), static_cast<size_t>(n));
    place.path = to.front() == '/' ? to : folder + '/' + to;
  }
  return cannot(given, ELOOP);
}

// Standard output or error if that is what is meant; else -1.
int own_output(const struct stat& st) {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat own {};
    if (::fstat(fd, &own) == 0 && own.st_dev == st.st_dev && own.st_ino == st.st_ino) return fd;
  }
  return -1;
}

// Devices to which text does no harm (Documentation/admin-guide/devices.txt). All others are left closed: opening one may
// rewind a tape.
bool takes_text(dev_t device) {
  constexpr unsigned kMemory = 1, kTerminals = 4, kOtherTerminals = 5, kFirstPty = 136, kLastPty = 143, kHvc = 229;
  const auto major_number = major(device), minor_number = minor(device);
  if (major_number == kMemory) return minor_number == 3 || minor_number == 5 || minor_number == 7;  // null, zero, full
  return major_number == kTerminals || major_number == kOtherTerminals || major_number == kHvc ||
         (major_number >= kFirstPty && major_number <= kLastPty);
}

const char* what_it_is(const struct stat& st) {
  if (S_ISDIR(st.st_mode)) return "it is a folder";
  if (S_ISBLK(st.st_mode)) return "it is a block device";
  if (S_ISSOCK(st.st_mode)) return "it is a socket";
  return "it is a device that takes no text";
}

Done write_into(const std::string& given, const Place& place, std::string_view text) {
  const NoPipeSignal told_as_error;
  if (const int own = own_output(place.st); own >= 0) {
    const int error = write_all(own, text);
    return error == 0 ? Done{} : cannot(given, error);
  }
  const auto kind = place.st.st_mode;
  const bool fits = S_ISREG(kind) || S_ISFIFO(kind) || (S_ISCHR(kind) && takes_text(place.st.st_rdev));
  if (!fits) return cannot(given, fmt::format("{}, and stays as it is", what_it_is(place.st)));
  constexpr int kFlags = O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
  Descriptor to(::open(place.path.c_str(), kFlags));
  for (const auto until = Clock::now() + kPatience; !to && errno == ENXIO && S_ISFIFO(kind) && Clock::now() < until;) {
    ::poll(nullptr, 0, kLookMs);
    to = Descriptor(::open(place.path.c_str(), kFlags));
  }
  if (!to && errno == ENXIO && S_ISFIFO(kind)) return cannot(given, "it is a FIFO that no program reads");
  if (!to) return cannot(given, errno);
  struct stat now {};
  if (::fstat(to.get(), &now) != 0 || now.st_dev != place.st.st_dev || now.st_ino != place.st.st_ino) {
    return cannot(given, "something else took its place at this moment");
  }
  int error = write_all(to.get(), text);
  if (!to.close() && error == 0) error = errno;
  return error == 0 ? Done{} : cannot(given, error);
}

}  // namespace

tl::expected<FileDraft, std::string> FileDraft::beside(const std::string& path, std::string_view text,
                                                       const Prepare& prepare, Durable durable) {
  auto name = path + ".XXXXXX";
  Descriptor file(::mkostemp(name.data(), O_CLOEXEC));  // a new file: a link that somebody put there is never followed
  if (!file) {
    return tl::make_unexpected(
        fmt::format("cannot write beside {}: {}", printable(path), std::generic_category().message(errno)));
  }
  FileDraft draft(path, std::move(name), durable);
  if (auto prepared = prepare(file.get()); !prepared) return tl::make_unexpected(prepared.error());
  int error = write_all(file.get(), text);
  if (error == 0 && durable == Durable::yes && ::fsync(file.get()) != 0) error = errno;
  if (!file.close() && error == 0) error = errno;
  if (error != 0) return cannot(path, error);
  return draft;
}

FileDraft::FileDraft(FileDraft&& other) noexcept
    : path_(std::move(other.path_)), name_(std::exchange(other.name_, {})), durable_(other.durable_) {}

FileDraft::~FileDraft() {
  if (!name_.empty()) ::unlink(name_.c_str());
}

Done FileDraft::take_place() {
  if (::rename(name_.c_str(), path_.c_str()) != 0) return cannot(path_, errno);
  name_.clear();
  if (durable_ == Durable::no) return {};
  // There is nothing to do if this fails.
  const Descriptor folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.get());
  return {};
}

Done replace_file(const std::string& path, std::string_view text, mode_t mode) {
  const auto with_mode = [&](int file) { return ::fchmod(file, mode) == 0 ? Done{} : cannot(path, errno); };
  return FileDraft::beside(path, text, with_mode, FileDraft::Durable::no).and_then([](FileDraft draft) {
    return draft.take_place();
  });
}

Done write_output(const std::string& path, std::string_view text, mode_t mode) {
  const auto place = follow(path);
  if (!place) return tl::make_unexpected(place.error());
  const bool is_file = !place->open_file && (!place->exists || S_ISREG(place->st.st_mode));
  return is_file ? replace_file(place->path, text, mode) : write_into(path, *place, text);
}

tl::expected<Descriptor, std::string> open_log(const std::string& path) {
  constexpr mode_t kMode = 0640;
  constexpr int kFlags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  bool fresh = true;
  Descriptor file(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, kMode));
  if (!file && errno == EEXIST) {
    fresh = false;
    file = Descriptor(::open(path.c_str(), kFlags));
  }
  if (!file && errno == ELOOP) return cannot(path, "it is a symbolic link");
  if (!file && errno == ENXIO) return cannot(path, "it is not a regular file");
  struct stat st {
  }, folder{};
  if (!file || ::fstat(file.get(), &st) != 0) return cannot(path, errno);
  if (!S_ISREG(st.st_mode)) return cannot(path, "it is not a regular file");
  if (st.st_nlink > 1) return cannot(path, "it has another name, too");
  if (fresh && ::geteuid() == 0 && ::stat(folder_of(path).c_str(), &folder) == 0) {
    [[maybe_unused]] const int ignored = ::fchown(file.get(), folder.st_uid, folder.st_gid);
  }
  return file;
}

}  // namespace shstore::base
