#include "plugin/drive_agent.h"

#include <pthread.h>

#include <new>

#include "agent.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;

TEST_F(Agent, WhatHappensIsCounted) {
  drive_is([](auto& d) { d.holder = "0xbac999"; });
  auto& a = start();
  EXPECT_FALSE(a.request(1, 7).granted);
  EXPECT_FALSE(a.request(1, 7).granted);
  EXPECT_EQ(a.counters().conflicts, 1u) << "the same job, told once";
  EXPECT_EQ(a.counters().locks_taken, 0u);
  drive_is([](auto& d) { d.holder.clear(); });
  EXPECT_TRUE(until([&] { return a.request(1, 7).granted; }));
  EXPECT_EQ(a.counters().locks_taken, 1u);
  EXPECT_GT(a.counters().waited.count(), 0);
  EXPECT_EQ(a.counters().locks_lost, 0u);
  drive_is([](auto& d) { d.holder = "0xbac999"; });
  EXPECT_FALSE(a.verified(1, 7).granted);
  EXPECT_TRUE(until([&] { return a.counters().locks_lost == 1; }));
}

TEST_F(Agent, AJobGetsTheLockAndItsEndGivesItBack) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  EXPECT_TRUE(a.view().locked);
  a.end(1);
  EXPECT_TRUE(until([&] { return !a.view().locked; }));
  EXPECT_EQ(drive.performed(), (std::vector{Action::recover, Action::look, Action::take, Action::release}));
  EXPECT_GT(changes, 0);
  EXPECT_TRUE(drive.signals_blocked) << "bacula-sd's signal handlers must not run on our thread";
}

// Or a job would end as OK by what the drive had said before another host took it, or before its last block.
TEST_F(Agent, AProofThatWasBegunBeforeItWasAskedForIsNone) {
  auto& a = start();
  ASSERT_TRUE(a.request(1, 7).granted);
  const auto actions = drive.performed().size();
  drive.hangs = true;
  a.prove_soon();
  ASSERT_TRUE(until([&] { return drive.performed().size() > actions; })) << "what it will say is settled";
  drive_is([](auto& d) { d.holder = "0xbac999"; });
  std::thread job([&] { EXPECT_FALSE(a.verified(1, 7).granted); });
  std::this_thread::sleep_for(kShort);  // it may be later, which shows nothing, and is right as well
  drive.hangs = false;
  job.join();
}

// bacula-sd prints nothing that comes later: in the lab a failed job did not say why.
TEST_F(Agent, WhatIsFoundAtTheEndOfAJobItIsToldBeforeItEnds) {
  std::atomic<bool> was_told{false};
  const auto slow = [&](const reserve::JobNotice&) {
    std::this_thread::sleep_for(kShort);  // a faster one shows nothing, and is right as well
    was_told = true;
  };
  DriveAgent a(std::make_unique<FakePort>(drive), DriveAgent::Listener{[] {}, slow}, timing, kPatient);
  a.start();
  ASSERT_TRUE(a.request(1, 7).granted);
  drive_is([](auto& d) { d.holder = "0xbac999"; });
  EXPECT_EQ(a.concluded(1, 7).kind, Conclusion::Kind::lost);
  EXPECT_TRUE(was_told);
  a.stop(kPatient);
}

// The next one would use the device while its tape is somewhere else.
TEST_F(Agent, AJobForWhichTheTapeIsMovedWaitsUntilItIsPutBack) {
  timing.verify = 20ms;
  auto& a = start(100ms);
  ASSERT_TRUE(until([&] { return a.request(1, 7).granted; }));
  drive.moves = true;
  drive.hangs = true;
  std::atomic<bool> answered{false};
  std::thread job([&] {
    EXPECT_TRUE(a.verified(1, 7).granted);
    answered = true;
  });
  std::this_thread::sleep_for(5 * 100ms);  // a later answer is right as well
  EXPECT_FALSE(answered);
  const auto actions = drive.performed().size();
  drive.hangs = false;
  EXPECT_TRUE(until([&] { return drive.performed().size() > actions + 2; })) << "what was asked for is known by now";
  drive.moves = false;
  job.join();
}

