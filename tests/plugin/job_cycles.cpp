// job_cycles PLUGIN CYCLES: the plugin as bacula-sd loads it, through so many jobs' lives from four threads, on two drives of
// a target in this process, which another host takes now and then: jobs wait, are woken, are canceled in every state.
// After a tenth of them has warmed everything up, memory and descriptors must not grow. Exit status 1 if they do, or if
// anything is left on the drives.
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "fake_bacula.h"
#include "plugin/scsi_lock_port.h"
#include "scsi/drive_lock.h"
#include "scsi/target/server.h"

namespace {

using namespace std::chrono_literals;
using fake_bacula::Daemon;
using fake_bacula::Device;
using fake_bacula::Job;
using shstore::plugin::ScsiLockPort;
using shstore::reserve::Action;
using shstore::reserve::Outcome;

constexpr int kThreads = 4;
constexpr size_t kHeapMayGrow = 64 * 1024;  // a pointer lost in each of ten thousand cycles is more than that
constexpr const char* kSan = R"({
  "drives": [{"name": "drive0", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "A"},
             {"name": "drive1", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "B"}],
  "initiators": [
    {"name": "cibou", "wwpn": "2101001b322173ee", "devices": {"sg0": "drive0", "sg1": "drive1"}},
    {"name": "dir", "wwpn": "2100001b321f4365", "devices": {"sg4": "drive0", "sg5": "drive1"}}]})";

/// A library of two drives in a folder of its own, with the configuration of host cibou.
class Library {
 public:
  Library() {
    if (::mkdtemp(folder_.data()) == nullptr || ::pipe(stop_.data()) != 0) std::abort();
    server_.emplace(*shstore::scsi::target::Server::open(target_, folder_));
    thread_ = std::thread([this] { (void)server_->run(stop_[0]); });
    std::ofstream(path("storage-ctl.conf")) << "key=bac001\n";
    std::filesystem::permissions(path("storage-ctl.conf"), std::filesystem::perms{0600});
    std::ofstream config(path("bacula-sd.conf"));
    config << "Storage { Name = cibou-sd; Working Directory = " << folder_ << "; Pid Directory = " << folder_
           << "; Plugin Directory = " << folder_ << "; }\nDirector { Name = dir; Password = x; }\n";
    for (const auto& device : devices()) {
      std::ofstream(device.archive) << "a tape\n";
      config << "Device { Name = " << device.archive.substr(device.archive.rfind('/') + 1)
             << "; Media Type = LTO; Archive Device = " << device.archive << "; Control Device = " << device.control
             << "; Always Open = no; Lock Command = \"" << path("storage-ctl") << " %l %o\"; }\n";
    }
  }
  ~Library() {
    (void)!::write(stop_[1], "x", 1);
    thread_.join();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  std::string path(const std::string& name) const { return folder_ + '/' + name; }
  std::array<Device, 2> devices() const {
    return {Device{path("tape0"), path("cibou/sg0")}, Device{path("tape1"), path("cibou/sg1")}};
  }
  /// As host dir sees it.
  ScsiLockPort dir(int drive) const {
    return {path(drive == 0 ? "dir/sg4" : "dir/sg5"), {0xbac999}, false, [] { return false; }};
  }
  bool nothing_left() const {
    for (const auto& device : devices()) {
      const auto transport = shstore::scsi::open_transport(device.control);
      shstore::scsi::LogicalUnit unit(**transport);
      const auto state = shstore::scsi::DriveLock(unit, {1}).read();
      if (!state || !state->keys.empty() || state->reservation) return false;
    }
    return true;
  }

 private:
  std::string folder_ = "/tmp/shstore-cycles-XXXXXX";
  std::array<int, 2> stop_{-1, -1};
  shstore::scsi::target::Target target_{*shstore::scsi::target::parse_san(kSan, "san.json")};
  std::optional<shstore::scsi::target::Server> server_;
  std::thread thread_;
};

/// The other host: takes both drives for a moment, again and again, whenever it gets them.
class OtherHost {
 public:
  explicit OtherHost(const Library& library) : ports_{library.dir(0), library.dir(1)}, thread_([this] { work(); }) {}
  ~OtherHost() {
    stop_ = true;
    thread_.join();
  }

 private:
  void work() {
    while (!stop_) {
      for (auto& port : ports_) take(port);
      std::this_thread::sleep_for(20ms);
      for (auto& port : ports_) port.perform(Action::release, false);
      std::this_thread::sleep_for(500ms);
    }
  }
  void take(ScsiLockPort& port) const {
    while (!stop_ && port.perform(Action::take, false).kind != Outcome::Kind::done) {
      port.perform(Action::unregister, false);  // a host that were seen to wait would have its turn, 8 s long
      std::this_thread::sleep_for(1ms);
    }
  }

  std::atomic<bool> stop_{false};
  std::array<ScsiLockPort, 2> ports_;
  std::thread thread_;
};

struct Count {
  std::atomic<size_t> finished{0}, waited{0}, woken{0}, canceled{0}, failed{0}, unlocked{0};
};

/// One job's life. What it does is chance; nobody else has its dice.
class Life {
 public:
  Life(const Library& library, Daemon& daemon, uint32_t id, std::minstd_rand& dice, Count& count)
      : devices_(library.devices()), dice_(dice), count_(count), job_(daemon, id) {}

