#include "host.h"

namespace shstore::scsi::ctl {
namespace {

using namespace std::chrono_literals;

TEST_F(SharedDrive, LockAndUnlock) {
  EXPECT_EQ(cibou("lock"), 0);
  EXPECT_TRUE(state().held_by(kCibouKey));
  EXPECT_EQ(cibou("unlock"), 0);
  EXPECT_FALSE(state().reservation);
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u) << "the white paper's unlock keeps the registration";
  EXPECT_EQ(cibou("unregister"), 0);
  EXPECT_TRUE(untouched());
}

TEST_F(SharedDrive, TrylockIsRefusedInTheWhitePapersWords) {
  dir("lock");
  EXPECT_EQ(cibou("trylock"), 24);
  EXPECT_EQ(cibou.out.str(), "");
  EXPECT_EQ(cibou.err.str(), "persistent reserve out: scsi status: Reservation Conflict\nPR out: command failed\n");
  EXPECT_EQ(state().registrations_of(kCibouKey), 0u) << "nobody waits, so no key is left";
}

TEST_F(SharedDrive, TrylockKeepsARegistrationThatWasThereBefore) {
  dir("lock");
  cibou("register");
  EXPECT_EQ(cibou("trylock"), 24);
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u);
}

TEST_F(SharedDrive, LockWaitsForTheHolderAndSaysForWhom) {
  dir("lock");
  int naps = 0;
  cibou.on_sleep = [&] {
    if (++naps == 5) dir("unlock");
  };
  EXPECT_EQ(cibou("lock"), 0);
  EXPECT_EQ(cibou.err.str(), "storage-ctl: /dev/sg0 is locked by 0xbac999, waiting up to 60 s\n");
  EXPECT_TRUE(state().held_by(kCibouKey));
}

TEST_F(SharedDrive, WaitingAsksWithPersistentReserveInOnly) {
  dir("lock");
  size_t sent_before_waiting = 0;
  cibou.on_sleep = [&] {
    if (sent_before_waiting == 0) sent_before_waiting = cibou.host.transport.count(kPersistentReserveOut);
  };
  EXPECT_EQ(cibou("lock"), 75);
  EXPECT_EQ(cibou.host.transport.count(kPersistentReserveOut), sent_before_waiting + 1) << "only the key is taken back";
}

TEST_F(SharedDrive, LockGivesUpAfterMaxLockWaitAndLeavesNothing) {
  dir("lock");
  EXPECT_EQ(cibou("lock"), 75);
  EXPECT_EQ(cibou.now.time_since_epoch(), 60s);
  EXPECT_EQ(cibou.err.str(),
            "storage-ctl: /dev/sg0 is locked by 0xbac999, waiting up to 60 s\n"
            "storage-ctl: /dev/sg0: gave up: 0xbac999 still holds the lock\n");
  EXPECT_EQ(state().registrations_of(kCibouKey), 0u);
}

TEST_F(SharedDrive, InterruptedWaitingLeavesNothing) {
  dir("lock");
  cibou.on_sleep = [&] { cibou.stop = true; };
  EXPECT_EQ(cibou("lock"), 75);
  EXPECT_EQ(state().registrations_of(kCibouKey), 0u);
  EXPECT_TRUE(state().held_by(kDirKey));
}

// RESERVE is refused for ever, and nobody is shown to hold the drive.
TEST_F(SharedDrive, LockThatFailsLeavesNoRegistration) {
  cibou.host.transport.intercept = [&](const Command& command) -> std::optional<Result<Reply>> {
    const bool reserve = command.cdb[0] == kPersistentReserveOut && command.cdb[1] == 1;
    return reserve ? std::optional(Result<Reply>(status_reply(Status::reservation_conflict))) : std::nullopt;
  };
  for (const char* command : {"lock", "trylock", "exec"}) {
    EXPECT_EQ(cibou(command, {"true"}), 3) << command;
    EXPECT_TRUE(untouched()) << command;
  }
  cibou("register");
  EXPECT_EQ(cibou("lock"), 3);
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u) << "it was there before";
}

