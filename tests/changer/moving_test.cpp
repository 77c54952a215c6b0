// load, unload and transfer on a simulated library that two hosts share.
#include <gmock/gmock.h>

#include <fstream>

#include "golden.h"
#include "simulated.h"

namespace shstore::changer::program {
namespace {

using scsi::PrType;
using testing::HasSubstr;

struct Moving : testing::Test {
  SimulatedLibrary library;
  Host cibou{library, "cibou", kCibouKey, {"sg0", "sg1", "sg2"}};
  Host dir{library, "dir", kDirKey, {"sg4", "sg5", "sg6"}};

  bool untouched(const std::string& device) {
    const auto state = library.lock_state(device);
    return state.keys.empty() && !state.reservation;
  }
  void expect_nothing_left() {
    for (const auto& device : {cibou.control(0), cibou.control(1), cibou.robot()}) EXPECT_TRUE(untouched(device)) << device;
  }
  // Status, last line of what was said.
  void expect_refused(Host& host, int status, const std::string& said) {
    EXPECT_THAT(host.err, HasSubstr(said));
    EXPECT_EQ(host.err.back(), '\n');
    EXPECT_EQ(last, status);
  }
  int last = 0;
};

TEST_F(Moving, ALoadAndAnUnloadAreMtxsToTheLetterAndLeaveNoLock) {
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.out, "Loading media from Storage Element 3 into drive 0...done\n");
  EXPECT_EQ(cibou.err, "");
  EXPECT_EQ(dir.loaded(0), "3\n");
  expect_nothing_left();
  EXPECT_EQ(dir.unload(3, 0), 0) << dir.err;
  EXPECT_EQ(dir.out, "Unloading drive 0 into Storage Element 3...done\n");
  EXPECT_EQ(cibou.loaded(0), "0\n");
  expect_nothing_left();
}

TEST_F(Moving, ATransferSaysNothing) {
  EXPECT_EQ(cibou("transfer", "1", "9"), 0) << cibou.err;
  EXPECT_EQ(cibou.out + cibou.err, "");
  EXPECT_EQ(cibou("transfer", "2", "/tapes/nst0", "0", "7"), 0) << "with the archive device in its place: " << cibou.err;
  cibou("listall");
  EXPECT_THAT(cibou.out, HasSubstr("I:9:F:A00001L4"));
  EXPECT_THAT(cibou.out, HasSubstr("S:7:F:A00002L4"));
  expect_nothing_left();
}

TEST_F(Moving, WhatTheLibraryForbidsEndsWith1AsMtxDoes) {
  cibou.load(3, 0);
  EXPECT_EQ(cibou.load(4, 0), 1);
  EXPECT_EQ(cibou.err, "shstore-changer: drive 0 is full: it holds tape \"A00003L4\" of slot 3. Unload it first\n");
  EXPECT_EQ(cibou.load(3, 1), 1);
  EXPECT_EQ(cibou.unload(0, 1), 1);
  EXPECT_EQ(cibou("transfer", "7", "8"), 1);
  EXPECT_EQ(cibou("load", "x", "/tapes/nst0", "0"), 1);
  expect_nothing_left();
}

// A job of this host changes its Volume although its lock is lost: the plugin has failed it before it said so.
TEST_F(Moving, WhereTheJobsLockIsNotProvenNothingIsMoved) {
  cibou.load(3, 0);
  int asked = 0;
  cibou.prove = [&]() -> Outcome<void> {
    ++asked;
    return fail(ExitStatus::refused, "nothing is moved: the lock was lost");
  };
  last = cibou.unload(3, 0);
  expect_refused(cibou, 4, "nothing is moved: the lock was lost");
  EXPECT_EQ(cibou.load(4, 1), 4);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(cibou.loaded(0), "3\n") << "what is in the drive is told all the same";
  EXPECT_EQ(asked, 3) << "but not before the plugin has looked";
  expect_nothing_left();
}

TEST_F(Moving, ADriveThatAnotherHostHoldsKeepsItsTape) {
  cibou.load(3, 0);
  library.lock(cibou.control(0), kCibouKey);
  last = dir.unload(3, 0);
  expect_refused(dir, 24, "unload of slot 3 from drive 0 is refused: \"Drive-0\" (/tapes/nst0) is reserved by: 0xbac001, which "
                          "may be using tape \"A00003L4\"");
  last = dir.load(4, 0);
  expect_refused(dir, 24, "load of slot 4 into drive 0 is refused: \"Drive-0\" (/tapes/nst0) is reserved by: 0xbac001.");
  EXPECT_EQ(dir.loaded(0), "3\n") << "looking is free";
  const auto state = library.lock_state(dir.control(0));
  EXPECT_TRUE(state.held_by(kCibouKey));
  EXPECT_EQ(state.keys, (std::vector{kCibouKey})) << "a refused host does not stay registered";
  EXPECT_TRUE(untouched(dir.robot()));
}

TEST_F(Moving, AJobsOwnLockIsLeftAsItIs) {
  library.lock(cibou.control(0), kCibouKey);
  const auto before = library.lock_state(cibou.control(0)).generation;
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  const auto after = library.lock_state(cibou.control(0));
  EXPECT_TRUE(after.held_by(kCibouKey));
  EXPECT_EQ(after.generation, before) << "nothing was registered or taken anew";
}

TEST_F(Moving, AHostThatWaitsForTheDriveKeepsItsPlace) {
  library.lock(dir.control(0), kDirKey);
  {
    auto transport = library.open(cibou.control(0));
    scsi::LogicalUnit unit(**transport);
    ASSERT_TRUE(scsi::DriveLock(unit, kCibouKey).register_key());
  }
  EXPECT_EQ(cibou.load(3, 0), 24);
  EXPECT_EQ(library.lock_state(cibou.control(0)).keys.size(), 2u) << "the plugin's registration is not ours to take";
  library.unlock(dir.control(0), kDirKey);
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  const auto state = library.lock_state(cibou.control(0));
  EXPECT_EQ(state.keys, std::vector{kCibouKey});
  EXPECT_FALSE(state.reservation);
}

TEST_F(Moving, AJobThatComesDuringTheMoveKeepsTheLock) {
  cibou.job_relies = [] { return true; };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_TRUE(library.lock_state(cibou.control(0)).held_by(kCibouKey));
  EXPECT_TRUE(untouched(cibou.robot()));
}

TEST_F(Moving, ALockOfAnEarlierMoveThatCrashedIsGivenBackAfterTheNextOne) {
  // The crash: the move's file is there, and the drive is locked under this host's key.
  std::ofstream(library.folder() + "/cibou-sd.Drive-0.shstore-changer") << "x";
  library.lock(cibou.control(0), kCibouKey);
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  expect_nothing_left();
  EXPECT_FALSE(std::filesystem::exists(library.folder() + "/cibou-sd.Drive-0.shstore-changer"));
}

TEST_F(Moving, TheLockOfAJobThatCameAfterACrashIsTheJobs) {
  std::ofstream(library.folder() + "/cibou-sd.Drive-0.shstore-changer") << "x";
  library.lock(cibou.control(0), kCibouKey);
  cibou.job_relies = [] { return true; };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_TRUE(library.lock_state(cibou.control(0)).held_by(kCibouKey));
}

TEST_F(Moving, AMoveRemembersNothingWhenItIsOver) {
  cibou.load(3, 0);
  dir.unload(3, 0);
  library.lock(cibou.control(1), kCibouKey);
  dir.load(3, 1);
  for (const auto& file : std::filesystem::directory_iterator(library.folder())) {
    EXPECT_NE(file.path().extension(), ".shstore-changer") << file.path();
  }
}

TEST_F(Moving, DriveWaitWaitsForTheOtherHostAndKeepsTheRobotFreeMeanwhile) {
  cibou.load(3, 0);
  library.lock(cibou.control(0), kCibouKey);
  int looks = 0;
  dir.asleep = [&] {
    EXPECT_TRUE(untouched(dir.robot()));
    if (++looks == 5) library.unlock(cibou.control(0), kCibouKey);
  };
  EXPECT_EQ(dir.unload(3, 0), 0) << dir.err;
  EXPECT_EQ(looks, 5);
  expect_nothing_left();
}

// dir wants its tape out of the drive that cibou has taken meanwhile; cibou puts it back itself, to load its own.
TEST_F(Moving, AnUnloadIsDoneWhenTheOtherHostHasPutTheTapeBack) {
  dir.load(3, 0);
  library.lock(cibou.control(0), kCibouKey);
  int looks = 0;
  dir.asleep = [&] {
    if (++looks > 1) return;
    EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
    EXPECT_EQ(cibou.load(1, 0), 0) << cibou.err;
  };
  EXPECT_EQ(dir.unload(3, 0), 0) << dir.err;
  EXPECT_EQ(dir.out.find("Unloading"), std::string::npos) << "dir has moved nothing";
  EXPECT_TRUE(library.lock_state(cibou.control(0)).held_by(kCibouKey));
}

// The other host has put dir's tape elsewhere, loaded its own and let the drive go.
TEST_F(Moving, AnUnloadThatWaitedDoesNotTakeTheOtherHostsTapeForItsOwn) {
  dir.load(3, 0);
  library.lock(cibou.control(0), kCibouKey);
  int looks = 0;
  dir.asleep = [&] {
    if (++looks > 1) return;
    EXPECT_EQ(cibou.unload(7, 0), 0) << cibou.err;
    EXPECT_EQ(cibou.load(1, 0), 0) << cibou.err;
    library.unlock(cibou.control(0), kCibouKey);
  };
  last = dir.unload(3, 0);
  expect_refused(dir, 1, "drive 0 holds tape \"A00001L4\" of slot 1 now: while this unload waited, another host has used the drive. "
                         "Nothing was moved");
  EXPECT_EQ(dir.loaded(0), "1\n");
  expect_nothing_left();
}

TEST_F(Moving, AnUnloadThatWaitedMayPutTheTapeWhereverItBelongs) {
  dir.load(3, 0);
  library.lock(cibou.control(0), kCibouKey);
  dir.asleep = [&, freed = false]() mutable {
    if (!std::exchange(freed, true)) library.unlock(cibou.control(0), kCibouKey);
  };
  EXPECT_EQ(dir.unload(0, 0), 0) << dir.err;
  EXPECT_EQ(dir.out, "Unloading drive 0 into Storage Element 3...done\n");
}

TEST_F(Moving, AnUnloadThatSomebodyElseHasDoneIsDone) {
  EXPECT_EQ(cibou.unload(3, 0), 0) << "the drive is empty, and the tape is in its slot";
  cibou.load(4, 0);
  EXPECT_EQ(cibou.unload(3, 0), 1) << "another tape is in the drive";
}

TEST_F(Moving, DriveWaitEnds) {
  cibou.load(3, 0);
  library.lock(cibou.control(0), kCibouKey);
  dir.settings.drive_wait = std::chrono::seconds(60);
  EXPECT_EQ(dir.unload(3, 0), 24);
  EXPECT_GE(dir.slept, std::chrono::seconds(60));
  EXPECT_LT(dir.slept, std::chrono::seconds(70));
}

TEST_F(Moving, TwoDrivesMixedUpAreFoundOutBeforeATapeIsMoved) {
  auto& d = cibou.devices;
  const auto swap = [&](const std::string& a, const std::string& b) {
    const auto at = d.find(a);
    d.replace(at, a.size(), b);
  };
  swap("Control Device = " + cibou.control(0), "Control Device = " + cibou.control(1) + "x");
  swap("Control Device = " + cibou.control(1) + ";", "Control Device = " + cibou.control(0) + ";");
  swap("sg1x", "sg1");
  last = cibou.load(3, 0);
  expect_refused(cibou, 4, "drive 0 of the library is the one with serial number HU10450A01, but " + cibou.control(1) +
                               " of \"Drive-0\" (/tapes/nst0) leads to the drive with serial number HU10450A02: set \"Drive "
                               "Index = 1\"");
  EXPECT_EQ(cibou.loaded(0), "0\n");
  expect_nothing_left();
}

TEST_F(Moving, AnotherDriveIndexThanTheFilesIsRefused) {
  last = cibou("load", "3", "/tapes/nst1", "0");
  expect_refused(cibou, 4, "the Changer Command was given drive 0 for /tapes/nst1, but cibou/bacula-sd.conf says \"Drive Index = "
                           "1\" for it");
}

TEST_F(Moving, ADriveThatNobodyKnowsIsRefused) {
  last = cibou("load", "3", "/tapes/nst7", "0");
  expect_refused(cibou, 2, "no Device resource of cibou/bacula-sd.conf has \"Archive Device = /tapes/nst7\"");
}

TEST_F(Moving, ADriveWhoseLockIsConfiguredWronglyIsRefused) {
  const std::string lock = "Control Device = " + cibou.control(0) + "; ";
  cibou.devices.erase(cibou.devices.find(lock), lock.size());
  last = cibou.load(3, 0);
  expect_refused(cibou, 2, "\"Drive-0\" (/tapes/nst0) cannot be locked: it has a Lock Command but no Control Device");
}

TEST_F(Moving, ADriveWithoutLockCommandIsMovedAndThatIsSaid) {
  const std::string lock = "Lock Command = \"/scripts/storage-ctl %l %o\"";
  cibou.devices.erase(cibou.devices.find(lock), lock.size());
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_THAT(cibou.err, HasSubstr("\"Drive-0\" (/tapes/nst0) has no Lock Command in cibou/bacula-sd.conf"));
}

TEST_F(Moving, AControlDeviceThatDoesNotAnswerForbidsTheMove) {
  library.intercepts[cibou.control(0)] = [](const scsi::Command&) {
    return scsi::Result<scsi::Reply>(scsi::fail(scsi::Error::Kind::timeout, "/x/sg0: no answer within 5 s"));
  };
  EXPECT_EQ(cibou.load(3, 0), 3);
  EXPECT_TRUE(untouched(cibou.robot()));
  EXPECT_EQ(cibou.loaded(0), "0\n");
}

// ---- the robot

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
  expect_refused(cibou, 75, "the robot is still reserved by 0xbac999; nothing was moved. A move takes a minute or two: if that "
                            "host is dead, \"storage-ctl " + cibou.robot() + " preempt 0xbac999\" removes its reservation");
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
    if (command.cdb[0] != scsi::kPersistentReserveIn && command.cdb[0] != scsi::kPersistentReserveOut) return std::nullopt;
    return sense(scsi::SenseKey::illegal_request, scsi::asc::invalid_operation_code);
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.err, "shstore-changer: " + cibou.robot() + " knows no persistent reservations: the robot is locked against "
                       "this host's own programs only\n");
}

