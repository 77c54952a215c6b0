// Which files stand for a drive within a host, and who has them.
#include "scsi/process_lock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "scsi/base/process.h"
#include "scsi/lock_nodes.h"
#include "support.h"

namespace shstore::scsi {
namespace {

namespace fs = std::filesystem;
using testing::Test;

// A sysfs with devices behind /dev/null (1:3), which stands for the control device.
struct LockNodes : Test {
  TemporaryFolder folder;
  std::string sysfs = folder.path("sys"), dev = folder.path("dev");

  LockNodes() { fs::create_directories(sysfs + "/dev/char/1:3"), fs::create_directories(dev); }
  std::string device(const std::string& address, const std::string& sg, const std::string& wwid,
                     const std::string& serial = "") {
    const auto path = sysfs + "/devices/" + address;
    fs::create_directories(path);
    std::ofstream(path + "/wwid") << wwid;
    std::ofstream(path + "/type") << "1\n";
    if (!serial.empty()) std::ofstream(path + "/vpd_pg80") << serial;
    fs::create_directories(sysfs + "/class/scsi_generic/" + sg);
    fs::create_directory_symlink(path, sysfs + "/class/scsi_generic/" + sg + "/device");
    std::ofstream{dev + '/' + sg};
    return path;
  }
  std::vector<std::string> nodes() const {
    auto all = lock_nodes("/dev/null", sysfs, dev);
    for (auto& node : all) node = node.starts_with(dev) ? node.substr(dev.size() + 1) : node;
    return all;
  }
};

TEST_F(LockNodes, AreAllPathsToTheDriveInTheOrderOfTheirAddresses) {
  device("10:0:0:0", "sg2", "naa.5000\n");
  fs::create_directory_symlink(device("2:0:0:0", "sg7", "naa.5000\n"), sysfs + "/dev/char/1:3/device");
  device("2:0:1:0", "sg3", "naa.5001\n");
  device("2:0:0:11", "sg4", "naa.5000\n");
  EXPECT_EQ(nodes(), (std::vector<std::string>{"sg7", "/dev/null", "sg4", "sg2"}));
}

TEST_F(LockNodes, ADeviceWithoutANameHasButThisPath) {
  device("10:0:0:0", "sg2", "");
  fs::create_directory_symlink(device("2:0:0:0", "sg7", ""), sysfs + "/dev/char/1:3/device");
  EXPECT_EQ(nodes(), (std::vector<std::string>{"sg7", "/dev/null"}));
}

TEST_F(LockNodes, TwoDrivesOfOneNameAreToldApartByTheirSerialNumbers) {
  device("10:0:0:0", "sg2", "t10.IBM\n", "0001");
  fs::create_directory_symlink(device("2:0:0:0", "sg7", "t10.IBM\n", "0002"), sysfs + "/dev/char/1:3/device");
  EXPECT_EQ(nodes(), (std::vector<std::string>{"sg7", "/dev/null"}));
}

TEST_F(LockNodes, ANodeThatIsNotThereIsNone) {
  fs::create_directory_symlink(device("2:0:0:0", "sg7", "naa.5000\n"), sysfs + "/dev/char/1:3/device");
  fs::remove(dev + "/sg7");
  EXPECT_EQ(nodes(), (std::vector<std::string>{"/dev/null"}));
  EXPECT_TRUE(lock_nodes(folder.path("nothing")).empty());
}

// Another process has it until `let_go`, or is killed.
class OtherProcess {
 public:
  OtherProcess(const std::string& device, ReservationKey key) {
    int ready[2] = {}, gate[2] = {};
    EXPECT_EQ(::pipe(ready), 0);
    EXPECT_EQ(::pipe(gate), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(gate[1]);
      ProcessLock lock(device, key);
      const auto taken = lock.try_take();
      const char said = taken && !*taken && lock.held() ? 'y' : 'n';
      static_cast<void>(::write(ready[1], &said, 1) == 1);
      char any = 0;
      static_cast<void>(::read(gate[0], &any, 1) == 0);
      ::_exit(0);
    }
    ::close(ready[1]), ::close(gate[0]);
    char said = 0;
    EXPECT_EQ(::read(ready[0], &said, 1), 1);
    EXPECT_EQ(said, 'y');
    ::close(ready[0]);
    gate_ = gate[1];
  }
  ~OtherProcess() { end(); }
  void end() {
    if (pid_ == 0) return;
    ::close(gate_);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int gate_ = -1;
};

struct ProcessLocks : Test {
  TemporaryFolder folder;
  const ReservationKey key{0xbac001}, other_key{0xbac999};
  std::string device = folder.path("sg0");

