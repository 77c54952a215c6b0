// Drives that answer, drives that never do, and what reading leaves behind.
#include "status/look/live.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "running_target.h"
#include "scsi/unix_socket.h"
#include "status/look/ask_all.h"

namespace shstore::status {
namespace {

using namespace std::chrono_literals;
using Why = LiveLock::Why;

config::SharedDevice device(const std::string& control, uint64_t key = 0xbac001) {
  config::SharedDevice d;
  d.name = "Drive-0";
  d.archive_device = "/dev/nst0";
  d.control_device = control;
  d.key = {key};
  return d;
}

class Live : public testing::Test {
 protected:
  ~Live() override {
    for (const int fd : silent) ::close(fd);
  }

  // A drive that takes every connection and never says a word.
  std::string silent_drive(int number) {
    const auto path = target.folder() + "/silent" + std::to_string(number);
    const auto address = scsi::SocketAddress::of(path);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(fd, address->get(), address->size()), 0);
    EXPECT_EQ(::listen(fd, 5), 0);
    silent.push_back(fd);
    return path;
  }
  std::string cibou() const { return target.cibou(); }

  std::vector<int> silent;
  tests::RunningTarget target;
};

TEST_F(Live, AFreeDriveSaysWhatItIs) {
  const auto all = read_live({device(cibou())});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].why, Why::known);
  EXPECT_FALSE(all[0].registered || all[0].locked);
  EXPECT_EQ(all[0].vendor + '/' + all[0].product + '/' + all[0].serial, "HP/Ultrium 4-SCSI/HU10450A01");
}

TEST_F(Live, AnotherHostsLockIsSeenWithItsPort) {
  ASSERT_TRUE(target.lock(target.dir(), 0xbac999));
  const auto all = read_live({device(cibou()), device(target.dir(), 0xbac999)});
  EXPECT_EQ(all[0].blocked_by, "0xbac999");
  EXPECT_EQ(all[0].holding_initiator(), "21:00:00:1b:32:1f:43:65");
  EXPECT_EQ(all[0].registrants, (std::vector<Registrant>{{"0xbac999", "21:00:00:1b:32:1f:43:65", true}}));
  EXPECT_TRUE(all[1].locked);
  EXPECT_EQ(all[1].type, "Exclusive Access");
}

TEST_F(Live, ReadingChangesNothingOnTheDrive) {
  const auto before = read_live({device(cibou())})[0];
  for (int i = 0; i < 5; ++i) (void)read_live({device(cibou())});
  const auto after = read_live({device(cibou())})[0];
  EXPECT_EQ(after.generation, before.generation);
  EXPECT_EQ(after.registrants, before.registrants);
}

TEST_F(Live, WhatTheDriveReportedOnceIsHandedOn) {
  std::mutex mutex;
  std::vector<std::string> told;
  const RecordAttentions record = [&](size_t index, const auto& d,
                                      const auto& codes) -> tl::expected<void, std::string> {
    const std::lock_guard lock(mutex);
    for (const auto& code : codes) told.push_back(std::to_string(index) + ' ' + d.name + ' ' + code);
    return tl::make_unexpected(std::string("the disk is full"));
  };
  const auto all = read_live({device(cibou())}, kLiveDeadline, record);
  EXPECT_EQ(told, std::vector<std::string>{"0 Drive-0 29/00"}) << "the drive was powered on";
  EXPECT_EQ(all[0].unit_attentions, std::vector<std::string>{"29/00"});
  EXPECT_EQ(all[0].not_recorded, "the disk is full");
  told.clear();
  (void)read_live({device(cibou())}, kLiveDeadline, record);
  EXPECT_TRUE(told.empty());
}

TEST_F(Live, DrivesThatNeverAnswerAreMarkedAndKeepNobodyWaiting) {
  std::vector<config::SharedDevice> devices;
  for (int i = 0; i < 40; ++i) devices.push_back(device(i % 8 == 3 ? silent_drive(i) : cibou()));
  const auto all = read_live(devices, 5s);
  ASSERT_EQ(all.size(), 40u);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].why, i % 8 == 3 ? Why::no_answer : Why::known) << i << ' ' << all[i].error;
  }
  EXPECT_EQ(all[3].error, devices[3].control_device + " does not answer (not within 5 s)");
}