TEST_F(Moving, ARobotWithoutWriteExclusiveIsUsedAndKeepsNoKeyOfOurs) {
  library.intercepts[cibou.robot()] = [](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    const bool reserve = command.cdb[0] == scsi::kPersistentReserveOut && command.cdb[1] == static_cast<uint8_t>(scsi::PrOut::reserve);
    if (!reserve) return std::nullopt;
    return sense(scsi::SenseKey::illegal_request, scsi::asc::invalid_field_in_cdb);
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.err, "shstore-changer: " + cibou.robot() + " knows no reservation of type Write Exclusive: the robot is locked "
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
  EXPECT_THAT(cibou.err, HasSubstr(". Looked at once: the tape is in neither place, so the robot may still be moving it; "
                                   "\"status\" tells where it comes to\n"));
}

TEST_F(Moving, ALockThatCannotBeGivenBackIsSaidAlsoWhenTheMoveFailed) {
  const auto release_fails = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] == scsi::kMoveMedium) return sense(scsi::SenseKey::illegal_request, scsi::asc::medium_removal_prevented);
    const bool release = command.cdb[0] == scsi::kPersistentReserveOut && command.cdb[1] == static_cast<uint8_t>(scsi::PrOut::release);
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
    const bool release = command.cdb[0] == scsi::kPersistentReserveOut && command.cdb[1] == static_cast<uint8_t>(scsi::PrOut::release);
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

