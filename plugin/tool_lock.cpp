#include "plugin/tool_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "scsi/base/descriptor.h"
#include "scsi/base/printable.h"
#include "scsi/drive_lock.h"
#include "scsi/process_lock.h"
#include "scsi/transport.h"

namespace shstore::plugin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr off_t kName = 40, kDeviceName = 176;  // RES::name, DEVRES::device_name
constexpr size_t kLongestName = 127;            // MAX_NAME_LENGTH, without its end

// What the answer begins with.
const std::string kOurs = "y", kRefused = "n";

bool read_memory(int memory, uint64_t from, void* to, size_t size) {
  return ::pread(memory, to, size, static_cast<off_t>(from)) == static_cast<ssize_t>(size);
}

std::optional<std::string> text_at(int memory, uint64_t place) {
  uint64_t pointer = 0;
  if (!read_memory(memory, place, &pointer, sizeof pointer) || pointer == 0) return std::nullopt;
  std::string text;
  for (char c = 0; text.size() <= kLongestName; text += c) {
    if (!read_memory(memory, pointer + text.size(), &c, 1)) return std::nullopt;
    if (c == '\0') return text;
  }
  return std::nullopt;
}

// The child that holds the lock for the tool. It ends when the tool has.
class Keeper {
 public:
  Keeper(const config::SharedDevice& device, std::optional<base::ProcessId> tool, std::chrono::seconds patience,
         const std::function<bool()>& daemon_uses_it, int tool_lives, int answer)
      : device_(device),
        tool_(tool),
        patience_(patience),
        daemon_uses_it_(daemon_uses_it),
        tool_lives_(tool_lives),
        answer_(answer) {}

  void run() {
    auto transport = scsi::open_transport(device_.control_device);
    if (!transport) return answer(transport.error().message);
    scsi::LogicalUnit unit(**transport);
    scsi::DriveLock drive(unit, device_.key, scsi::read_local_ports());
    scsi::ProcessLock processes(device_.control_device, device_.key, tool_);
    if (const auto entered = processes.enter(); !entered) return answer(entered.error().message);
    const auto others = processes.others_entered();
    const auto before = drive.read();
    if (!others || !before) return answer(!others ? others.error().message : before.error().message);
    const bool registered = !*others && before->registrations_of(device_.key) > 0;
    auto why = wait_for(drive, processes);
    const bool ours = why.empty() && !processes.joined() && !by_hand_;
    answer(why);
    if (why.empty() && (ours || by_hand_)) {
      while (!tool_has_ended(std::chrono::seconds(1))) processes.renew();
    }
    if (ours) give_back(drive);
    if (!processes.joined() && !registered && processes.leave()) withdraw(drive);
  }

 private:
  void answer(const std::string& refused) {
    const auto why = (refused.empty() ? kOurs : kRefused) + refused;
    static_cast<void>(::write(answer_, why.data(), why.size()) == 0);
    ::close(answer_);
  }

  bool tool_has_ended(std::chrono::milliseconds wait) const {
    pollfd waiting{tool_lives_, POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(wait.count())) > 0;
  }

  // Empty: the lock is ours.
  std::string wait_for(scsi::DriveLock& drive, scsi::ProcessLock& processes) {
    constexpr std::chrono::seconds kToGiveBack{10};
    const auto begin = Clock::now(), until = begin + patience_;
    for (bool told = false;;) {
      std::string in_the_way;
      bool is_ending = false;
      const auto other = processes.try_take();
      if (!other) return other.error().message;
      if (*other) {
        in_the_way = (*other)->text() + " of this host uses it";
        const auto stat = base::process_stat((*other)->id.pid);
        const bool by_daemon = stat && stat->name == "bacula-sd";
        if (by_daemon && (Clock::now() >= begin + kToGiveBack || daemon_uses_it_())) return in_the_way;
        is_ending = by_daemon || !stat || !(stat->id == (*other)->id);  // its keeper is about to give the lock back
      } else if (processes.joined()) {
        return {};
      } else {
        const auto state = drive.read();
        if (!state) return state.error().message;
        by_hand_ = state->held_by(device_.key);
        const auto attempt = drive.try_lock();
        if (!attempt) return attempt.error().message;
        if (attempt->held) return {};
        processes.release();
        in_the_way = "it is locked by " + scsi::to_text(attempt->holder.key);
      }
      const auto end = is_ending ? std::max(until, begin + kToGiveBack) : until;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
      if (left <= std::chrono::milliseconds::zero()) return in_the_way;
      if (!told && !is_ending) {
        std::fprintf(stderr, "shstore: %s: %s, waiting up to %lld s\n", base::printable(device_.display()).c_str(),
                     base::printable(in_the_way).c_str(), static_cast<long long>(patience_.count()));
      }
      told = told || !is_ending;
      const std::chrono::milliseconds kPoll{is_ending ? 20 : 500};
      if (tool_has_ended(std::min(left, kPoll))) return "interrupted";
    }
  }

