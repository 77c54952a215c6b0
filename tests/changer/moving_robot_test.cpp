// A move, as the robot sees it: who may command it, what it refuses, and what is done when it does not answer.
#include <fstream>

#include "golden.h"
#include "moving.h"

namespace shstore::changer::program {
namespace {

using scsi::PrType;
using testing::HasSubstr;

TEST_F(Moving, AHostWaitsWhileAnotherMovesAndThenMoves) {
  library.lock(dir.robot(), kDirKey, PrType::write_exclusive);
  int looks = 0;
  cibou.asleep = [&] {
    if (++looks == 3) library.unlock(dir.robot(), kDirKey, PrType::write_exclusive);
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(looks, 3);
  expect_nothing_left();
}

TEST_F(Moving, ARobotThatStaysReservedIsNotWaitedForForEver) {
  library.lock(dir.robot(), kDirKey, PrType::write_exclusive);
  last = cibou.load(3, 0);
  expect_refused(cibou, 75,
                 "the robot is still reserved by 0xbac999; nothing was moved. A move takes a minute or two: if that "
                 "host is dead, \"storage-ctl " +
                     cibou.robot() + " preempt 0xbac999\" removes its reservation");
  EXPECT_GE(cibou.slept, cibou.settings.robot_wait);
  EXPECT_LT(cibou.slept, cibou.settings.robot_wait + std::chrono::seconds(2));
  EXPECT_EQ(library.lock_state(cibou.robot()).keys, std::vector{kDirKey});
}

TEST_F(Moving, EverybodyMayLookWhileAnotherMoves) {
  library.lock(dir.robot(), kDirKey, PrType::write_exclusive);
  EXPECT_EQ(cibou("list"), 0) << cibou.err;
  EXPECT_EQ(cibou.slept.count(), 0);
}

TEST_F(Moving, WhatACrashOfThisHostLeftOnTheRobotIsTakenOver) {
  library.lock(cibou.robot(), kCibouKey, PrType::write_exclusive);
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.slept.count(), 0);
  expect_nothing_left();
}

TEST_F(Moving, SigtermEndsTheWaitAndLeavesNothing) {
  library.lock(dir.robot(), kDirKey, PrType::write_exclusive);
  cibou.asleep = [&] { cibou.stop = true; };
  last = cibou.load(3, 0);
  expect_refused(cibou, 75, "interrupted while waiting for the robot; nothing was moved");
  EXPECT_EQ(library.lock_state(cibou.robot()).keys, std::vector{kDirKey});
}

// A command of the robot or a drive, by its operation code.
SimulatedLibrary::Intercept on(uint8_t opcode, std::function<std::optional<scsi::Result<scsi::Reply>>()> then) {
  return [opcode, then](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != opcode) return std::nullopt;
    return then();
  };
}

scsi::Reply sense(scsi::SenseKey key, uint16_t code) {
  return {scsi::Status::check_condition,
          scsi::encode_sense({key, static_cast<uint8_t>(code >> 8), static_cast<uint8_t>(code), false}),
          {}};
}

TEST_F(Moving, SigtermDuringTheMoveWaitsForItAndGivesTheRobotBack) {
  library.intercepts[cibou.robot()] = on(scsi::kMoveMedium, [&] {
    cibou.stop = true;
    return std::nullopt;
  });
  cibou.load(3, 0);
  EXPECT_EQ(cibou.loaded(0), "3\n");
  expect_nothing_left();
}

TEST_F(Moving, ARobotWithoutPersistentReservationsIsUsedAndThatIsSaid) {
  library.intercepts[cibou.robot()] = [](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != scsi::kPersistentReserveIn && command.cdb[0] != scsi::kPersistentReserveOut)
      return std::nullopt;
    return sense(scsi::SenseKey::illegal_request, scsi::asc::invalid_operation_code);
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.err, "shstore-changer: " + cibou.robot() +
                           " knows no persistent reservations: the robot is locked against "
                           "this host's own programs only\n");
}