  ProcessLocks() {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    device.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << device;
    ::close(fd);
    ::chmod(device.c_str(), 0660);
  }
};

TEST_F(ProcessLocks, OneProcessHasItAndIsNamed) {
  OtherProcess other(device, key);
  ProcessLock lock(device, key);
  const auto owner = lock.try_take();
  ASSERT_TRUE(owner && *owner) << message(owner);
  EXPECT_EQ((*owner)->id.pid, other.pid());
  EXPECT_EQ((*owner)->id, base::process_stat(other.pid())->id)
      << "when it was started, too: a number may be used again";
  EXPECT_NE((*owner)->text().find("(process " + std::to_string(other.pid()) + ")"), std::string::npos)
      << (*owner)->text();
  EXPECT_FALSE(lock.held());
  EXPECT_TRUE(lock.other().value());
  other.end();
  EXPECT_FALSE(lock.other().value());
  EXPECT_FALSE(lock.try_take().value()) << "it went with the process";
  EXPECT_TRUE(lock.held() && !lock.joined());
}

TEST_F(ProcessLocks, HostsWithOtherKeysInOneKernelAreNoneOfItsBusiness) {
  const OtherProcess other(device, other_key);
  ProcessLock lock(device, key);
  EXPECT_FALSE(lock.try_take().value());
  EXPECT_TRUE(lock.held());
}

TEST_F(ProcessLocks, WhoeverIsBelowTheOwnerJoinsAndGivesNothingBack) {
  ProcessLock ours(device, key);
  ASSERT_FALSE(ours.try_take().value());
  const pid_t child = ::fork();
  if (child == 0) {
    // The script's child: the daemon is two above it.
    const pid_t grandchild = ::fork();
    if (grandchild != 0) {
      int status = 0;
      ::waitpid(grandchild, &status, 0);
      ::_exit(WEXITSTATUS(status));
    }
    ProcessLock below(device, key);
    const auto taken = below.try_take();
    const bool good = taken && !*taken && below.joined() && below.held();
    below.release();
    ::_exit(good ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  const pid_t stranger = ::fork();
  if (stranger == 0) ::_exit(ProcessLock(device, key).other().value() ? 1 : 0);  // a child of ours, too
  ::waitpid(stranger, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(ProcessLocks, ANodeThatWasMadeAnewIsLockedAnew) {
  ProcessLock lock(device, key);
  ASSERT_FALSE(lock.try_take().value());
  fs::remove(device + ".lock");
  {
    const OtherProcess other(device, key);  // it finds another file
    lock.renew();
  }
  lock.renew();
  ProcessLock second(device, key);
  EXPECT_FALSE(second.try_take().value());
  EXPECT_TRUE(second.joined()) << "this process has it, by the new file";
}

TEST_F(ProcessLocks, TheFileBesideASocketMayBeUsedByWhoeverMayUseTheSocket) {
  ProcessLock lock(device, key);
  ASSERT_FALSE(lock.try_take().value());
  struct stat st {};
  ASSERT_EQ(::stat((device + ".lock").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0660u);
}

TEST_F(ProcessLocks, TheLastOneOutIsTold) {
  ProcessLock first(device, key), second(device, key);
  ASSERT_TRUE(first.enter() && second.enter());
  EXPECT_TRUE(first.others_entered().value());
  EXPECT_FALSE(first.leave());
  EXPECT_TRUE(second.leave());
}

TEST(Processes, AreKnownByNumberAndStart) {
  const auto self = base::process_stat(::getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(self->parent, ::getppid());
  EXPECT_TRUE(base::is_self_or_ancestor(self->id));
  EXPECT_TRUE(base::is_self_or_ancestor(base::process_stat(::getppid())->id));
  EXPECT_FALSE(base::is_self_or_ancestor({self->id.pid, self->id.start + 1}))
      << "another process that has the number now";
  TemporaryFolder proc;
  fs::create_directories(proc.path("7"));
  std::ofstream(proc.path("7/stat")) << "7 (a (b) c) S 3 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 0 0\n";
  const auto odd = base::process_stat(7, proc.path(""));
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->name, "a (b) c");
  EXPECT_EQ(odd->parent, 3);
  EXPECT_EQ(odd->id.start, 4711u);
}

}  // namespace
}  // namespace shstore::scsi