TEST_F(Agent, WhoHasTheDriveIsReadByItsOwnWorker) {
  drive.holder = "0xbac999";
  auto& a = start();
  const auto of_no_job = a.read(kPatient);
  ASSERT_TRUE(of_no_job);
  EXPECT_EQ(of_no_job->holder, "0xbac999");
  EXPECT_EQ(drive.performed(), (std::vector{Action::recover, Action::look}));
  EXPECT_FALSE(a.request(1, 7).granted);
  const auto of_one_that_waits = a.read(kPatient);
  ASSERT_TRUE(of_one_that_waits);
  EXPECT_TRUE(of_one_that_waits->registered);
  drive_is([](auto& d) { d.holder.clear(); });
  ASSERT_TRUE(until([&] { return a.request(1, 7).granted; }));
  const auto ours = a.read(kPatient);
  ASSERT_TRUE(ours);
  EXPECT_TRUE(ours->ours);
  drive_is([](auto& d) { d.unseen = true; });
  EXPECT_FALSE(a.read(kPatient));
}

TEST_F(Agent, ADriveThatHangsIsNotReadForLongerThanOneLikes) {
  auto& a = start();
  hang();
  EXPECT_FALSE(a.read(kShort));
  drive.hangs = false;
  EXPECT_TRUE(a.read(kPatient));
}

TEST_F(Agent, ARefusalComesBackWithTheHolder) {
  drive.holder = "0xbac999";
  auto& a = start();
  const auto answer = a.request(1, 7);
  EXPECT_FALSE(answer.granted);
  EXPECT_EQ(answer.refusal.holder, "0xbac999");
  EXPECT_TRUE(drive.wait_for(Action::join)) << "it waits now";
  a.end(1);
  EXPECT_TRUE(drive.wait_for(Action::unregister));
}

TEST_F(Agent, AHangingDriveCostsTheDeadlineAndLeavesNoLock) {
  auto& a = start(kShort);
  hang();
  const auto answer = a.request(1, 7);
  EXPECT_FALSE(answer.granted);
  EXPECT_EQ(answer.refusal.reason, "its control device has not answered within 1 s");
  a.end(1);
  drive.hangs = false;
  EXPECT_TRUE(until([&] { return !a.view().locked && !a.view().registered; }))
      << "the lock that came late is given back";
}

TEST_F(Agent, ALockThatIsLostWhileTheDeviceIsClosedInMidJobIsMissedAtOnce) {
  timing.verify = std::chrono::hours(1);
  timing.open_poll = timing.verify_closed = 20ms;
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive.open = false;
  drive_is([](auto& d) { d.holder = "0xbac999"; });
  EXPECT_TRUE(was_told(reserve::JobNotice::Kind::lost, 7));
}

// Every thread that is started meanwhile wants more room for its stack than there is.
class NoThreads {
 public:
  NoThreads() {
    ::pthread_getattr_default_np(&before_);
    pthread_attr_t huge = before_;
    constexpr size_t kMoreThanThereIs = size_t{1} << 46;
    EXPECT_EQ(::pthread_attr_setstacksize(&huge, kMoreThanThereIs), 0);
    EXPECT_EQ(::pthread_setattr_default_np(&huge), 0);
  }
  ~NoThreads() { EXPECT_EQ(::pthread_setattr_default_np(&before_), 0); }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t before_{};
};

TEST_F(Agent, WithoutAThreadEachJobHearsTheReasonAndTheFirstOneAfterThatStartsIt) {
  auto machine = std::make_unique<NoThreads>();
  auto& a = start();
  for (int again = 0; again < 2; ++again) {
    const auto answer = a.request(1, 7);
    EXPECT_FALSE(answer.granted);
    EXPECT_EQ(answer.refusal.reason, "bacula-sd cannot start a thread: Resource temporarily unavailable");
  }
  EXPECT_EQ(a.view().error, "bacula-sd cannot start a thread: Resource temporarily unavailable");
  EXPECT_FALSE(a.verified(1, 7).granted);
  EXPECT_TRUE(drive.performed().empty()) << "nothing is done to the drive";
  machine.reset();
  EXPECT_TRUE(a.request(1, 7).granted);
  EXPECT_EQ(a.view().error, "");
}