TEST_F(Moving, ARobotWithoutWriteExclusiveIsUsedAndKeepsNoKeyOfOurs) {
  library.intercepts[cibou.robot()] = [](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    const bool reserve =
        command.cdb[0] == scsi::kPersistentReserveOut && command.cdb[1] == static_cast<uint8_t>(scsi::PrOut::reserve);
    if (!reserve) return std::nullopt;
    return sense(scsi::SenseKey::illegal_request, scsi::asc::invalid_field_in_cdb);
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.err, "shstore-changer: " + cibou.robot() +
                           " knows no reservation of type Write Exclusive: the robot is locked "
                           "against this host's own programs only\n");
  expect_nothing_left();
}

TEST_F(Moving, ARefusalOfTheRobotIsExplained) {
  library.intercepts[cibou.robot()] =
      on(scsi::kMoveMedium, [] { return sense(scsi::SenseKey::illegal_request, scsi::asc::medium_removal_prevented); });
  EXPECT_EQ(cibou.load(3, 0), 1);
  EXPECT_EQ(cibou.out, "Loading media from Storage Element 3 into drive 0...\n");
  EXPECT_THAT(cibou.err, HasSubstr("shstore-changer: " + cibou.robot() + ": "));
  expect_nothing_left();
}

TEST_F(Moving, ALostAnswerIsNoFailureIfTheTapeIsThere) {
  // The robot does it, but its answer is lost: the move that the library sees is the other host's.
  bool lost = false;
  library.intercepts[cibou.robot()] = on(scsi::kMoveMedium, [&]() -> std::optional<scsi::Result<scsi::Reply>> {
    lost = true;
    library.move(1026, 256);
    return scsi::Result<scsi::Reply>(scsi::fail(scsi::Error::Kind::timeout, "/x/sg2: no answer (MOVE MEDIUM)"));
  });
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_TRUE(lost);
  EXPECT_EQ(cibou.out, "Loading media from Storage Element 3 into drive 0...done\n");
  expect_nothing_left();
}

TEST_F(Moving, ALostAnswerOfAMoveThatWasNotDoneSaysSo) {
  library.intercepts[cibou.robot()] = on(scsi::kMoveMedium, [] {
    return scsi::Result<scsi::Reply>(scsi::fail(scsi::Error::Kind::timeout, "/x/sg2: no answer (MOVE MEDIUM)"));
  });
  EXPECT_EQ(cibou.load(3, 0), 3);
  EXPECT_THAT(cibou.err, HasSubstr("/x/sg2: no answer (MOVE MEDIUM)"));
  EXPECT_THAT(cibou.err, HasSubstr(". Looked at once: the tape is still where it was\n"));
  expect_nothing_left();
}

TEST_F(Moving, ALostAnswerWithTheTapeInNeitherPlaceDoesNotSayThatItIsWhereItWas) {
  library.intercepts[cibou.robot()] = on(scsi::kMoveMedium, [&] {
    library.move(1026, 1030);
    return scsi::Result<scsi::Reply>(scsi::fail(scsi::Error::Kind::timeout, "/x/sg2: no answer (MOVE MEDIUM)"));
  });
  EXPECT_EQ(cibou.load(3, 0), 3);
  EXPECT_THAT(cibou.err,
              HasSubstr(". Looked at once: the tape is in neither place, so the robot may still be moving it; "
                        "\"status\" tells where it comes to\n"));
}

TEST_F(Moving, ALockThatCannotBeGivenBackIsSaidAlsoWhenTheMoveFailed) {
  const auto release_fails = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] == scsi::kMoveMedium)
      return sense(scsi::SenseKey::illegal_request, scsi::asc::medium_removal_prevented);
    const bool release =
        command.cdb[0] == scsi::kPersistentReserveOut && command.cdb[1] == static_cast<uint8_t>(scsi::PrOut::release);
    if (!release) return std::nullopt;
    return scsi::Result<scsi::Reply>(scsi::fail(scsi::Error::Kind::timeout, "/x does not answer"));
  };
  library.intercepts[cibou.robot()] = library.intercepts[cibou.control(0)] = release_fails;
  EXPECT_EQ(cibou.load(3, 0), 1);
  EXPECT_THAT(cibou.err, HasSubstr("a host has locked the medium into the drive"));
  EXPECT_THAT(cibou.err, HasSubstr(". Besides, the robot could not be given back: /x does not answer"));
  EXPECT_THAT(cibou.err, HasSubstr(". Besides, the drive could not be given back: /x does not answer"));
}

