// storage-ctl as a process, beside a target whose drive three hosts see.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "scsi/base/descriptor.h"
#include "scsi/target/server.h"
#include "support.h"

namespace shstore::scsi::ctl {

class RunningSan {
 public:
  RunningSan() {
    EXPECT_TRUE(server_) << message(server_);
    thread_ = std::thread([this] { EXPECT_TRUE(server_->run(stop_.get())); });
  }
  ~RunningSan() {
    const uint64_t one = 1;
    EXPECT_EQ(::write(stop_.get(), &one, sizeof one), 8);
    thread_.join();
  }
  RunningSan(const RunningSan&) = delete;
  RunningSan& operator=(const RunningSan&) = delete;

  /// Initiators cibou (sg0), dir (sg4) and third (sg7).
  std::string device(const std::string& name) const { return folder.path("san/" + name); }

  TemporaryFolder folder;

 private:
  target::Target target_{white_paper_san()};
  Result<target::Server> server_ = target::Server::open(target_, folder.path("san"));
  base::Descriptor stop_{::eventfd(0, EFD_CLOEXEC)};
  std::thread thread_;
};

/// A started program; its standard error can be read. Killed if it does not end by itself.
class Process {
 public:
  explicit Process(std::vector<std::string> words, int standard_error = -1) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    err_ = base::Descriptor(ends[0]);
    const base::Descriptor to(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, standard_error < 0 ? to.get() : standard_error, STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    EXPECT_EQ(::posix_spawnp(&pid_, argv[0], &actions, &attributes, argv.data(), environ), 0);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Process() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const { EXPECT_EQ(::kill(pid_, number), 0); }

  /// As a shell gives it.
  int end() {
    int status = 0;
    EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
    pid_ = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  /// What came on standard error so far, until this is in it or the program has closed it.
  std::string said(const std::string& wanted = "until it is closed") {
    while (text_.find(wanted) == std::string::npos) {
      char some[512];
      const ssize_t n = ::read(err_.get(), some, sizeof some);
      if (n <= 0) break;
      text_.append(some, static_cast<size_t>(n));
    }
    return text_;
  }

 private:
  pid_t pid_ = 0;
  base::Descriptor err_;
  std::string text_;
};

class StorageCtl : public testing::Test {
 protected:
  RunningSan san;
  std::string conf = san.folder.write("storage-ctl.conf", "key=bac001\nmax_lock_wait=600\n");
  std::string dir_conf = san.folder.write("dir.conf", "key=bac999\n");

  std::vector<std::string> cibou(std::vector<std::string> words) const {
    return line("cibou/sg0", conf, std::move(words));
  }
  std::vector<std::string> dir(std::vector<std::string> words) const {
    return line("dir/sg4", dir_conf, std::move(words));
  }

  LockState state() const {
    const auto transport = open_transport(san.device("third/sg7"));
    if (!transport) return {};
    LogicalUnit unit(**transport);
    return DriveLock(unit, {0xbac003}).read().value_or(LockState{});
  }
  bool untouched() const { return state().keys.empty() && !state().reservation; }
  void wait_until(const std::function<bool()>& so) const {
    for (int i = 0; i < 6000 && !so(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(so());
  }
  static int run(std::vector<std::string> words) { return Process(std::move(words)).end(); }

 private:
  std::vector<std::string> line(const std::string& device, const std::string& configuration,
                                std::vector<std::string> words) const {
    std::vector<std::string> all = {SHSTORE_STORAGE_CTL, "--config", configuration, san.device(device)};
    all.insert(all.end(), words.begin(), words.end());
    return all;
  }
};

}  // namespace shstore::scsi::ctl