// As a machine without memory makes it.
TEST_F(Agent, WhoeverListensAndFailsDoesNotEndTheWorker) {
  std::atomic<int> failures{3};
  const auto fail = [&, bacula = std::this_thread::get_id()] {
    if (std::this_thread::get_id() != bacula && failures-- > 0) throw std::bad_alloc();
  };
  agent = std::make_unique<DriveAgent>(std::make_unique<FakePort>(drive), DriveAgent::Listener{fail}, timing, kPatient);
  agent->start();
  EXPECT_TRUE(agent->request(1, 7).granted);
  agent->end(1);
  EXPECT_TRUE(until([&] { return failures < 1 && !agent->view().locked; }));
}

TEST_F(Agent, AJobThatMustHearOfALostLockHearsOfItAlthoughTheFirstTryFailed) {
  std::atomic<int> failures{2};
  timing.verify = std::chrono::hours(1);
  timing.open_poll = timing.verify_closed = 20ms;
  agent = std::make_unique<DriveAgent>(std::make_unique<FakePort>(drive),
                                       DriveAgent::Listener{[this] { ++changes; },
                                                            [&](const reserve::JobNotice& n) {
                                                              if (failures-- > 0) throw std::bad_alloc();
                                                              const std::lock_guard lock(told_mutex);
                                                              told.push_back(n);
                                                            }},
                                       timing, kPatient);
  agent->start();
  EXPECT_TRUE(agent->request(1, 7).granted);
  drive.open = false;
  drive_is([](auto& d) { d.holder = "0xbac999"; });
  EXPECT_TRUE(was_told(reserve::JobNotice::Kind::lost, 7));
}

// Found with a daemon for which the machine had no thread: a label's open was never noticed, and what a job had locked was given back
// half a minute after the device was closed.
TEST_F(Agent, ADeviceOfWhichNothingIsToldIsLookedAt) {
  timing.open_poll = std::chrono::hours(1);
  timing.open_grace = 20ms;
  drive.opens_are_told = false;
  auto& a = start();
  const auto again = [&] { return [this, so_far = drive.devices_asked + 2] { return drive.devices_asked > so_far; }; };
  EXPECT_TRUE(until(again())) << "though nobody uses it";
  drive.opened = true;
  EXPECT_TRUE(until([&] { return a.view().locked; }));
  EXPECT_TRUE(until(again())) << "while it is open";
  drive.open = false;
  EXPECT_TRUE(until([&] { return !a.view().locked; }));
}

TEST_F(Agent, NodesThatComeToLeadToTwoDrivesAreSeenWhileAJobWritesAndTheNextOneIsRefused) {
  timing.verify = timing.verify_closed = timing.open_poll = std::chrono::hours(1);
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive.two_drives = true;
  EXPECT_TRUE(until([&] { return a.view().error == "two drives"; }));
  const auto answer = a.request(2, 8);
  EXPECT_FALSE(answer.granted);
  EXPECT_EQ(answer.refusal.reason, "two drives");
  EXPECT_TRUE(a.view().locked) << "the first one writes on under its lock";
  a.end(1);
  EXPECT_TRUE(until([&] { return !a.view().locked; }));
}

TEST_F(Agent, AJobThatWasAdmittedBeforeTheNodesChangedIsRefusedWhenItOpensTheDevice) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive.two_drives = true;
  const auto answer = a.verified(1, 7);
  EXPECT_FALSE(answer.granted);
  EXPECT_EQ(answer.refusal.reason, "two drives");
}

TEST_F(Agent, TheEndOfAJobThatWroteUnderItsLockIsNoRefusal) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive.two_drives = true;
  EXPECT_EQ(a.concluded(1, 7).kind, Conclusion::Kind::held);
}

TEST_F(Agent, AHangingDriveDoesNotKeepTheDaemonFromEnding) {
  auto& a = start(kShort);
  hang();
  a.request(1, 7);
  EXPECT_FALSE(a.stop(1ms));
  agent.reset();
  EXPECT_FALSE(drive.port_is_gone);
  drive.hangs = false;
  EXPECT_TRUE(until([&] { return drive.port_is_gone.load(); })) << "the worker ends by itself, on memory of its own";
}