  void live() {
    const Device* device = reserve();
    if (device == nullptr || one_in(50)) {  // canceled while it waited, or before its client came: no close event
      ++count_.canceled;
    } else if (!write(*device)) {
      ++count_.failed;
    }
    job_.end();
    ++count_.finished;
  }

 private:
  bool one_in(unsigned n) { return dice_() % n == 0; }

  const Device* reserve() {
    const size_t first = dice_() % 2;
    const size_t drives = one_in(2) ? 1 : 2;
    for (bool waited = false;; waited = true) {
      for (size_t i = 0; i < drives; ++i) {
        const auto& device = devices_[(first + i) % 2];
        if (job_.try_open(device)) return &device;
      }
      if (!waited) ++count_.waited;
      if (job_.waiting_text().empty() || one_in(5)) return nullptr;
      if (Job::sleep()) ++count_.woken;
    }
  }

  // bacula-sd opens the device before it asks, and says twice that it closes it.
  bool write(const Device& device) {
    int fd = ::open(device.archive.c_str(), O_RDWR);
    const bool opened = job_.open(device);
    if (opened && one_in(20)) {  // a new Volume: nobody is told
      ::close(fd);
      fd = ::open(device.archive.c_str(), O_RDWR);
    }
    if (opened) {
      job_.close(device);
      job_.close(device);
    }
    ::close(fd);
    if (opened && !job_.failed() && !locked(device)) ++count_.unlocked;
    return opened && !job_.failed();
  }

  // The job has not ended: whatever was closed, the drive is its own.
  static bool locked(const Device& device) {
    const auto transport = shstore::scsi::open_transport(device.control);
    shstore::scsi::LogicalUnit unit(**transport);
    const auto state = shstore::scsi::DriveLock(unit, {1}).read();
    return state && state->held_by({0xbac001});
  }

  const std::array<Device, 2> devices_;
  std::minstd_rand& dice_;
  Count& count_;
  Job job_;
};

void run(const Library& library, Daemon& daemon, std::atomic<uint32_t>& last_id, uint32_t until, Count& count) {
  const OtherHost dir(library);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::minstd_rand dice(last_id + static_cast<unsigned>(t) + 1);
      for (uint32_t id = ++last_id; id <= until; id = ++last_id) Life(library, daemon, id, dice, count).live();
    });
  }
  for (auto& thread : threads) thread.join();
  last_id = until;
}

size_t entries(const char* folder) {
  size_t n = 0;
  DIR* all = ::opendir(folder);
  while (::readdir(all) != nullptr) ++n;
  ::closedir(all);
  return n;
}

struct Usage {
  size_t heap = 0, resident = 0, descriptors = 0, threads = 0;
};

Usage usage_now() {
  Usage u;
  u.heap = ::mallinfo2().uordblks;  // 0 under a sanitizer, which has a way of its own to find leaks
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> u.resident;
  u.resident *= static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  u.descriptors = entries("/proc/self/fd");
  u.threads = entries("/proc/self/task");
  return u;
}

bool has_grown(const Usage& before, const Usage& now) {
  return now.heap > before.heap + kHeapMayGrow || now.descriptors > before.descriptors || now.threads > before.threads;
}

// Once nothing is going on any more, which may take its time on a busy machine. `before`: what was in use then is what comes
// back at the latest.
Usage usage(const Library& library, const Usage* before = nullptr) {
  constexpr int kLooks = 3000;
  for (int i = 0; i < kLooks && !library.nothing_left(); ++i) std::this_thread::sleep_for(20ms);
  std::this_thread::sleep_for(500ms);
  auto now = usage_now();
  for (int i = 0; i < kLooks && before != nullptr && has_grown(*before, now); ++i) {
    std::this_thread::sleep_for(20ms);
    now = usage_now();
  }
  return now;
}

int report(const Usage& before, const Usage& after, const Count& count, bool left) {
  std::printf("%zu jobs: %zu waited, %zu were woken, %zu canceled, %zu failed\n", count.finished.load(),
              count.waited.load(), count.woken.load(), count.canceled.load(), count.failed.load());
  std::printf("heap in use %zu -> %zu bytes, resident %zu -> %zu KiB, descriptors %zu -> %zu, threads %zu -> %zu\n",
              before.heap, after.heap, before.resident / 1024, after.resident / 1024, before.descriptors,
              after.descriptors, before.threads, after.threads);
  const bool grown = has_grown(before, after);
  if (grown) std::puts("FAILED: it grows");
  if (left) std::puts("FAILED: something is left on a drive");
  if (count.failed != 0) std::puts("FAILED: a job lost its drive");
  if (count.unlocked != 0) std::puts("FAILED: a drive was given back before its job had ended");
  const bool untried = count.waited == 0 || count.woken == 0 || count.canceled == 0;
  if (untried) std::puts("FAILED: no job had to wait, was woken or canceled: nothing was tried");
  return grown || left || untried || count.failed != 0 || count.unlocked != 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto cycles = static_cast<uint32_t>(std::atol(argv[2]));
  const Library library;
  int status = 0;
  {
    Daemon daemon(argv[1], library.path("bacula-sd.conf"));
    Count count;
    std::atomic<uint32_t> last_id{0};
    run(library, daemon, last_id, cycles / 10, count);
    const auto before = usage(library);
    run(library, daemon, last_id, cycles, count);
    const auto after = usage(library, &before);
    status = report(before, after, count, !library.nothing_left());
  }
  return status;
}