TEST_F(SharedDrive, LockThatFailsAfterWaitingLeavesNoRegistration) {
  dir("lock");
  cibou.on_sleep = [&] {
    dir("unlock");
    cibou.host.transport.intercept = [&, left = 1](const Command&) mutable -> std::optional<Result<Reply>> {
      if (left-- <= 0) return std::nullopt;
      return Result<Reply>(fail(Error::Kind::device, "/dev/sg0: once"));
    };
  };
  EXPECT_EQ(cibou("lock"), 3);
  EXPECT_EQ(state().registrations_of(kCibouKey), 0u);
}

TEST_F(SharedDrive, LockThatCannotBeUndoneSaysWhatMayBeLeft) {
  cibou.host.transport.intercept = [&,
                                    reserved = false](const Command& command) mutable -> std::optional<Result<Reply>> {
    reserved = reserved || (command.cdb[0] == kPersistentReserveOut && command.cdb[1] == 1);
    return reserved ? std::optional(Result<Reply>(fail(Error::Kind::device, "/dev/sg0 went away"))) : std::nullopt;
  };
  EXPECT_EQ(cibou("lock"), 3);
  EXPECT_NE(cibou.err.str().find("\"storage-ctl sg0 unregister\" does it"), std::string::npos) << cibou.err.str();
}

TEST_F(SharedDrive, InterruptedReadingSendsNothingMore) {
  cibou.stop = true;
  const auto sent = cibou.host.transport.sent.size();
  for (const char* command : {"query", "regkeys", "wholocked", "lock", "trylock"})
    EXPECT_EQ(cibou(command), 75) << command;
  EXPECT_EQ(cibou.host.transport.sent.size(), sent);
}

TEST_F(SharedDrive, UnlockOfWhatIsNotOursSaysSoAndChangesNothing) {
  dir("lock");
  EXPECT_EQ(cibou("unlock"), 0);
  EXPECT_EQ(cibou.err.str(), "storage-ctl: /dev/sg0 was not locked by 0xbac001\n");
  EXPECT_TRUE(state().held_by(kDirKey));
}

TEST_F(SharedDrive, OurLockThroughOurOtherPortIsTold) {
  // Initiator "third" is a second port of host cibou and has locked the drive under the same key.
  CtlHost other_port{target, 2, kCibouKey};
  other_port("lock");
  const LocalPorts ports({be64(third_port().port, 0), be64(cibou_port().port, 0)}, {});
  cibou.context.ports = ports;
  cibou.context.conf.max_lock_wait = 1s;
  EXPECT_EQ(cibou("lock"), 75);
  EXPECT_EQ(
      cibou.err.str().substr(0, cibou.err.str().find('\n')),
      "storage-ctl: /dev/sg0 is locked by this host itself (0xbac001), through its other port " + third_port().text() +
          " (\"storage-ctl /dev/sg0 reclaim\" gives it back, if no program of this host uses it), waiting up to 1 s");
  other_port("unlock");
  EXPECT_EQ(cibou("lock"), 0) << "two ports of one host may have one key";
  EXPECT_EQ(cibou("unregister"), 0) << "the other port's registration is no failure";
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u);
  EXPECT_FALSE(state().reservation);
}

TEST_F(SharedDrive, OurKeyOnAnUnknownPortIsAnotherHost) {
  CtlHost impostor{target, 2, kCibouKey};
  impostor("lock");
  EXPECT_EQ(cibou("trylock"), 4);
  EXPECT_EQ(cibou.err.str(),
            "storage-ctl: sg0: key 0xbac001 is already registered by another initiator (" + third_port().text() +
                "): every Storage Daemon needs a key of its own in storage-ctl.conf. \"storage-ctl sg0 "
                "query\" shows who it is\n");
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u) << "ours is taken back, the other's is not touched";
  EXPECT_TRUE(state().held_by(kCibouKey));
}

}  // namespace
}  // namespace shstore::scsi::ctl
