// The drive lock between two hosts: what may be expected of it when nothing fails.
#include "scsi/drive_lock.h"

#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi {
namespace {

using Keys = std::vector<ReservationKey>;

class DriveLockTest : public testing::Test {
 protected:
  target::Target target{white_paper_san()};
  Host cibou{target, 0, kCibouKey};
  Host dir{target, 1, kDirKey};
  Host third{target, 2, {0xbac003}};

  LockState state() { return third.lock.read().value(); }
  bool held_by(ReservationKey key) { return state().held_by(key); }
};

TEST_F(DriveLockTest, AFreeDriveIsLockedAndGivenBack) {
  const auto locked = cibou.lock.try_lock();
  ASSERT_TRUE(locked) << locked.error();
  EXPECT_TRUE(locked->held);
  EXPECT_EQ(state().keys, Keys{kCibouKey});
  EXPECT_EQ(state().reservation, (Reservation{kCibouKey, 0, PrType::exclusive_access}));
  EXPECT_EQ(cibou.lock.unlock(), true);
  EXPECT_FALSE(state().reservation);
  EXPECT_EQ(state().keys, Keys{kCibouKey}) << "the registration stays";
  ASSERT_TRUE(cibou.lock.unregister());
  EXPECT_TRUE(state().keys.empty());
}

TEST_F(DriveLockTest, ReadChangesNothing) {
  ASSERT_TRUE(cibou.lock.read());
  EXPECT_EQ(cibou.transport.count(kPersistentReserveOut), 0u);
  EXPECT_EQ(state().generation, 0x493u);
}

TEST_F(DriveLockTest, LockingTwiceIsLockingOnce) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  const auto generation = state().generation;
  EXPECT_TRUE(cibou.lock.try_lock()->held);
  EXPECT_EQ(state().generation, generation);
  EXPECT_EQ(cibou.lock.unlock(), true);
  EXPECT_EQ(cibou.lock.unlock(), false);
}

TEST_F(DriveLockTest, RegisteringTwiceIsRegisteringOnce) {
  ASSERT_TRUE(cibou.lock.register_key());
  ASSERT_TRUE(cibou.lock.register_key());
  EXPECT_EQ(state().keys, Keys{kCibouKey});
  ASSERT_TRUE(cibou.lock.unregister());
  ASSERT_TRUE(cibou.lock.unregister());
  EXPECT_TRUE(state().keys.empty());
}

TEST_F(DriveLockTest, WhoeverIsTooLateStaysRegisteredAndLearnsWhoHoldsIt) {
  ASSERT_TRUE(dir.lock.try_lock()->held);
  const auto attempt = cibou.lock.try_lock();
  ASSERT_TRUE(attempt) << attempt.error();
  EXPECT_FALSE(attempt->held);
  EXPECT_EQ(attempt->holder, (Reservation{kDirKey, 0, PrType::exclusive_access}));
  EXPECT_EQ(state().keys, (Keys{kDirKey, kCibouKey}));
  EXPECT_TRUE(held_by(kDirKey));
  EXPECT_EQ(dir.lock.unlock(), true);
  EXPECT_TRUE(cibou.lock.try_lock()->held);
  EXPECT_FALSE(dir.lock.try_lock()->held);
}

TEST_F(DriveLockTest, SomebodyElsesLockIsNotUnlocked) {
  ASSERT_TRUE(dir.lock.try_lock()->held);
  EXPECT_EQ(cibou.lock.unlock(), false);
  EXPECT_EQ(cibou.transport.count(kPersistentReserveOut), 0u) << "nothing is sent";
  ASSERT_TRUE(cibou.lock.unregister());
  EXPECT_TRUE(held_by(kDirKey));
}

TEST_F(DriveLockTest, UnregisteringGivesTheLockBackToo) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  ASSERT_TRUE(cibou.lock.unregister());
  EXPECT_FALSE(state().reservation);
}

TEST_F(DriveLockTest, ALockLeftByADeadProcessOfThisHostIsItsOwn) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  Host restarted(target, 0, kCibouKey);
  EXPECT_TRUE(restarted.lock.try_lock()->held);
  EXPECT_EQ(state().keys, Keys{kCibouKey});
  EXPECT_EQ(restarted.lock.unlock(), true);
}

