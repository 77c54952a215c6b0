// The drive's lock for the time of a move, and who has it afterwards.
#include <gmock/gmock.h>

#include <fstream>

#include "simulated.h"

namespace shstore::changer::program {
namespace {

using testing::HasSubstr;

struct Holding : testing::Test {
  SimulatedLibrary library;
  Host cibou{library, "cibou", kCibouKey, {"sg0", "sg1", "sg2"}};
  Host dir{library, "dir", kDirKey, {"sg4", "sg5", "sg6"}};

  std::string memory() const { return library.folder() + "/cibou-sd.Drive-0.shstore-changer"; }
  bool remembered() const { return std::filesystem::exists(memory()); }
  scsi::LockState drive() { return library.lock_state(cibou.control(0)); }
  // A PERSISTENT RESERVE OUT of that service action to the drive.
  static bool is(const scsi::Command& command, scsi::PrOut action) {
    return command.cdb[0] == scsi::kPersistentReserveOut && (command.cdb[1] & 0x1f) == static_cast<uint8_t>(action);
  }
  std::vector<scsi::PrOut> sent_to_drive() {
    std::vector<scsi::PrOut> actions;
    for (const auto& cdb : library.sent[cibou.control(0)]) {
      if (cdb[0] == scsi::kPersistentReserveOut) actions.push_back(static_cast<scsi::PrOut>(cdb[1] & 0x1f));
    }
    return actions;
  }
};

TEST_F(Holding, AJobOfWhichThePluginTellsLateGetsItsLockBack) {
  for (const int late : {1, 2, 5}) {
    int asked = 0;
    cibou.job_holds_lock = [&] { return asked++ >= late; };
    ASSERT_EQ(cibou.load(3, 0), 0) << cibou.err;
    EXPECT_TRUE(drive().held_by(kCibouKey)) << late;
    EXPECT_FALSE(remembered());
    library.unlock(cibou.control(0), kCibouKey);
    cibou.job_holds_lock = [] { return false; };
    ASSERT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  }
}

TEST_F(Holding, ThePluginIsGivenTheTimeToTell) {
  ASSERT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_GE(cibou.paused, std::chrono::milliseconds(500)) << "a new claim is published within 300 ms";
}

TEST_F(Holding, AJobThatTakesTheLockAfterTheReleaseKeepsIt) {
  int asked = 0;
  cibou.job_holds_lock = [&] {
    if (++asked == 2) library.lock(cibou.control(0), kCibouKey);
    return false;  // of which the plugin tells too late for us
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_TRUE(drive().held_by(kCibouKey));
}

TEST_F(Holding, AJobThatTakesTheLockBetweenReleaseAndUnregisterKeepsIt) {
  bool came = false;
  library.intercepts[cibou.control(0)] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    const auto sent = sent_to_drive();
    const bool look = command.cdb[0] == scsi::kPersistentReserveIn && command.cdb[1] == 0;
    if (look && !sent.empty() && sent.back() == scsi::PrOut::release)
      library.lock(cibou.control(0), kCibouKey), came = true;
    return std::nullopt;
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_TRUE(came);
  EXPECT_TRUE(drive().held_by(kCibouKey));
}

// bacula-sd had it for a device that was open for no job. Found in the lab, once in some fifty moves: the label was refused.
TEST_F(Holding, ALockThatTheDaemonGivesBackMeanwhileIsTakenInItsPlaceAndGivenBack) {
  for (const bool after_reserve : {false, true}) {
    bool gone = false;
    library.sent[cibou.control(0)].clear();
    library.lock(cibou.control(0), kCibouKey);
    library.intercepts[cibou.control(0)] =
        [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
      const auto sent = sent_to_drive();
      const bool looks = command.cdb[0] == scsi::kPersistentReserveIn;
      const bool looks_after = looks && !sent.empty() && sent.back() == scsi::PrOut::reserve;
      if (!gone && (after_reserve ? looks_after : is(command, scsi::PrOut::reserve))) {
        gone = true;
        library.unlock(cibou.control(0), kCibouKey);
      }
      return std::nullopt;
    };
    EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
    EXPECT_TRUE(gone);
    EXPECT_FALSE(drive().reservation) << after_reserve;
    EXPECT_FALSE(remembered());
    library.intercepts.clear();
    ASSERT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  }
}

// The plugin gives the drive back on this very nexus, and takes away what it had registered there. Found in the lab, once in three labels:
// "REGISTER ended well, but key 0xbac001 is not among the registered keys".
TEST_F(Holding, ARegistrationThatTheDaemonTakesAwayMeanwhileIsMadeAgain) {
  for (const auto after : {scsi::PrOut::register_key, scsi::PrOut::reserve}) {
    bool gone = false;
    library.sent[cibou.control(0)].clear();
    library.intercepts[cibou.control(0)] =
        [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
      const auto sent = sent_to_drive();
      const bool looks_after = command.cdb[0] == scsi::kPersistentReserveIn && !sent.empty() && sent.back() == after;
      if (!gone && looks_after) {
        gone = true;
        library.unlock(cibou.control(0), kCibouKey);
      }
      return std::nullopt;
    };
    EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
    EXPECT_TRUE(gone);
    EXPECT_TRUE(drive().keys.empty());
    EXPECT_FALSE(remembered());
    library.intercepts.clear();
    ASSERT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  }
}

TEST_F(Holding, ADriveThatRegistersNothingIsNotAskedForEver) {
  library.intercepts[cibou.control(0)] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (!is(command, scsi::PrOut::register_key)) return std::nullopt;
    return scsi::Reply{};
  };
  EXPECT_EQ(cibou.load(3, 0), 3);
  EXPECT_THAT(cibou.err, HasSubstr("REGISTER ended well, but key 0xbac001 is not among the registered keys"));
  EXPECT_FALSE(remembered());
}

TEST_F(Holding, AJobWhoseLockAnotherHostWasFasterToTakeIsTold) {
  int asked = 0;
  cibou.job_holds_lock = [&] {
    if (++asked != 2) return false;
    library.lock(dir.control(0), kDirKey);
    return true;
  };
  EXPECT_EQ(cibou.load(3, 0), 3) << "not 24, after which the whole load would be tried again";
  EXPECT_THAT(cibou.err,
              HasSubstr("\"Drive-0\" (/tapes/nst0): a job of this host came for it in the moment in which it was "
                        "given back, and 0xbac999 was faster: the job will fail"));
}

// ---- what cannot be taken leaves nothing behind

TEST_F(Holding, AReserveThatFailsLeavesNoRegistration) {
  library.intercepts[cibou.control(0)] = [](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (!is(command, scsi::PrOut::reserve)) return std::nullopt;
    return scsi::Result<scsi::Reply>(scsi::fail(scsi::Error::Kind::timeout, "/x/sg0 does not answer"));
  };
  EXPECT_EQ(cibou.load(3, 0), 3);
  EXPECT_TRUE(drive().keys.empty());
  EXPECT_FALSE(remembered());
}

TEST_F(Holding, ALockWhoseFateIsUnknownIsRememberedAndGivenBackAfterTheNextMove) {
  // RESERVE is done, but from then on the drive does not answer any more.
  bool silent = false;
  library.intercepts[cibou.control(0)] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (is(command, scsi::PrOut::reserve)) {
      library.lock(cibou.control(0), kCibouKey);
      silent = true;
    }
    if (!silent) return std::nullopt;
    return scsi::Result<scsi::Reply>(scsi::fail(scsi::Error::Kind::timeout, "/x/sg0 does not answer"));
  };
  EXPECT_EQ(cibou.load(3, 0), 3);
  EXPECT_TRUE(drive().held_by(kCibouKey));
  EXPECT_TRUE(remembered());
  library.intercepts.clear();
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_TRUE(drive().keys.empty());
  EXPECT_FALSE(remembered());
}

// ---- a Lock Command of the site's own

struct OwnCommand : Holding {
  OwnCommand() {
    const std::string stock = "/scripts/storage-ctl %l %o";
    for (auto at = cibou.devices.find(stock); at != cibou.devices.npos; at = cibou.devices.find(stock)) {
      cibou.devices.replace(at, stock.size(), script() + " %o");
    }
  }
  std::string script() const { return library.folder() + "/lock"; }
  std::string file() const { return library.folder() + "/locked"; }
  bool locked() const { return std::filesystem::exists(file()); }
  // Locks by a file, and knows no reservations; writes down what it was told.
  void locks_by_a_file() { locks_as("trylock) : >" + file() + ";; unlock) rm " + file() + ";;"); }
  void locks_as(const std::string& cases) {
    std::ofstream(script()) << "#!/bin/sh\necho $1 >>" << file() << ".log\ncase $1 in " << cases << " esac\n";
    std::filesystem::permissions(script(), std::filesystem::perms::owner_all);
  }
  std::string told() const {
    std::ifstream in(file() + ".log");
    std::string all, word;
    while (in >> word) all += (all.empty() ? "" : " ") + word;
    return all;
  }
};

TEST_F(OwnCommand, WithoutAJobTheLockIsTakenAndGivenBackWhole) {
  locks_by_a_file();
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(told(), "trylock unlock unregister");
  EXPECT_FALSE(locked());
}

TEST_F(OwnCommand, AJobsLockIsTheJobsThoughTheDriveShowsNoReservation) {
  locks_by_a_file();
  std::ofstream(file()) << "";
  cibou.job_holds_lock = [] { return true; };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_TRUE(locked());
  EXPECT_EQ(told(), "trylock");
}

TEST_F(OwnCommand, AJobThatComesDuringTheMoveKeepsTheLock) {
  locks_by_a_file();
  int asked = 0;
  cibou.job_holds_lock = [&] { return asked++ >= 1; };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_TRUE(locked());
}

TEST_F(OwnCommand, AJobOfWhichThePluginTellsLateGetsItsLockBack) {
  locks_by_a_file();
  int asked = 0;
  cibou.job_holds_lock = [&] { return asked++ >= 3; };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_TRUE(locked());
}

TEST_F(OwnCommand, ADriveWithoutPersistentReservationsIsLockedByIt) {
  locks_by_a_file();
  library.intercepts[cibou.control(0)] = [](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != scsi::kPersistentReserveIn) return std::nullopt;
    return scsi::Reply{
        scsi::Status::check_condition, scsi::encode_sense({scsi::SenseKey::illegal_request, 0x20, 0, false}), {}};
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_FALSE(locked());
}

TEST_F(OwnCommand, AnotherHostsLockIsToldWithItsKey) {
  locks_as("trylock) exit 24 ;; wholocked) echo 0xbac999 ;;");
  EXPECT_EQ(cibou.load(3, 0), 24);
  EXPECT_NE(cibou.err.find("could not be locked: it is reserved by: 0xbac999"), std::string::npos) << cibou.err;
  EXPECT_TRUE(told().starts_with("trylock wholocked")) << told();
  EXPECT_EQ(told().find("unlock"), std::string::npos) << "what another host has is not given back";
}

TEST_F(OwnCommand, ALockThatItMayHaveTakenIsGivenBack) {
  locks_as("trylock) : >" + file() + "; echo no answer; exit 9 ;; unlock) rm " + file() + " ;;");
  EXPECT_EQ(cibou.load(3, 0), 24);
  EXPECT_NE(cibou.err.find("the Lock Command's \"trylock\" ended with status 9: no answer"), std::string::npos)
      << cibou.err;
  EXPECT_FALSE(locked());
  EXPECT_TRUE(told().starts_with("trylock unlock unregister")) << told();
}

// As a wrapper around storage-ctl. What the command does with the drive, the test does when it sees that it was called.
struct OwnReservingCommand : OwnCommand {
  OwnReservingCommand() {
    locks_by_a_file();
    library.intercepts[cibou.control(0)] = [&](const scsi::Command&) -> std::optional<scsi::Result<scsi::Reply>> {
      follow();
      return std::nullopt;
    };
  }
  void follow() {
    const auto now = told();
    if (now == seen) return;
    seen = now;
    const auto last = now.substr(now.rfind(' ') + 1);
    if (last == "trylock") library.lock(cibou.control(0), kCibouKey);
    if (last == "unlock" || last == "unregister") library.unlock(cibou.control(0), kCibouKey);
    if (last == "unlock") library.register_key(cibou.control(0), kCibouKey);
  }
  std::string seen;
};

TEST_F(OwnReservingCommand, ARegistrationThatItMadeIsTakenAway) {
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  follow();
  EXPECT_EQ(told(), "trylock unlock unregister");
  EXPECT_TRUE(drive().keys.empty()) << "a phantom waiter";
}

TEST_F(OwnReservingCommand, AJobThatWaitsKeepsItsPlaceAlsoWhenAnotherHostComesToWait) {
  library.register_key(cibou.control(0), kCibouKey);
  bool moved = false;
  library.intercepts[cibou.robot()] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] == scsi::kMoveMedium && !moved) library.register_key(dir.control(0), kDirKey), moved = true;
    return std::nullopt;
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  follow();
  EXPECT_EQ(told(), "trylock unlock");
}

}  // namespace
}  // namespace shstore::changer::program
