// load, unload and transfer on a simulated library that two hosts share.
#include <fstream>

#include "golden.h"
#include "moving.h"

namespace shstore::changer::program {
namespace {

using scsi::PrType;
using testing::HasSubstr;

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
  EXPECT_EQ(cibou("transfer", "2", "/tapes/nst0", "0", "7"), 0)
      << "with the archive device in its place: " << cibou.err;
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
  expect_refused(dir, 24,
                 "unload of slot 3 from drive 0 is refused: \"Drive-0\" (/tapes/nst0) is reserved by: 0xbac001, which "
                 "may be using tape \"A00003L4\"");
  last = dir.load(4, 0);
  expect_refused(dir, 24,
                 "load of slot 4 into drive 0 is refused: \"Drive-0\" (/tapes/nst0) is reserved by: 0xbac001.");
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
  cibou.job_holds_lock = [] { return true; };
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
  cibou.job_holds_lock = [] { return true; };
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
  expect_refused(
      dir, 1,
      "drive 0 holds tape \"A00001L4\" of slot 1 now: while this unload waited, another host has used the drive. "
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
  expect_refused(cibou, 4,
                 "drive 0 of the library is the one with serial number HU10450A01, but " + cibou.control(1) +
                     " of \"Drive-0\" (/tapes/nst0) leads to the drive with serial number HU10450A02: set \"Drive "
                     "Index = 1\"");
  EXPECT_EQ(cibou.loaded(0), "0\n");
  expect_nothing_left();
}

TEST_F(Moving, AnotherDriveIndexThanTheFilesIsRefused) {
  last = cibou("load", "3", "/tapes/nst1", "0");
  expect_refused(cibou, 4,
                 "the Changer Command was given drive 0 for /tapes/nst1, but cibou/bacula-sd.conf says \"Drive Index = "
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

}  // namespace
}  // namespace shstore::changer::program