TEST_F(DriveLockTest, ClearWipesEverything) {
  ASSERT_TRUE(dir.lock.try_lock()->held);
  ASSERT_TRUE(third.lock.register_key());
  const auto cleared = cibou.lock.clear();
  ASSERT_TRUE(cleared) << cleared.error();
  EXPECT_TRUE(state().keys.empty());
  EXPECT_FALSE(state().reservation);
}

// --- lost locks ----------------------------------------------------------------------------------------------------

TEST_F(DriveLockTest, PreemptedWhileHeld) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  ASSERT_TRUE(dir.lock.register_key());
  ASSERT_EQ(dir.unit.pr_out(PrOut::preempt_and_abort, {kDirKey, kCibouKey}), PrOutcome::done);
  EXPECT_FALSE(cibou.lock.read()->held_by(kCibouKey));
  EXPECT_EQ(asc_ascq(cibou.unit.unit_attentions().back()), asc::registrations_preempted);
  EXPECT_EQ(cibou.lock.unlock(), false);
  const auto again = cibou.lock.try_lock();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->holder.key, kDirKey);
  EXPECT_TRUE(held_by(kDirKey));
}

TEST_F(DriveLockTest, ClearedWhileHeld) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  ASSERT_TRUE(dir.lock.clear());
  EXPECT_EQ(cibou.lock.unlock(), false);
  EXPECT_EQ(asc_ascq(cibou.unit.unit_attentions().back()), asc::reservations_preempted);
  EXPECT_TRUE(cibou.lock.try_lock()->held) << "nobody has it: taken back";
  EXPECT_EQ(state().keys, Keys{kCibouKey});
}

TEST_F(DriveLockTest, ARegistrationThatWasRemovedIsMadeAnew) {
  ASSERT_TRUE(cibou.lock.register_key());
  ASSERT_TRUE(dir.lock.register_key());
  ASSERT_EQ(dir.unit.pr_out(PrOut::preempt, {kDirKey, kCibouKey}), PrOutcome::done);
  EXPECT_TRUE(cibou.lock.try_lock()->held);
  EXPECT_EQ(state().keys, (Keys{kDirKey, kCibouKey}));
}

// --- keys that are not unique
// ---------------------------------------------------------------------------------------

class DuplicateKey : public DriveLockTest {
 protected:
  Host twin{target, 1, kCibouKey};  // host dir, configured with cibou's key
  const std::string refusal =
      "sg4: key 0xbac001 is already registered by another initiator (21:01:00:1b:32:21:73:ee): every Storage Daemon "
      "needs a key of its own in "
      "storage-ctl.conf. \"storage-ctl sg4 query\" shows who it is";
};

TEST_F(DuplicateKey, IsRefusedWhenRegistering) {
  ASSERT_TRUE(cibou.lock.register_key());
  const auto refused = twin.lock.register_key();
  EXPECT_EQ(message(refused), refusal);
  EXPECT_EQ(refused.error().kind, Error::Kind::refused);
  EXPECT_EQ(state().keys, Keys{kCibouKey}) << "cibou's registration alone";
  ASSERT_TRUE(cibou.lock.try_lock()->held);
}

TEST_F(DuplicateKey, IsRefusedWhenLockingAFreeDrive) {
  ASSERT_TRUE(cibou.lock.register_key());
  EXPECT_EQ(message(twin.lock.try_lock()), refusal);
  EXPECT_FALSE(state().reservation);
  EXPECT_EQ(state().keys, Keys{kCibouKey});
}

TEST_F(DuplicateKey, IsRefusedWhenTheOtherHoldsTheLock) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  EXPECT_EQ(message(twin.lock.try_lock()), refusal);
  EXPECT_EQ(
      message(twin.lock.unlock()),
      "sg4: RELEASE ended with a reservation conflict, but key 0xbac001 still holds the drive: the lock belongs "
      "to another initiator with the same key. If that was a port of this host, \"storage-ctl sg4 reclaim\" gives it back");
  EXPECT_EQ(message(twin.lock.unregister()),
            "sg4: key 0xbac001 is registered by another initiator, not by this host: nothing was removed");
  EXPECT_TRUE(held_by(kCibouKey));
  EXPECT_TRUE(cibou.lock.try_lock()->held);
  EXPECT_EQ(state().keys, Keys{kCibouKey});
}

