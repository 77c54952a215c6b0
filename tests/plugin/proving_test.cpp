// A program that is about to move a tape asks; nothing else would look at the drive for an hour.
#include "agent.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;

struct Proving : Agent {
  Proving() {
    timing.verify = timing.verify_closed = std::chrono::hours(1);
    timing.retake = std::chrono::milliseconds(20);
  }
  // Told before the answer came.
  std::vector<reserve::JobId> failed_jobs() {
    const std::lock_guard lock(told_mutex);
    std::vector<reserve::JobId> jobs;
    for (const auto& n : told) {
      if (n.fatal()) jobs.push_back(n.job);
    }
    return jobs;
  }
};

TEST_F(Proving, ADriveThatNoJobUsesNeedsNoProof) {
  auto& a = start();
  EXPECT_EQ(a.prove(kPatient).kind, Proof::Kind::unclaimed);
}

TEST_F(Proving, ALockThatIsThereIsProvenByACommandThatWasSentAfterTheQuestion) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  const auto before = drive.performed().size();
  EXPECT_EQ(a.prove(kPatient).kind, Proof::Kind::proven);
  ASSERT_GT(drive.performed().size(), before);
  EXPECT_EQ(drive.performed().back(), Action::look);
  EXPECT_TRUE(failed_jobs().empty());
}

TEST_F(Proving, AllJobsOfALockThatIsLostAreFailedBeforeTheAnswer) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  EXPECT_TRUE(a.request(2, 8).granted);
  drive_is([](auto& d) { d.holder = "0xbac999"; });
  const auto proof = a.prove(kPatient);
  EXPECT_EQ(proof.kind, Proof::Kind::failed);
  EXPECT_EQ(proof.why, "the lock was lost: 0xbac999 has taken the drive");
  EXPECT_EQ(failed_jobs(), (std::vector<reserve::JobId>{7, 8}));
  EXPECT_EQ(a.prove(kPatient).kind, Proof::Kind::failed) << "and so it is as long as they are there";
}

// Preempted by a host that has gone away again: the drive is free when it is looked at.
TEST_F(Proving, ALockThatVanishedIsJudgedBeforeTheAnswer) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive_is([](auto& d) {
    d.gone = true;
    d.counted = 3;
  });
  EXPECT_EQ(a.prove(kPatient).kind, Proof::Kind::failed);
  EXPECT_EQ(failed_jobs(), std::vector<reserve::JobId>{7});
}

TEST_F(Proving, ADriveThatDoesNotSayIsNoProof) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive_is([](auto& d) { d.unseen = true; });
  const auto proof = a.prove(kShort);
  EXPECT_EQ(proof.kind, Proof::Kind::failed);
  EXPECT_NE(proof.why.find("the drive does not answer"), std::string::npos) << proof.why;
  EXPECT_EQ(failed_jobs(), std::vector<reserve::JobId>{7});
}

TEST_F(Proving, ADriveThatHangsIsNoProof) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  hang();
  EXPECT_EQ(a.prove(kShort).kind, Proof::Kind::failed);
  EXPECT_EQ(failed_jobs(), std::vector<reserve::JobId>{7});
  drive.hangs = false;
}

TEST_F(Proving, SomethingThatTheKernelToldOfIsLookedAtAtOnce) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive_is([](auto& d) { d.holder = "0xbac999"; });
  a.prove_soon();
  EXPECT_TRUE(was_told(reserve::JobNotice::Kind::lost, 7));
}

TEST_F(Proving, APathThatWasDownAndIsBackIsReasonForAProof) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive_is([](auto& d) { d.holder = "0xbac999"; });
  drive.path_came_back = true;
  EXPECT_TRUE(was_told(reserve::JobNotice::Kind::lost, 7));
}

TEST_F(Proving, ThePathIsLookedAtHoweverSeldomTheDeviceIs) {
  timing.open_poll = std::chrono::hours(1);
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  EXPECT_TRUE(until([&] { return drive.paths_asked > 1; }));
  drive_is([](auto& d) { d.holder = "0xbac999"; });
  drive.path_came_back = true;
  EXPECT_TRUE(was_told(reserve::JobNotice::Kind::lost, 7));
}

// That it is looked at sooner than in its turn nothing but a clock could show.
TEST_F(Proving, APathThatIsToldIsLookedAtAllTheSame) {
  timing.verify = timing.verify_closed = timing.open_poll = std::chrono::hours(1);
  drive.path_is_told = true;
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  drive.two_drives = true;
  a.path_event();
  EXPECT_TRUE(until([&] { return a.view().error == "two drives"; }));
  EXPECT_FALSE(a.request(2, 8).granted);
  drive.two_drives = false;
  a.path_event();
  EXPECT_TRUE(until([&] { return a.view().error.empty(); }));
  EXPECT_TRUE(a.request(3, 9).granted);
}

TEST_F(Proving, WhatIsToldOfThePathBeforeTheDriveIsLockedIsNotLost) {
  drive.path_is_told = true;
  auto& a = start();
  a.path_event();
  EXPECT_TRUE(a.request(1, 7).granted);
  EXPECT_TRUE(until([&] { return drive.paths_asked > 0; }));
}

}  // namespace
}  // namespace shstore::plugin
