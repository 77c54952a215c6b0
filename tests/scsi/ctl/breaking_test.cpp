#include "host.h"

namespace shstore::scsi::ctl {
namespace {

TEST_F(SharedDrive, PreemptRemovesOneDeadHostsLockAndLeavesTheDriveFree) {
  dir("lock");
  cibou.context.options.yes = true;
  EXPECT_EQ(cibou("preempt", {"bac999"}), 0);
  EXPECT_EQ(cibou.err.str(),
            "storage-ctl: removing from /dev/sg0:\n  0xbac999 (21:00:00:1b:32:1f:43:65), which holds the lock\n");
  EXPECT_TRUE(untouched());
}

TEST_F(SharedDrive, PreemptLeavesTheOtherRegistrationsAlone) {
  dir("lock");
  ASSERT_TRUE(third.lock.register_key());
  cibou("register");
  cibou.context.options.yes = true;
  EXPECT_EQ(cibou("preempt", {"0xbac999"}), 0);
  EXPECT_EQ(state().keys, (std::vector<ReservationKey>{{0xbac003}, kCibouKey}));
  EXPECT_FALSE(state().reservation);
}

TEST_F(SharedDrive, PreemptOfARegistrationKeepsOurLock) {
  cibou("lock");
  dir("register");
  cibou.context.options.yes = true;
  EXPECT_EQ(cibou("preempt", {"bac999"}), 0);
  EXPECT_TRUE(state().held_by(kCibouKey));
  EXPECT_EQ(state().registrations_of(kDirKey), 0u);
}

TEST_F(SharedDrive, PreemptAbortsUnlessToldNotTo) {
  dir("lock");
  cibou.context.options.yes = true;
  const auto last_action = [&] {
    uint8_t action = 0;
    for (const auto& cdb : cibou.host.transport.sent) {
      const auto sa = static_cast<uint8_t>(cdb[1] & 0x1f);
      if (cdb[0] == kPersistentReserveOut && (sa == 4 || sa == 5)) action = sa;
    }
    return action;
  };
  cibou("preempt", {"bac999"});
  EXPECT_EQ(last_action(), static_cast<uint8_t>(PrOut::preempt_and_abort));
  dir("lock");
  cibou.context.options.no_abort = true;
  cibou("preempt", {"bac999"});
  EXPECT_EQ(last_action(), static_cast<uint8_t>(PrOut::preempt));
}

struct Refusal : SharedDrive {
  void expect_refused(CtlHost& host, const std::string& command, std::vector<std::string> arguments,
                      const std::string& last_line) {
    const auto before = state();
    EXPECT_EQ(host(command, std::move(arguments)), 4);
    EXPECT_TRUE(host.err.str().ends_with("storage-ctl: " + last_line + '\n')) << host.err.str();
    EXPECT_EQ(state().generation, before.generation) << "nothing was changed";
    EXPECT_EQ(state().keys, before.keys);
    EXPECT_EQ(state().reservation, before.reservation);
  }
};

TEST_F(Refusal, WithoutConfirmationNothingIsBroken) {
  dir("lock");
  expect_refused(cibou, "preempt", {"bac999"},
                 "not confirmed: nothing was changed. Use --yes where nobody can be asked");
}

TEST_F(Refusal, AStateThatHasChangedSinceTheOperatorLooked) {
  dir("lock");
  cibou.context.options.yes = true;
  cibou.context.options.if_generation = 0x493;
  expect_refused(
      cibou, "preempt", {"bac999"},
      "the drive's PR generation is now 0x494, not 0x493: somebody registered or broke a lock since you looked. "
      "Look again with \"query\"");
  cibou.context.options.if_generation.reset();
  cibou.context.options.if_key = ReservationKey{0xbac003};
  expect_refused(cibou, "preempt", {"bac999"},
                 "0xbac003 does not hold the lock; 0xbac999 does. Look again with \"query\"");
  expect_refused(cibou, "clear", {}, "0xbac003 does not hold the lock; 0xbac999 does. Look again with \"query\"");
}

TEST_F(Refusal, SomebodyWhoComesBetweenLookingAndBreaking) {
  dir("lock");
  cibou.context.options.yes = true;
  cibou.host.transport.intercept = [&](const Command& command) -> std::optional<Result<Reply>> {
    const bool registering = command.cdb[0] == kPersistentReserveOut && (command.cdb[1] & 0x1f) == 0;
    if (registering && state().registrations_of({0xbac003}) == 0) {
      EXPECT_TRUE(third.lock.register_key());
    }
    return std::nullopt;
  };
  EXPECT_EQ(cibou("preempt", {"bac999"}), 4);
  EXPECT_TRUE(state().held_by(kDirKey));
  EXPECT_EQ(state().registrations_of(kCibouKey), 0u);
}

TEST_F(Refusal, OnesOwnKeyAndAKeyThatIsNotThere) {
  cibou.context.options.yes = true;
  expect_refused(cibou, "preempt", {"bac001"}, "0xbac001 is this host's own key: use unlock, unregister or reclaim");
  expect_refused(cibou, "preempt", {"bac999"}, "0xbac999 is not registered on /dev/sg0: there is nothing to remove");
}

TEST_F(SharedDrive, PreemptWithoutAKeyIsAUsageError) {
  EXPECT_EQ(cibou("preempt"), 1);
  EXPECT_EQ(cibou("preempt", {"xyz"}), 1);
}

TEST_F(SharedDrive, ClearSaysWhomItHits) {
  dir("lock");
  cibou("register");
  EXPECT_EQ(cibou("clear"), 0);
  EXPECT_EQ(cibou.err.str(),
            "storage-ctl: removing from /dev/sg0:\n"
            "  0xbac999 (21:00:00:1b:32:1f:43:65), which holds the lock\n"
            "  0xbac001 (21:01:00:1b:32:21:73:ee), which is registered\n");
  EXPECT_TRUE(untouched());
}

TEST_F(SharedDrive, ReclaimGivesBackALockOfAnEarlierLife) {
  cibou("lock");
  cibou.says_yes = true;
  EXPECT_EQ(cibou("reclaim"), 0);
  EXPECT_TRUE(untouched());
  EXPECT_EQ(cibou("reclaim"), 0);
  EXPECT_EQ(cibou.err.str(), "storage-ctl: /dev/sg0: 0xbac001 is not registered: there is nothing to reclaim\n");
}

TEST_F(SharedDrive, ReclaimOfALockThatIsAnothersIsRefused) {
  CtlHost impostor{target, 2, kCibouKey};  // another host with our key
  impostor("lock");
  cibou.says_yes = true;
  EXPECT_EQ(cibou("reclaim"), 4);
  EXPECT_TRUE(state().held_by(kCibouKey));
}

}  // namespace
}  // namespace shstore::scsi::ctl