TEST_F(Moving, ALockThatCannotBeGivenBackIsSaidAfterViaToo) {
  cibou.settings.via = "/bin/sh -c 'exit 7' %o";
  library.intercepts[cibou.robot()] = [](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != scsi::kPersistentReserveOut || command.cdb[1] != static_cast<uint8_t>(scsi::PrOut::release)) {
      return std::nullopt;
    }
    return scsi::Result<scsi::Reply>(scsi::fail(scsi::Error::Kind::timeout, "/x does not answer"));
  };
  EXPECT_EQ(cibou.load(3, 0), 7);
  EXPECT_THAT(cibou.err, HasSubstr("shstore-changer: the robot could not be given back: /x does not answer"));
}

TEST_F(Moving, ABusyRobotIsGivenTimeToTakeItsLockBackAlsoAfterSigterm) {
  int busy = 0;
  library.intercepts[cibou.robot()] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] == scsi::kMoveMedium) cibou.stop = true;
    const bool release =
        command.cdb[0] == scsi::kPersistentReserveOut && command.cdb[1] == static_cast<uint8_t>(scsi::PrOut::release);
    if (!release || ++busy > 4) return std::nullopt;
    EXPECT_GE(cibou.paused.count(), (busy - 1) * 100);
    return scsi::Reply{scsi::Status::busy, {}, {}};
  };
  cibou.load(3, 0);
  EXPECT_EQ(busy, 5);
  EXPECT_TRUE(untouched(cibou.robot()));
}

TEST_F(Moving, ADriveThatMustBeUnloadedFirstIsUnloaded) {
  cibou.load(3, 0);
  int refused = 0;
  library.intercepts[cibou.robot()] = on(scsi::kMoveMedium, [&]() -> std::optional<scsi::Result<scsi::Reply>> {
    if (refused++ > 0) return std::nullopt;
    return scsi::Result<scsi::Reply>(sense(scsi::SenseKey::illegal_request, scsi::asc::drive_not_unloaded));
  });
  EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  EXPECT_EQ(refused, 2);
  expect_nothing_left();
}

TEST_F(Moving, OfflineUnloadsTheDriveBeforeTheRobotComes) {
  cibou.load(3, 0);
  cibou.settings.offline = true;
  cibou.settings.offline_sleep = std::chrono::seconds(7);
  bool unloaded = false;
  library.intercepts[cibou.control(0)] = on(scsi::kLoadUnload, [&] {
    unloaded = true;
    return std::nullopt;
  });
  EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  EXPECT_TRUE(unloaded);
  EXPECT_EQ(cibou.slept, std::chrono::seconds(7));
}

TEST_F(Moving, OfflineSleepHoldsWithoutOfflineAsForMtxChanger) {
  cibou.load(3, 0);
  cibou.settings.offline_sleep = std::chrono::seconds(7);
  EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.slept, std::chrono::seconds(7));
}

TEST_F(Moving, LoadSleepHoldsWithoutReadyWait) {
  cibou.settings.load_sleep = std::chrono::seconds(7);
  cibou.settings.ready_wait = std::chrono::seconds(0);
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.slept, std::chrono::seconds(7));
}

TEST_F(Moving, ALoadWaitsUntilTheDriveIsReadyWithTheRobotFreeAgain) {
  int looks = 0;
  library.intercepts[cibou.control(0)] = on(scsi::kTestUnitReady, [&]() -> std::optional<scsi::Result<scsi::Reply>> {
    EXPECT_TRUE(untouched(cibou.robot()));
    if (++looks > 4) return std::nullopt;
    return scsi::Result<scsi::Reply>(sense(scsi::SenseKey::not_ready, 0x0401));
  });
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(looks, 6) << "four times not ready, its unit attention (28/00), ready";
  expect_nothing_left();
}

TEST_F(Moving, ADriveThatNeverBecomesReadyIsAnError) {
  library.intercepts[cibou.control(0)] =
      on(scsi::kTestUnitReady, [] { return sense(scsi::SenseKey::not_ready, 0x0401); });
  last = cibou.load(3, 0);
  expect_refused(cibou, 75, "the tape is loaded, but /tapes/nst0 is not ready after 300 s: Not Ready, 04/01");
  expect_nothing_left();
}

}  // namespace
}  // namespace shstore::changer::program