TEST_F(DuplicateKey, ThatBothHaveRegisteredBehindOurBackIsRefusedAndNothingIsTaken) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  ASSERT_EQ(twin.unit.pr_out(PrOut::register_key, {{0}, kCibouKey}), PrOutcome::done);
  EXPECT_EQ(message(twin.lock.try_lock()),
            "sg4: key 0xbac001 is already registered by another initiator (21:01:00:1b:32:21:73:ee, "
            "21:00:00:1b:32:1f:43:65): every Storage Daemon needs a key of its own in storage-ctl.conf. \"storage-ctl "
            "sg4 query\" shows who it is");
  EXPECT_EQ(message(twin.lock.unlock()),
            "sg4: RELEASE ended with good status, but key 0xbac001 still holds the drive: the lock belongs to another "
            "initiator with the same key. If that was a port of this host, \"storage-ctl sg4 reclaim\" gives it back");
  EXPECT_TRUE(held_by(kCibouKey));
}

// "Refused, leaving the drive as it was": the holder must not lose its lock because somebody else took its key.
TEST_F(DuplicateKey, DoesNotCostTheHolderItsLock) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  ASSERT_EQ(twin.unit.pr_out(PrOut::register_key, {{0}, kCibouKey}), PrOutcome::done);
  EXPECT_FALSE(cibou.lock.register_key());
  EXPECT_TRUE(held_by(kCibouKey));
  EXPECT_EQ(state().keys, (Keys{kCibouKey, kCibouKey}));
}

TEST_F(DriveLockTest, AForeignKeyOnOurOwnNexusIsRefused) {
  ASSERT_EQ(cibou.unit.pr_out(PrOut::register_key, {{0}, {0xabc}}), PrOutcome::done);
  const std::string refusal =
      "sg0: this host is registered on the drive with a key that is not 0xbac001 (registered keys: 0xabc). Either "
      "the "
      "key in storage-ctl.conf was changed while the old one was registered, or another program of this host locks "
      "the "
      "drive. Unregister with the old key first";
  EXPECT_EQ(message(cibou.lock.register_key()), refusal);
  EXPECT_EQ(message(cibou.lock.try_lock()), refusal);
  EXPECT_EQ(state().keys, Keys{{0xabc}});
  EXPECT_FALSE(state().reservation);
}

// mhvtl: one key for all hosts, and no READ FULL STATUS.
TEST_F(DriveLockTest, ADeviceThatKeepsOneRegistrationForAllHostsIsNamedForIt) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  dir.transport.intercept = [](const Command& command) -> std::optional<Result<Reply>> {
    const bool full_status = command.cdb[0] == kPersistentReserveIn && (command.cdb[1] & 0x1f) == 3;
    if (full_status) return sense_reply(SenseKey::illegal_request, asc::invalid_field_in_cdb);
    if (command.cdb[0] == kPersistentReserveOut) return status_reply(Status::reservation_conflict);
    return std::nullopt;
  };
  const auto said = message(dir.lock.try_lock());
  EXPECT_TRUE(said.starts_with(
      "sg4: 0xbac001 is registered, and the device does not let this host register 0xbac999 beside it: it keeps "
      "one registration only for all hosts, as emulations such as mhvtl do, and cannot be shared."))
      << said;
}

TEST_F(DriveLockTest, OurKeyWithAnotherTypeIsRefused) {
  ASSERT_TRUE(cibou.lock.register_key());
  ASSERT_EQ(cibou.unit.pr_out(PrOut::reserve, {.key = kCibouKey}, PrType::write_exclusive), PrOutcome::done);
  EXPECT_EQ(message(cibou.lock.try_lock()),
            "sg0: key 0xbac001 holds the drive with a reservation of type Write Exclusive, not Exclusive Access: "
            "another program uses our key");
  EXPECT_TRUE(held_by(kCibouKey));
}

}  // namespace
}  // namespace shstore::scsi