  void give_back(scsi::DriveLock& drive) const {
    const auto unlocked = drive.unlock();
    if (unlocked && *unlocked) return;
    std::fprintf(stderr, "shstore: %s: %s\n", base::printable(device_.display()).c_str(),
                 unlocked ? "the lock was LOST while the drive was used: what was written may be damaged"
                          : base::printable("the lock could not be given back: " + unlocked.error().message).c_str());
  }

  void withdraw(scsi::DriveLock& drive) const {
    if (const auto state = drive.read(); state && state->held_by(device_.key)) return;
    static_cast<void>(drive.unregister());
  }

  const config::SharedDevice& device_;
  std::optional<base::ProcessId> tool_;
  std::chrono::seconds patience_;
  const std::function<bool()>& daemon_uses_it_;
  int tool_lives_, answer_;
  bool by_hand_ = false;
};

// Nothing that ends the tool ends its keeper, which must give the lock back after it.
void become_keeper() {
  ::setsid();
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM})
    ::signal(signal, SIG_IGN);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null >= 0) ::dup2(null, STDIN_FILENO), ::dup2(null, STDOUT_FILENO);
}

}  // namespace

std::optional<DeviceResource> read_device_resource(const void* devres) {
  const base::Descriptor memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  if (!memory || devres == nullptr) return std::nullopt;
  const auto base = reinterpret_cast<uint64_t>(devres);
  auto name = text_at(memory.get(), base + kName), archive = text_at(memory.get(), base + kDeviceName);
  if (!name || !archive) return std::nullopt;
  return DeviceResource{std::move(*name), std::move(*archive)};
}

ToolDevice tool_device(const std::optional<DeviceResource>& told, const config::SharedDevices& shared,
                       const std::vector<std::pair<std::string, std::string>>& all_devices) {
  if (shared.devices.empty() && shared.unreadable.empty()) return {};
  if (!shared.unreadable.empty()) return {nullptr, "its configuration cannot be understood: " + shared.unreadable};
  if (!told) return {nullptr, "which device it is about to use cannot be made out"};
  for (const auto& device : shared.devices) {
    if (device.name != told->name || device.archive_device != told->archive_device) continue;
    if (!device.problem.empty())
      return {nullptr, "device " + device.display() + " cannot be locked: " + device.problem};
    if (!device.command.empty()) {
      return {nullptr,
              "device " + device.display() + " is locked by a command of the site's own: run the tool under that"};
    }
    return {&device, {}};
  }
  const bool known = std::find(all_devices.begin(), all_devices.end(), std::pair(told->name, told->archive_device)) !=
                     all_devices.end();
  return {nullptr, known ? std::string() : "which device it is about to use cannot be made out"};
}

std::chrono::seconds tool_patience(const config::SharedDevice& device) {
  const char* wait = std::getenv("SHSTORE_WAIT");
  if (wait == nullptr) return device.max_lock_wait;
  unsigned seconds = 0;
  const auto* end = wait + std::strlen(wait);
  const auto parsed = std::from_chars(wait, end, seconds);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::chrono::seconds(seconds) : device.max_lock_wait;
}

std::string keep_tool_lock(const config::SharedDevice& device, std::chrono::seconds patience,
                           const std::function<bool()>& daemon_uses_it) {
  std::array<int, 2> lives{-1, -1}, answer{-1, -1};
  if (::pipe2(lives.data(), O_CLOEXEC) != 0 || ::pipe2(answer.data(), O_CLOEXEC) != 0)
    return "no pipe: " + scsi::errno_text(errno);
  const auto self = base::process_stat(::getpid());
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return "no process could be started to keep its lock: " + scsi::errno_text(errno);
  if (child == 0) {
    ::close(lives[1]), ::close(answer[0]);
    become_keeper();
    try {
      Keeper(device, self ? std::optional(self->id) : std::nullopt, patience, daemon_uses_it, lives[0], answer[1])
          .run();
    } catch (const std::exception& e) {
      std::fprintf(stderr, "shstore: %s\n", e.what());
      ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(lives[0]), ::close(answer[1]);
  // lives[1] stays open until this process ends, however.
  std::string why;
  std::array<char, 512> some{};
  for (;;) {
    const ssize_t n = ::read(answer[0], some.data(), some.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    why.append(some.data(), static_cast<size_t>(n));
  }
  ::close(answer[0]);
  if (why.starts_with(kOurs)) return {};
  return why.starts_with(kRefused) ? why.substr(kRefused.size())
                                   : std::string("the process that was to keep its lock has died");
}

}  // namespace shstore::plugin