// ---- --via

TEST_F(Moving, ViaRunsTheProgramUnderTheGuardAndTheRobotsLock) {
  cibou.settings.via = "/bin/echo";
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.out, cibou.robot() + " load 3 /tapes/nst0 0\n");
  EXPECT_EQ(cibou.loaded(0), cibou.robot() + " loaded 0 /tapes/nst0 0\n");
  library.lock(dir.control(0), kDirKey);
  EXPECT_EQ(cibou.load(3, 0), 24);
  EXPECT_EQ(cibou.out, "");
}

TEST_F(Moving, ViaPassesTheExitStatusOnAndExpandsWithoutAShell) {
  cibou.load(3, 0);
  cibou.settings.via = "/bin/sh -c 'echo \"$0|$1\"; exit 7' %o '$(%a)'";
  EXPECT_EQ(cibou.unload(3, 0), 7);
  EXPECT_EQ(cibou.out, "unload|$(/tapes/nst0)\n");
  expect_nothing_left();
}

TEST_F(Moving, ViaPassesALargeLibrarysListOnWhole) {
  cibou.settings.via = "/bin/sh -c 'seq -f S:%%.0f:F:A-BARCODE-AS-LONG-AS-THEY-MAY-BE 1 4000' %o";
  EXPECT_EQ(cibou("listall"), 0) << cibou.err;
  EXPECT_EQ(std::count(cibou.out.begin(), cibou.out.end(), '\n'), 4000);
  EXPECT_GT(cibou.out.size(), 65536u);
}

