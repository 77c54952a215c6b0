#include "plugin/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "fake_caller.h"
#include "fake_port.h"

namespace shstore::plugin {
namespace {

using config::SharedDevice;
using reserve::Action;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SharedDevice device(const char* name, const char* archive, const char* control) {
  SharedDevice d;
  d.name = name;
  d.archive_device = archive;
  d.control_device = control;
  d.key = {0xbac001};
  return d;
}

struct Admissions : testing::Test {
  Admissions() {
    shared.sd_name = "cibou-sd";
    shared.devices = {device("Drive0", "/dev/nst0", "/dev/sg0"), device("Drive1", "/dev/nst1", "/dev/sg1")};
    shared.unshared_archives = {"/backup"};
  }
  ~Admissions() override {
    if (drives) drives->stop(std::chrono::seconds(30));
  }
  Admission& start() {
    drives = std::make_unique<SharedDrives>(
        shared.devices, [this](const SharedDevice& d) { return std::make_unique<FakePort>(fakes[d.control_device]); },
        SharedDrives::Listener{});
    drives->start();
    admission = std::make_unique<Admission>(shared, *drives, jobs);
    return *admission;
  }

  config::SharedDevices shared;
  std::map<std::string, FakeDrive> fakes;
  RunningJobs jobs{{[](void*, MessageType, const std::string&) {}, [] {}}};
  std::unique_ptr<SharedDrives> drives;
  std::unique_ptr<Admission> admission;
  Job job{1, 7};
};

TEST_F(Admissions, ASharedDriveIsLockedForTheJobAndItsLogSaysSoOnce) {
  auto& a = start();
  const FakeCaller caller("/dev/nst0\n/dev/sg0");
  EXPECT_TRUE(a.try_open(&job, caller));
  EXPECT_TRUE(fakes["/dev/sg0"].held);
  ASSERT_EQ(caller.log.size(), 1U);
  EXPECT_EQ(caller.log[0].first, MessageType::info);
  EXPECT_THAT(caller.log[0].second, HasSubstr("\"Drive0\" (/dev/nst0)"));
  EXPECT_TRUE(a.open(&job, caller));
  EXPECT_EQ(caller.log.size(), 1U);
}

TEST_F(Admissions, ADriveThatAnotherHostHoldsIsRefusedWithItsKey) {
  fakes["/dev/sg0"].holder = "0xbac999";  // before the agent looks
  auto& a = start();
  const FakeCaller caller("/dev/nst0\n/dev/sg0");
  EXPECT_FALSE(a.try_open(&job, caller));
  EXPECT_EQ(caller.reserve_message,
            "3612 JobId=7 waiting because device \"Drive0\" (/dev/nst0) is reserved by: 0xbac999.");
}

// bacula-sd asks every few seconds. The debug log had the same line each time.
TEST_F(Admissions, AJobThatAsksAgainIsInTheDebugLogOnceForEachAnswer) {
  fakes["/dev/sg0"].holder = "0xbac999";
  auto& a = start();
  const FakeCaller caller("/dev/nst0\n/dev/sg0");
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(a.try_open(&job, caller));
  const auto lines = [&] {
    auto all = caller.noted;
    for (const auto& [type, text] : caller.log) all.push_back(text);
    return std::count_if(all.begin(), all.end(), [](const auto& t) { return t.starts_with("3612 "); });
  };
  EXPECT_EQ(lines(), 1);
  EXPECT_EQ(caller.traced, 5) << "bacula-sd's own trace has each of them";
}

TEST_F(Admissions, ADeviceThatIsNotSharedIsNoneOfOurBusiness) {
  auto& a = start();
  const FakeCaller caller("/backup\n");
  EXPECT_TRUE(a.try_open(&job, caller));
  EXPECT_TRUE(a.open(&job, caller));
  EXPECT_THAT(caller.log, IsEmpty());
}

TEST_F(Admissions, ADeviceThatTheConfigurationDoesNotKnowIsRefusedAndTheLogSaysSoOnce) {
  auto& a = start();
  const FakeCaller caller("/dev/nst7\n/dev/sg7");
  EXPECT_FALSE(a.try_open(&job, caller));
  EXPECT_FALSE(a.try_open(&job, caller));
  EXPECT_EQ(caller.log.size(), 1U);
  EXPECT_FALSE(caller.reserve_message.empty());
}

TEST_F(Admissions, ADriveWhoseControlDeviceIsNotTheConfiguredOneIsRefused) {
  auto& a = start();
  const FakeCaller caller("/dev/nst0\n/dev/sg1");
  EXPECT_FALSE(a.try_open(&job, caller));
  EXPECT_FALSE(fakes["/dev/sg0"].held);
  EXPECT_FALSE(fakes["/dev/sg1"].held);
}

// A plugin that was replaced, an event without a device: with a shared device configured nothing goes through unnamed.
TEST_F(Admissions, WithoutAJobOfOursOrANameOfTheDeviceNothingIsLetThrough) {
  auto& a = start();
  const FakeCaller named("/dev/nst0\n/dev/sg0"), nameless(std::nullopt);
  EXPECT_FALSE(a.try_open(nullptr, named));
  EXPECT_FALSE(a.try_open(&job, nameless));
  EXPECT_THAT(nameless.reserve_message, HasSubstr("bacula-sd does not tell its name"));
  EXPECT_FALSE(fakes["/dev/sg0"].held);
}

TEST_F(Admissions, WithNoDeviceSharedEverythingIsLetThrough) {
  shared.devices.clear();
  auto& a = start();
  EXPECT_TRUE(a.try_open(nullptr, FakeCaller(std::nullopt)));
  EXPECT_TRUE(a.try_open(&job, FakeCaller(std::nullopt)));
}

TEST_F(Admissions, AnUnreadableConfigurationRefusesEveryJob) {
  shared.devices.clear();
  shared.unreadable = "line 3: what is this?";
  auto& a = start();
  const FakeCaller caller("/dev/nst0\n/dev/sg0");
  EXPECT_FALSE(a.try_open(&job, caller));
  EXPECT_THAT(caller.reserve_message, HasSubstr("line 3: what is this?"));
  EXPECT_FALSE(a.try_open(&job, FakeCaller(std::nullopt)));
}

TEST_F(Admissions, ARefusalAtOpenFailsTheJobButNotTheStartOfTheDaemon) {
  fakes["/dev/sg0"].holder = "0xbac999";
  auto& a = start();
  const FakeCaller caller("/dev/nst0\n/dev/sg0"), at_start("/dev/nst0\n/dev/sg0");
  EXPECT_FALSE(a.open(&job, caller));
  ASSERT_EQ(caller.log.size(), 1U);
  EXPECT_EQ(caller.log[0].first, MessageType::fatal);
  Job daemons_own{2, 0};
  EXPECT_FALSE(a.open(&daemons_own, at_start));
  ASSERT_EQ(at_start.log.size(), 1U);
  EXPECT_EQ(at_start.log[0].first, MessageType::warning);
}

TEST_F(Admissions, ADcrThatMovesToAnotherDriveGivesUpTheFirst) {
  auto& a = start();
  fakes["/dev/sg0"].open = fakes["/dev/sg1"].open = false;
  EXPECT_TRUE(a.try_open(&job, FakeCaller("/dev/nst0\n/dev/sg0", 5)));
  EXPECT_TRUE(a.try_open(&job, FakeCaller("/dev/nst1\n/dev/sg1", 5)));
  EXPECT_TRUE(fakes["/dev/sg0"].wait_for(Action::release));
  // One that reads beside it keeps both.
  EXPECT_TRUE(a.try_open(&job, FakeCaller("/dev/nst0\n/dev/sg0", 6)));
  EXPECT_EQ(drives->state().at(1).claims.size(), 1U);
}

TEST_F(Admissions, TheEndOfAJobEndsItsClaims) {
  auto& a = start();
  fakes["/dev/sg0"].open = false;
  const FakeCaller caller("/dev/nst0\n/dev/sg0");
  EXPECT_TRUE(a.try_open(&job, caller));
  a.conclude(job, caller);
  EXPECT_EQ(caller.log.size(), 1U) << "a lock that held is nothing to tell";
  EXPECT_TRUE(fakes["/dev/sg0"].wait_for(Action::release));
}

TEST_F(Admissions, ALockThatWasGoneAtTheEndFailsTheJob) {
  auto& a = start();
  const FakeCaller caller("/dev/nst0\n/dev/sg0");
  EXPECT_TRUE(a.open(&job, caller));
  {
    const std::lock_guard lock(fakes["/dev/sg0"].mutex);
    fakes["/dev/sg0"].holder = "0xbac999";
  }
  a.conclude(job, caller);
  ASSERT_EQ(caller.log.size(), 2U);
  EXPECT_EQ(caller.log[1].first, MessageType::fatal);
}

// It has been queued, and bacula-sd prints that with the next message of the job's own, or never.
TEST_F(Admissions, AJobThatWasToldOfItBeforeItsEndGetsOneMoreMessage) {
  auto& a = start();
  const FakeCaller caller("/dev/nst0\n/dev/sg0");
  jobs.begin(job.owner, nullptr, job.id, "backup", reserve::JobHalf::whole);
  EXPECT_TRUE(a.open(&job, caller));
  {
    const std::lock_guard lock(fakes["/dev/sg0"].mutex);
    fakes["/dev/sg0"].holder = "0xbac999";
  }
  jobs.tell(job.owner, MessageType::fatal, "the lock was lost");
  a.conclude(job, caller);
  ASSERT_EQ(caller.log.size(), 2U);
  EXPECT_EQ(caller.log[1].first, MessageType::info);
  EXPECT_THAT(caller.log[1].second, HasSubstr("The job is failed."));
}

}  // namespace
}  // namespace shstore::plugin