// A drive that is stuck in the kernel overnight must not cost a thread at each look.
TEST_F(Live, ADriveThatHangsIsNotAskedAgainBeforeItHasAnswered) {
  const std::vector<config::SharedDevice> devices = {device(silent_drive(0)), device(cibou())};
  for (int look = 0; look < 5; ++look) {
    const auto all = read_live(devices, 2s);
    EXPECT_EQ(all[0].why, Why::no_answer);
    EXPECT_EQ(all[1].why, Why::known);
  }
  EXPECT_EQ(::fcntl(silent[0], F_SETFL, O_NONBLOCK), 0);
  const int first = ::accept(silent[0], nullptr, nullptr);
  EXPECT_GE(first, 0);
  EXPECT_LT(::accept(silent[0], nullptr, nullptr), 0) << "asked more than once";
  ::close(first);  // the thread gets out of it
  int again = -1;
  for (int i = 0; i < 600 && again < 0; ++i) {
    (void)read_live(devices, 50ms);
    again = ::accept(silent[0], nullptr, nullptr);
  }
  EXPECT_GE(again, 0) << "never asked again";
  if (again >= 0) ::close(again);
}

// Nobody answers before all two hundred are being asked, and five never do: one after the other, there would be no answer.
TEST(AskAll, FiveOfTwoHundredThatHangAreTheOnlyOnesWithoutAnAnswer) {
  constexpr size_t kAll = 200, kEach = 40;
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    size_t asked = 0, ended = 0;
    bool over = false;
  };
  const auto shared = std::make_shared<Shared>();
  const auto answers = ask_all<size_t>(kAll, 5s, [shared](size_t i) {
    std::unique_lock lock(shared->mutex);
    ++shared->asked;
    shared->changed.notify_all();
    shared->changed.wait(lock, [&] { return shared->asked == kAll || shared->over; });
    if (i % kEach == 3) shared->changed.wait(lock, [&] { return shared->over; });
    ++shared->ended;
    shared->changed.notify_all();
    return i;
  });
  std::unique_lock lock(shared->mutex);
  shared->over = true;
  shared->changed.notify_all();
  shared->changed.wait(lock, [&] { return shared->ended == kAll; });
  for (size_t i = 0; i < kAll; ++i) EXPECT_EQ(answers[i].has_value(), i % kEach != 3) << i;
}

// All forty connections are made although nobody has answered on one of them. One after the other they would
// be made every five seconds, longer than the test may take.
TEST_F(Live, AllDrivesAreAskedAtTheSameTime) {
  constexpr int kDrives = 40;
  std::vector<config::SharedDevice> devices;
  for (int i = 0; i < kDrives; ++i) devices.push_back(device(silent_drive(i)));
  std::vector<LiveLock> all;
  std::thread reader([&] { all = read_live(devices, 60s); });
  std::vector<int> connections;
  for (const int fd : silent) connections.push_back(::accept(fd, nullptr, nullptr));
  for (const int fd : connections) {
    EXPECT_GE(fd, 0);
    ::close(fd);
  }
  reader.join();
  ASSERT_EQ(all.size(), devices.size());
  for (const auto& live : all) EXPECT_NE(live.why, Why::known);
}

TEST_F(Live, WhatCannotBeAskedSaysWhy) {
  auto broken = device("");
  broken.problem = "it has a Lock Command but no Control Device";
  auto own = device("/dev/sg0");
  own.command = {"/usr/local/sbin/lock-drive", "%o"};
  const auto all = read_live({broken, own, device(target.folder() + "/none")});
  EXPECT_EQ(all[0].why, Why::misconfigured);
  EXPECT_EQ(all[0].error, broken.problem);
  EXPECT_EQ(all[1].why, Why::own_command);
  EXPECT_TRUE(all[1].is_known()) << "it is no trouble of the drive: the exit status is 0";
  EXPECT_FALSE(all[0].is_known() || all[2].is_known());
  EXPECT_EQ(all[2].why, Why::cannot_be_asked);
  EXPECT_EQ(
      all[2].error,
      "cannot open control device " + target.folder() +
          "/none: No such file or directory. If it is to be a socket of shstore-target, start that first (\"shstore-target --help\")");
}

}  // namespace
}  // namespace shstore::status