TEST_F(Moving, ViaThatPrintsWithoutEndFailsInsteadOfLosingTheRest) {
  cibou.settings.via = "/bin/sh -c 'head -c 16777217 /dev/zero' %o";
  EXPECT_EQ(cibou("listall"), 3);
  EXPECT_THAT(cibou.err, HasSubstr("/bin/sh printed more than 16 MiB"));
}

TEST_F(Moving, ViaIsGivenTheSecondSlotOfATransferHoweverItWasSaid) {
  cibou.settings.via = "/bin/echo";
  EXPECT_EQ(cibou("transfer", "1", "9"), 0);
  EXPECT_EQ(cibou.out, cibou.robot() + " transfer 1 9 0\n");
  EXPECT_EQ(cibou("transfer", "1", "/tapes/nst0", "0", "7"), 0);
  EXPECT_EQ(cibou.out, cibou.robot() + " transfer 1 7 0\n");
}

TEST_F(Moving, ViaIsGivenTheControlDevice) {
  cibou.settings.via = "/bin/echo %l %j";
  EXPECT_EQ(cibou.load(3, 1), 0);
  EXPECT_EQ(cibou.out, cibou.control(1) + " *None*\n");
}

TEST_F(Moving, ViaHasADeadline) {
  cibou.settings.via = "/bin/sh -c 'sleep 600'";
  cibou.settings.via_wait = std::chrono::seconds(1);
  EXPECT_EQ(cibou.load(3, 0), 75);
  expect_nothing_left();
}

}  // namespace
}  // namespace shstore::changer::program