TEST_F(Agent, ManyJobsAtOnceAreServed) {
  auto& a = start();
  std::vector<std::thread> jobs;
  std::atomic<int> granted{0};
  for (reserve::JobContext owner = 1; owner <= 16; ++owner) {
    jobs.emplace_back([&, owner] {
      for (int i = 0; i < 50; ++i) {
        if (a.request(owner, static_cast<reserve::JobId>(owner)).granted) ++granted;
        if (i % 3 == 0) a.verified(owner, static_cast<reserve::JobId>(owner));
        a.end(owner);
      }
    });
  }
  for (auto& job : jobs) job.join();
  EXPECT_EQ(granted, 16 * 50);
  EXPECT_TRUE(until([&] { return !a.view().locked && !a.view().registered; }));
}

TEST_F(Agent, ReleaseNowGivesBackWhatIsHeldAfterTheWorkerStopped) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  EXPECT_TRUE(a.stop(kPatient));
  EXPECT_TRUE(a.release_now());
  EXPECT_EQ(drive.performed().back(), Action::release);
}

TEST_F(Agent, ReleaseNowTellsThatTheDeviceIsStillOpen) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  EXPECT_TRUE(a.stop(kPatient));
  drive.release.kind = reserve::Outcome::Kind::still_open;
  EXPECT_FALSE(a.release_now());
}

TEST_F(Agent, AFreedLockIsTakenForTheJobThatWaitsAndItIsCalled) {
  timing.watch_first = 5ms;
  drive.holder = "0xbac999";
  auto& a = start();
  EXPECT_FALSE(a.request(1, 7).granted);
  drive_is([](FakeDrive& d) { d.holder.clear(); });
  EXPECT_TRUE(was_told(reserve::JobNotice::Kind::come, 7));
  EXPECT_EQ(a.view().promised_to, 7u);
  const auto answer = a.request(1, 7);
  EXPECT_TRUE(answer.granted);
  EXPECT_TRUE(answer.waited);
  EXPECT_EQ(answer.waited_for, "0xbac999");
}

TEST_F(Agent, AJobThatDoesNotComeInTimeLosesItsTurn) {
  timing.watch_first = 5ms;
  timing.promise = 20ms;
  drive.holder = "0xbac999";
  auto& a = start();
  EXPECT_FALSE(a.request(1, 7).granted);
  drive_is([](FakeDrive& d) { d.holder.clear(); });
  EXPECT_TRUE(was_told(reserve::JobNotice::Kind::come, 7));
  EXPECT_TRUE(drive.wait_for(Action::release));
  EXPECT_FALSE(a.view().promised_to);
}

TEST_F(Agent, ALockThatVanishedIsTakenBackAndTheJobIsTold) {
  timing.verify = 5ms;
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive_is([](FakeDrive& d) { d.gone = true; });
  EXPECT_TRUE(was_told(reserve::JobNotice::Kind::regained, 7));
  EXPECT_TRUE(a.view().locked);
  EXPECT_EQ(a.concluded(1, 7).kind, Conclusion::Kind::held);
}

TEST_F(Agent, ALockThatAnotherHostHasTakenFailsTheJob) {
  timing.verify = 5ms;
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive_is([](FakeDrive& d) { d.holder = "0xbac999"; });
  EXPECT_TRUE(was_told(reserve::JobNotice::Kind::lost, 7));
  EXPECT_FALSE(a.view().locked);
  EXPECT_EQ(a.concluded(1, 7).kind, Conclusion::Kind::lost);
  a.end(1);
  EXPECT_TRUE(until([&] { return !a.view().registered; }));
  for (const auto action : drive.performed()) EXPECT_NE(action, Action::release) << "it is the other host's";
}

TEST_F(Agent, AtTheEndOfAJobItsLockIsProvenOnceMore) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive_is([](FakeDrive& d) { d.holder = "0xbac999"; });
  const auto end = a.concluded(1, 7);
  EXPECT_EQ(end.kind, Conclusion::Kind::lost);
  EXPECT_EQ(end.why.reason, "the lock was lost: 0xbac999 has taken the drive");
}

TEST_F(Agent, ADriveThatCannotBeAskedAtTheEndIsNotALostLock) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive_is([](FakeDrive& d) { d.unseen = true; });
  EXPECT_EQ(a.concluded(1, 7).kind, Conclusion::Kind::unproven);
  EXPECT_EQ(a.concluded(2, 8).kind, Conclusion::Kind::held) << "a job that never had it";
}

}  // namespace
}  // namespace shstore::plugin
