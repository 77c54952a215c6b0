#include "changer/drive_users.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/major.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "scsi/base/descriptor.h"
#include "scsi/base/printable.h"

namespace shstore::changer {
namespace {

namespace fs = std::filesystem;

// Two nodes of one tape drive (nst0, st0, nst0a) are one device, with other bits of the minor number.
constexpr unsigned kTapeDriveBits = 0x1f;

bool is_tape(const struct stat& st) { return S_ISCHR(st.st_mode) && major(st.st_rdev) == SCSI_TAPE_MAJOR; }

bool same_device(const struct stat& a, const struct stat& b) {
  if (is_tape(a) && is_tape(b)) return (minor(a.st_rdev) & kTapeDriveBits) == (minor(b.st_rdev) & kTapeDriveBits);
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Root's process, or one with a capability that we have not, shows its open files to nobody else.
bool shows_files(const fs::path& process) {
  std::error_code error;
  const fs::directory_iterator look(process / "fd", error);
  return !error;
}

bool has_open(const fs::path& process, const struct stat& device) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end; fd.increment(error)) {
    struct stat st {};
    if (::stat(fd->path().c_str(), &st) == 0 && same_device(st, device)) return true;
  }
  return false;
}

std::string program_of(const fs::path& process) {
  std::ifstream in(process / "comm");
  std::string name;
  std::getline(in, name);
  return name.empty() ? "a program" : base::printable(name);
}

// EBUSY: st has been opened already.
bool is_busy(const std::string& tape) {
  const base::Descriptor fd(::open(tape.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  return !fd && errno == EBUSY;
}

std::string list(const std::vector<JobOnDrive>& jobs) {
  std::string text;
  for (const auto& job : jobs) {
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", job.id, job.name.empty() ? "" : " (" + job.name + ')');
  }
  return text;
}

}  // namespace

Outcome<std::string> may_unload(const Caller& caller, const DaemonUse& use, const std::string& drive) {
  if (use.jobs.empty()) return std::string{};
  const auto jobs = fmt::format("job{} {} of this host", use.jobs.size() == 1 ? "" : "s", list(use.jobs));
  if (!caller.known()) {
    return fmt::format(
        "{} has {} on it, and whether this unload is that job's own is not checked: add %j to the Changer Command in "
        "bacula-sd.conf (\".../shstore-changer %c %o %S %a %d %j\")",
        drive, jobs);
  }
  const bool names_known = std::none_of(use.jobs.begin(), use.jobs.end(), [](const auto& j) { return j.name.empty(); });
  const bool own = std::any_of(use.jobs.begin(), use.jobs.end(), [&](const auto& j) { return j.name == caller.job; });
  if (own || (caller.is_job() && !names_known)) return std::string{};
  return fail(
      ExitStatus::refused,
      fmt::format(
          "nothing is moved: {} uses {}, and this unload is not its own but {}. Wait until it has ended, or cancel it; "
          "another tape can be mounted in another drive meanwhile",
          jobs, drive,
          caller.is_job() ? "job " + caller.job + "'s" : std::string("of bconsole (mount, unmount, update slots)")));
}

std::vector<DeviceUser> other_users(const std::string& archive_device, pid_t daemon, const std::string& proc) {
  struct stat device {};
  if (::stat(archive_device.c_str(), &device) != 0) return {};
  // Whoever has the tape open by the kernel's driver keeps all others from it, also if we may not see who it is.
  const bool tape = is_tape(device);
  if (tape && !is_busy(archive_device)) return {};
  std::vector<DeviceUser> users;
  bool daemons = false;
  std::error_code error;
  for (fs::directory_iterator process(proc, error), end; !error && process != end; process.increment(error)) {
    const auto name = process->path().filename().string();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size() || pid == ::getpid()) continue;
    if (!has_open(process->path(), device)) continue;
    if (pid == daemon)
      daemons = true;
    else
      users.push_back({pid, program_of(process->path())});
  }
  if (tape && users.empty() && !daemons) {
    const bool hidden = daemon != 0 && !shows_files(fs::path(proc) / std::to_string(daemon));
    users.push_back(
        {0, hidden ? fmt::format(
                         "bacula-sd itself (process {}), whose open files this user may not see, or another program",
                         daemon)
                   : std::string("another program")});
  }
  return users;
}

}  // namespace shstore::changer
