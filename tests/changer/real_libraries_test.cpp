// Libraries as they really answer, after public bug reports and vendors' manuals: docs/libraries.md has the list. The simulated
// library answers for them, with its replies changed as those libraries differ.
#include <gmock/gmock.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "changer/interruptible.h"
#include "changer/program/move_log.h"
#include "changer/readiness.h"
#include "scsi/medium_changer.h"
#include "simulated.h"

namespace shstore::changer::program {
namespace {

using scsi::ElementStatusRequest;
using scsi::ElementType;
using scsi::SenseKey;
using testing::HasSubstr;
using testing::Not;

scsi::Result<scsi::Reply> sense(SenseKey key, int code) {
  return scsi::Reply{scsi::Status::check_condition,
                     scsi::encode_sense({key, static_cast<uint8_t>(code >> 8), static_cast<uint8_t>(code)}),
                     {}};
}

struct RealLibraries : testing::Test {
  SimulatedLibrary library;
  Host cibou{library, "cibou", kCibouKey, {"sg0", "sg1", "sg2"}};

  // Past all intercepts: dir's way to the same robot.
  std::vector<scsi::Element> elements(ElementType type) {
    auto transport = library.open(library.folder() + "/sg6");
    scsi::LogicalUnit unit(**transport);
    const auto status = scsi::MediumChanger(unit).read_element_status();
    switch (type) {
      case ElementType::medium_transport: return status->medium_transport;
      case ElementType::data_transfer: return status->data_transfer;
      default: return status->storage;
    }
  }
  // The robot answers READ ELEMENT STATUS of that type by `answer`; nothing: as it is.
  using Answer = std::function<std::optional<scsi::Result<scsi::Reply>>(const ElementStatusRequest&)>;
  void answer(ElementType type, Answer how) {
    library.intercepts[cibou.robot()] =
        [type, how](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
      if (command.cdb[0] != scsi::kReadElementStatus) return std::nullopt;
      const auto request = scsi::decode_cdb_read_element_status(command.cdb);
      return request.type == type ? how(request) : std::nullopt;
    };
  }
  static scsi::Reply good(scsi::Bytes data) { return {scsi::Status::good, {}, std::move(data)}; }
  void change(ElementType type, std::function<void(std::vector<scsi::Element>&)> how) {
    answer(type, [this, type, how](const ElementStatusRequest& request) {
      auto all = elements(type);
      how(all);
      return scsi::Result<scsi::Reply>(good(scsi::encode_element_status(all, request)));
    });
  }
  size_t moves() const { return count(cibou.robot(), scsi::kMoveMedium); }
  size_t count(const std::string& path, uint8_t opcode) const {
    const auto found = library.sent.find(path);
    if (found == library.sent.end()) return 0;
    return static_cast<size_t>(
        std::count_if(found->second.begin(), found->second.end(), [&](const auto& cdb) { return cdb[0] == opcode; }));
  }
  // The first `times` moves end so.
  void refuse_move(SenseKey key, int code, int times = 1) {
    library.intercepts[cibou.robot()] =
        [=](const scsi::Command& command) mutable -> std::optional<scsi::Result<scsi::Reply>> {
      if (command.cdb[0] != scsi::kMoveMedium || times-- <= 0) return std::nullopt;
      return sense(key, code);
    };
  }
};

// ---- which drive is which

// IBM TS3500, TS4500, Diamondback: DVCID only without VOLTAG.
TEST_F(RealLibraries, IdentifiersThatAreToldAloneGuardAMove) {
  cibou.load(3, 0);
  const auto ibm = [this](bool swapped) {
    answer(ElementType::data_transfer,
           [=, this](const ElementStatusRequest& request) -> std::optional<scsi::Result<scsi::Reply>> {
             if (!request.device_ids) return std::nullopt;
             if (request.volume_tags) return sense(SenseKey::illegal_request, scsi::asc::invalid_field_in_cdb);
             auto drives = elements(ElementType::data_transfer);
             if (swapped) std::swap(drives[0].device, drives[1].device);
             for (auto& d : drives) d.exception = true, d.full = false, d.asc = 0x81;
             return good(scsi::encode_element_status(drives, request));
           });
  };
  ibm(true);
  const auto before = moves();
  EXPECT_EQ(cibou.unload(3, 0), 4);
  EXPECT_THAT(cibou.err, HasSubstr("drive 0 of the library is the one with serial number"));
  EXPECT_THAT(cibou.err, HasSubstr("set \"Drive Index = 1\""));
  EXPECT_EQ(moves(), before);
  ibm(false);
  EXPECT_EQ(cibou("inventory"), 0);
  EXPECT_THAT(cibou.out, Not(HasSubstr("serial number unknown")));
  EXPECT_THAT(cibou.out, HasSubstr("A00003L4 of slot 3"));
  EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.err, "");
}

// Quantum Scalar as mhvtl has it sends half of its drives' names; others send none.
TEST_F(RealLibraries, ADriveThatNobodyCanTellIsSaidAtEveryMove) {
  for (const bool half : {true, false}) {
    change(ElementType::data_transfer, [](auto& drives) {
      for (auto& d : drives) d.device.reset();
    });
    const std::string why = half ? "the library sends the beginning of its drives' names only"
                                 : "the library does not tell which drive is which";
    if (half) {
      answer(ElementType::data_transfer,
             [this](const ElementStatusRequest& request) -> std::optional<scsi::Result<scsi::Reply>> {
               auto data = scsi::encode_element_status(elements(ElementType::data_transfer), request);
               if (!request.device_ids) return good(data);
               const auto length = scsi::be16(data, 10);
               for (size_t at = 16; at + length <= data.size(); at += length)
                 data[at + 12 + (request.volume_tags ? 36u : 0u) + 3] = 0xf0;
               return good(data);
             });
    }
    cibou.settings.identity_required = false;
    EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
    EXPECT_EQ(
        cibou.err,
        "shstore-changer: whether drive 0 of the library is \"Drive-0\" (/tapes/nst0) is not checked: " + why + '\n');
    for (const char* look : {"inventory", "status"}) {
      cibou(look);
      EXPECT_THAT(cibou.out, HasSubstr("is not checked (drive 0, 1): " + why)) << look;
    }
    cibou.settings.identity_required = true;
    EXPECT_EQ(cibou.unload(3, 0), 4);
    EXPECT_THAT(cibou.err, HasSubstr(why + ", and shstore-changer.conf says \"identity=required\""));
    cibou.settings.identity_required = false;
    EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  }
}

// As where the lines of lsscsi -g were mixed up.
TEST_F(RealLibraries, AControlDeviceThatIsTheRobotIsNoDrive) {
  for (size_t at = cibou.devices.find(cibou.control(0)); at != std::string::npos;
       at = cibou.devices.find(cibou.control(0))) {
    cibou.devices.replace(at, cibou.control(0).size(), cibou.robot());
  }
  EXPECT_EQ(cibou.load(3, 0), 2);
  EXPECT_THAT(cibou.err, HasSubstr("is a medium changer, not a tape drive: correct it in bacula-sd.conf"));
  EXPECT_EQ(moves(), 0u);
}

TEST_F(RealLibraries, WhyTheCheckIsOffIsLeftForTheMonitor) {
  const auto file = library.folder() + "/cibou-sd.Drive-0.shstore-unchecked";
  change(ElementType::data_transfer, [](auto& drives) {
    for (auto& d : drives) d.device.reset();
  });
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  std::ifstream in(file);
  std::string why;
  std::getline(in, why);
  EXPECT_EQ(why, "the library does not tell which drive is which");
  library.intercepts.clear();
  EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  EXPECT_FALSE(std::filesystem::exists(file));
}

// Names that the drives do not show themselves, as a node's for a port's, prove nothing; the same name at another drive does.
TEST_F(RealLibraries, ANameOfAnotherKindIsNoOtherDrive) {
  const auto naa = [](uint8_t last) { return scsi::Designator{1, 0, 3, {0x50, 1, 4, 3, 0x80, 2, 3, last}}; };
  change(ElementType::data_transfer, [&](auto& drives) {
    for (size_t i = 0; i < drives.size(); ++i) drives[i].device = naa(static_cast<uint8_t>(i));
  });
  const auto shows = [&](uint8_t last) {
    library.intercepts[cibou.control(0)] =
        [=](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
      if (command.cdb[0] != scsi::kInquiry || command.cdb[2] != 0x83) return std::nullopt;
      return good(scsi::encode_device_identification(scsi::kTape, {naa(last)}));
    };
  };
  shows(77);
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_THAT(cibou.err, HasSubstr("is not checked: the library names its drives in another way"));
  shows(1);
  EXPECT_EQ(cibou.unload(3, 0), 4);
  EXPECT_THAT(cibou.err, HasSubstr("set \"Drive Index = 1\""));
}

// ---- the state of elements

TEST_F(RealLibraries, OneBadPageCostsItsOwnPlacesOnly) {
  const auto broken = [](const ElementStatusRequest&) {
    return scsi::Result<scsi::Reply>(
        good({0, 1, 0, 1, 0, 0, 0, 24, 4, 0, 0, 3, 0, 0, 0, 16, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  };
  answer(ElementType::data_transfer, broken);
  EXPECT_EQ(cibou("list"), 0) << cibou.err;
  EXPECT_THAT(cibou.out, HasSubstr("1:A00001L4\n2:A00002L4\n"));
  EXPECT_EQ(cibou.load(3, 0), 3);
  EXPECT_THAT(cibou.err, HasSubstr("the data transfer elements could not be read"));
  EXPECT_EQ(moves(), 0u);
  // A catalog that was told of no slot would believe them empty.
  answer(ElementType::storage, broken);
  for (const char* command : {"list", "listall", "slots"}) {
    EXPECT_EQ(cibou(command), 3) << command;
    EXPECT_EQ(cibou.out, "");
    EXPECT_THAT(cibou.err, HasSubstr("the storage elements could not be read"));
  }
  EXPECT_EQ(cibou("inventory"), 0);
  EXPECT_THAT(cibou.out, HasSubstr("drive 1"));
  EXPECT_THAT(cibou.out, HasSubstr("note: the storage elements could not be read"));
}

TEST_F(RealLibraries, ExceptionsInWords) {
  change(ElementType::storage, [](auto& slots) {
    slots[0].exception = true, slots[0].asc = 0x83, slots[0].ascq = 0x09, slots[0].volume_tag.clear();
    slots[1].exception = true, slots[1].asc = 0x83, slots[1].full = false, slots[1].volume_tag.clear();
    slots[2].medium_type = 2;
    slots[3].disabled = true;
  });
  EXPECT_EQ(cibou("inventory"), 0) << cibou.err;
  EXPECT_THAT(cibou.out, HasSubstr("a tape without barcode, barcode unreadable, or there is none (83/09)\n"));
  EXPECT_THAT(cibou.out, HasSubstr("not yet scanned (83/00)\n"));
  EXPECT_THAT(cibou.out, HasSubstr("A00003L4 (cleaning cartridge)\n"));
  EXPECT_THAT(cibou.out, HasSubstr("A00004L4, disabled in the library\n"));
  cibou.json = true;
  cibou("status");
  EXPECT_THAT(cibou.out, HasSubstr("\"asc\": 131"));
  EXPECT_THAT(cibou.out, HasSubstr("\"text\": \"not yet scanned (83/00)\""));
  EXPECT_THAT(cibou.out, HasSubstr("\"full\": null"));
  EXPECT_THAT(cibou.out, HasSubstr("\"medium_type\": \"cleaning\""));
  cibou.json = false;
  cibou("status");
  EXPECT_THAT(cibou.out, HasSubstr("Storage Element 2:Not scanned\n"));
  EXPECT_THAT(cibou.out, HasSubstr("  Note: slot 2 (element "));
  EXPECT_EQ(cibou.load(2, 0), 1);
  EXPECT_THAT(cibou.err, HasSubstr("slot 2 is not yet scanned (83/00)"));
}

TEST_F(RealLibraries, ATapeInTheRobotsHandIsNamedAndCanBePutAway) {
  uint16_t from = 0, to = 0;
  library.intercepts[cibou.robot()] =
      [&, hand = false](const scsi::Command& command) mutable -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] == scsi::kMoveMedium) {
      const auto move = scsi::decode_cdb_move_medium(command.cdb);
      if (hand) {
        from = move.source, to = move.destination;
        return good({});
      }
      hand = true;
      return sense(SenseKey::hardware_error, 0x1501);
    }
    if (!hand || command.cdb[0] != scsi::kReadElementStatus) return std::nullopt;
    const auto request = scsi::decode_cdb_read_element_status(command.cdb);
    auto all = elements(request.type);
    if (request.type == ElementType::storage) all[2].full = false, all[2].volume_tag.clear();
    if (request.type == ElementType::medium_transport) all[0].full = true, all[0].volume_tag = "A00003L4";
    if (request.type == ElementType::import_export) return std::nullopt;
    return good(scsi::encode_element_status(all, request));
  };
  EXPECT_EQ(cibou.load(3, 0), 3);
  EXPECT_THAT(cibou.err, HasSubstr("Looked at once: the robot has tape \"A00003L4\" in its hand"));
  for (const char* look : {"inventory", "status"}) {
    cibou(look);
    EXPECT_THAT(cibou.out, HasSubstr("the robot has tape \"A00003L4\" in its hand (element ")) << look;
  }
  EXPECT_EQ(cibou("transfer", "arm", "1"), 1) << "that slot is full";
  EXPECT_EQ(from, 0);
  EXPECT_EQ(cibou("transfer", "arm", "3"), 0) << cibou.err;
  EXPECT_EQ(from, elements(ElementType::medium_transport)[0].address);
  EXPECT_EQ(to, elements(ElementType::storage)[2].address);
}

TEST_F(RealLibraries, AnEmptyHandIsNothingToTransfer) {
  EXPECT_EQ(cibou("transfer", "arm", "7"), 1);
  EXPECT_THAT(cibou.err, HasSubstr("the robot's hand is empty"));
}

// ---- moves

TEST_F(RealLibraries, ADriveThatHasNotLetGoIsUnloadedOnceAndTheLastingCureIsNamed) {
  const std::pair<SenseKey, int> codes[] = {{SenseKey::illegal_request, 0x3a00}, {SenseKey::illegal_request, 0x3b83},
                                            {SenseKey::illegal_request, 0x3b87}, {SenseKey::illegal_request, 0x3b90},
                                            {SenseKey::hardware_error, 0x5301},  {SenseKey::illegal_request, 0x5301},
                                            {SenseKey::illegal_request, 0x4481}, {SenseKey::medium_error, 0x5300}};
  for (const auto& [key, code] : codes) {
    library.intercepts.clear();
    ASSERT_EQ(cibou.load(3, 0), 0) << cibou.err;
    library.sent.clear();
    refuse_move(key, code);
    EXPECT_EQ(cibou.unload(3, 0), 0) << std::hex << code << ' ' << cibou.err;
    EXPECT_EQ(moves(), 2u) << std::hex << code;
    EXPECT_EQ(count(cibou.control(0), scsi::kLoadUnload), 1u) << std::hex << code;
    EXPECT_THAT(cibou.err, HasSubstr("\"offline=1\" in shstore-changer.conf"));
    EXPECT_EQ(cibou.out, "Unloading drive 0 into Storage Element 3...done\n");
  }
  // Not for ever.
  ASSERT_EQ(cibou.load(3, 0), 0) << cibou.err;
  library.sent.clear();
  refuse_move(SenseKey::illegal_request, 0x3a00, 9);
  EXPECT_EQ(cibou.unload(3, 0), 1);
  EXPECT_EQ(moves(), 2u);
  EXPECT_THAT(cibou.err, HasSubstr("the drive has not let go of its tape"));
  EXPECT_THAT(cibou.err, HasSubstr("\"offline=1\""));
}

TEST_F(RealLibraries, TheSameCodesAtALoadUnloadNoDrive) {
  refuse_move(SenseKey::illegal_request, 0x3a00);
  EXPECT_EQ(cibou.load(3, 0), 3);
  EXPECT_EQ(count(cibou.control(0), scsi::kLoadUnload), 0u);
  EXPECT_THAT(cibou.err, HasSubstr("the tape is still where it was"));
}

TEST_F(RealLibraries, WhatWaitingDoesNotCureIsSaidAtOnce) {
  const std::pair<int, const char*> codes[] = {{0x048e, "sequential mode"}, {0x048d, "key mode"},
                                               {0x0489, "console mode"},    {0x0483, "a door is open"},
                                               {0x0412, "offline"},         {0x0403, "somebody to intervene"},
                                               {0x3a02, "a tray is open"}};
  for (const auto& [code, words] : codes) {
    library.sent.clear();
    cibou.slept = {};
    refuse_move(SenseKey::not_ready, code, 99);
    EXPECT_EQ(cibou.load(3, 0), 1) << std::hex << code;
    EXPECT_THAT(cibou.err, HasSubstr(words));
    EXPECT_EQ(moves(), 1u) << std::hex << code;
    EXPECT_EQ(cibou.slept.count(), 0) << std::hex << code;
  }
}

TEST_F(RealLibraries, WhatPassesIsWaitedForWithItsReason) {
  refuse_move(SenseKey::not_ready, 0x3003, 5);
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_THAT(cibou.err,
              HasSubstr("the library is not ready: a drive is being cleaned; waiting for it at most 120 s\n"));
  EXPECT_EQ(moves(), 6u);
}

TEST_F(RealLibraries, AMoveThatEndsWith0403ButArrivedIsDone) {
  library.intercepts[cibou.robot()] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != scsi::kMoveMedium) return std::nullopt;
    const auto move = scsi::decode_cdb_move_medium(command.cdb);
    library.move(move.source, move.destination);
    return sense(SenseKey::hardware_error, 0x0403);
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
}

// ---- LTO-9

TEST(Lto9, DrivesThatCalibrate) {
  for (const char* product : {"ULT3580-TD9", "ULT3580-HH9", "ULTRIUM-HH9", "Ultrium 9-SCSI", "LTO-9 HH"})
    EXPECT_TRUE(calibrates(product)) << product;
  for (const char* product : {"ULT3580-TD8", "Ultrium 8-SCSI", "Ultrium 10-SCSI", "ULT3580-TD10", "", "ULT3580-TD90"}) {
    EXPECT_FALSE(calibrates(product)) << product;
  }
  Settings settings;
  EXPECT_EQ(ready_wait_for(settings, "ULT3580-TD8"), std::chrono::seconds(300));
  EXPECT_GT(ready_wait_for(settings, "ULT3580-TD9"), std::chrono::hours(2));
  settings.ready_wait_given = true;
  EXPECT_EQ(ready_wait_for(settings, "ULT3580-TD9"), std::chrono::seconds(300)) << "the administrator's word";
}

// That may take hours, in which this host's other drives need the robot.
TEST_F(RealLibraries, WhileADriveBecomesReadyTheRobotIsFree) {
  library.lock(cibou.control(0), kCibouKey);  // a job's
  int not_ready = 3, moved = 0;
  library.intercepts[cibou.control(0)] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != scsi::kTestUnitReady || not_ready-- <= 0) return std::nullopt;
    return sense(SenseKey::not_ready, 0x0401);
  };
  Host same{library, "cibou", kCibouKey, {"sg0", "sg1", "sg2"}};
  cibou.asleep = [&] {
    if (moved++ != 0) return;
    EXPECT_EQ(same.load(4, 1), 0) << same.err;
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_GT(moved, 0);
}

TEST_F(RealLibraries, ADriveThatIsBecomingReadyGivesNoTapeOut) {
  ASSERT_EQ(cibou.load(3, 0), 0);
  library.sent.clear();
  refuse_move(SenseKey::illegal_request, 0x3a00, 9);
  library.intercepts[cibou.control(0)] = [](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] == scsi::kTestUnitReady) return sense(SenseKey::not_ready, 0x0401);
    return std::nullopt;
  };
  EXPECT_EQ(cibou.unload(3, 0), 3);
  EXPECT_THAT(cibou.err, HasSubstr("still becoming ready"));
  EXPECT_EQ(count(cibou.control(0), scsi::kLoadUnload), 0u);
  EXPECT_EQ(moves(), 1u);
}

// ---- an own goal

TEST(OwnGoal, WhoMayTakeTheTapeOut) {
  const DaemonUse two{7, {{12, "Nightly.2026-11-30_01.05.00_07"}, {13, "Weekly.2026-11-30_01.05.00_08"}}};
  const auto may = [&](const std::string& job, const DaemonUse& use) {
    return may_unload({job, {}}, use, "\"Drive-0\" (/dev/nst0)");
  };
  EXPECT_EQ(may("*System*", DaemonUse{}), "");
  EXPECT_EQ(may("Weekly.2026-11-30_01.05.00_08", two), "") << "an end of Volume with two jobs on the drive";
  for (const char* other : {"*System*", "Other.2026-11-30_01.05.00_09"}) {
    const auto refused = may(other, two);
    ASSERT_FALSE(refused) << other;
    EXPECT_EQ(refused.error().status, ExitStatus::refused);
    EXPECT_THAT(
        refused.error().message,
        HasSubstr("jobs 12 (Nightly.2026-11-30_01.05.00_07), 13 (Weekly.2026-11-30_01.05.00_08) of this host uses"));
  }
  const auto unknown = may("", two);
  ASSERT_TRUE(unknown);
  EXPECT_THAT(*unknown, HasSubstr("is not checked: add %j to the Changer Command"));
  EXPECT_EQ(may("Any.2026-11-30_01.05.00_07", DaemonUse{7, {{12, ""}}}), "") << "an older plugin tells no names";
  EXPECT_FALSE(may("*System*", DaemonUse{7, {{12, ""}}}));
}

TEST_F(RealLibraries, AJobsTapeIsNotTakenOutByTheSameHostsConsole) {
  cibou.load(3, 0);
  library.lock(cibou.control(0), kCibouKey);
  const auto before = moves();
  cibou.use = {7, {{12, "Nightly.2026-11-30_01.05.00_07"}}};
  cibou.caller = {"*System*", ""};
  EXPECT_EQ(cibou.unload(3, 0), 4);
  EXPECT_THAT(cibou.err, HasSubstr("this unload is not its own but of bconsole"));
  EXPECT_EQ(moves(), before);
  cibou.caller = {"Nightly.2026-11-30_01.05.00_07", ""};
  cibou.users = {{4711, "dd"}};
  EXPECT_EQ(cibou.unload(3, 0), 4);
  EXPECT_THAT(cibou.err, HasSubstr("dd (process 4711) has \"Drive-0\" (/tapes/nst0) open"));
  EXPECT_EQ(moves(), before);
  cibou.users.clear();
  EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
}

TEST(Arguments, WhatIsBehindTheDriveIndex) {
  auto a = arguments_of({"/dev/sg3", "unload", "3", "/dev/nst0", "0", "My", "Job.2026-11-30_01.05.00_07"});
  EXPECT_EQ(a.caller.job, "My Job.2026-11-30_01.05.00_07");
  a = arguments_of({"/dev/sg3", "unload", "3", "/dev/nst0", "0", "12", "A.2026-11-30_01.05.00_07"});
  EXPECT_EQ(a.caller.id, "12");
  EXPECT_EQ(a.caller.job, "A.2026-11-30_01.05.00_07");
  a = arguments_of({"/dev/sg3", "unload", "3", "/dev/nst0", "0", "%i", "*System*"});
  EXPECT_EQ(a.caller.job, "*System*");
  EXPECT_FALSE(a.caller.is_job());
  a = arguments_of({"/dev/sg3", "transfer", "1", "9", "0", "*System*"});
  EXPECT_EQ(a.second_slot, "");
  a = arguments_of({"/dev/sg3", "transfer", "1", "/dev/nst0", "0", "9"});
  EXPECT_EQ(a.second_slot, "9");
  EXPECT_EQ(arguments_of({"/dev/sg3", "list"}).command, "list");
}

TEST(DeviceUsers, OtherProcessesThatHaveItOpen) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("users" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "proc/4711/fd");
  std::filesystem::create_directories(folder / "proc/4712/fd");
  std::ofstream(folder / "tape") << "x";
  std::ofstream(folder / "proc/4711/comm") << "dd\n";
  for (const char* pid : {"4711", "4712"})
    std::filesystem::create_symlink(folder / "tape", folder / "proc" / pid / "fd/3");
  const auto users = other_users((folder / "tape").string(), 4712, (folder / "proc").string());
  ASSERT_EQ(users.size(), 1u);
  EXPECT_EQ(users[0].pid, 4711);
  EXPECT_EQ(users[0].program, "dd");
  EXPECT_TRUE(other_users((folder / "none").string(), 0, (folder / "proc").string()).empty());
  std::filesystem::remove_all(folder);
}

// ---- the log, and an end at once

TEST_F(RealLibraries, OneLineForEveryMove) {
  cibou.settings.log = library.folder() + "/moves.log";
  cibou.caller = {"My Job.2026-11-30_01.05.00_07", "12"};
  cibou.load(3, 0);
  cibou.load(3, 0);
  cibou("transfer", "1", "9");
  std::ifstream in(cibou.settings.log);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], testing::ContainsRegex(
                            "^20..-..-..T..:..:..Z changer=.*/sg2 operation=load slot=3 drive=0 from=[0-9]* to=[0-9]* "
                            "barcode=A00003L4 jobid=12 job=\"My Job.2026-11-30_01.05.00_07\" seconds=.* result=done$"));
  EXPECT_THAT(
      lines[1],
      HasSubstr(
          " result=failed status=1 why=\"drive 0 is full: it holds tape \\\"A00003L4\\\" of slot 3. Unload it first\""));
  EXPECT_THAT(lines[2], HasSubstr("operation=transfer slot=1 to_slot=9 from="));
}

// Root appends to it by hand, and its folder may be the daemon's.
TEST_F(RealLibraries, TheLogOfMovesFollowsNoLink) {
  const auto precious = library.folder() + "/precious";
  std::ofstream(precious) << "";
  cibou.settings.log = library.folder() + "/moves.log";
  std::filesystem::create_symlink(precious, cibou.settings.log);
  EXPECT_EQ(cibou.load(3, 0), 0) << "the tape is moved all the same";
  EXPECT_THAT(cibou.err, HasSubstr("the log of moves: cannot write " + cibou.settings.log + ": it is a symbolic link"));
  EXPECT_EQ(std::filesystem::file_size(precious), 0u);
}

TEST_F(RealLibraries, WhatOthersCallThemselvesBeginsNoLine) {
  cibou.settings.log = library.folder() + "/moves.log";
  cibou.caller = {"job\n::error file=a::forged\x1b[31m\u009b", "12"};
  cibou.load(3, 0);
  EXPECT_EQ((cibou.out + cibou.err).find("\n::error"), std::string::npos) << cibou.out << cibou.err;
  std::ifstream in(cibou.settings.log);
  std::string line, next;
  std::getline(in, line);
  EXPECT_THAT(line, HasSubstr("job=\"job ::error file=a::forged [31m \""));
  EXPECT_FALSE(std::getline(in, next)) << next;
}

// Answers a look only when it is let go.
class Slow final : public scsi::Transport {
 public:
  explicit Slow(std::shared_future<void> go) : go_(std::move(go)) {}
  scsi::Result<scsi::Reply> execute(const scsi::Command& command) override {
    if (command.data_in_length == 0) return scsi::Reply{};
    ++asked;
    go_.wait();
    return scsi::Reply{};
  }
  const std::string& path() const override { return path_; }
  static inline std::atomic<int> asked{0};

 private:
  std::shared_future<void> go_;
  std::string path_ = "/dev/sg3";
};

struct Interruptible : testing::Test {
  Interruptible() {
    opened = Slow::asked = 0;
    stop = false;
  }
  ~Interruptible() override { answers.set_value(); }
  scsi::Result<std::unique_ptr<scsi::Transport>> open() {
    const auto slow = [go = go](const std::string&) -> scsi::Result<std::unique_ptr<scsi::Transport>> {
      ++opened;
      return std::make_unique<Slow>(go);
    };
    return interruptible(slow, stop)("/dev/sg3");
  }
  const scsi::Command look{scsi::cdb_read_element_status({}), {}, 8, std::chrono::seconds(60)};
  std::promise<void> answers;
  std::shared_future<void> go = answers.get_future().share();
  // A thread that waits for the device may outlive the test.
  static inline std::atomic<bool> stop{false};
  static inline std::atomic<int> opened{0};
};

TEST_F(Interruptible, ReadingEndsBeforeTheDeviceHasAnsweredAndNothingElseDoes) {
  auto device = open();
  ASSERT_TRUE(device);
  std::thread signal([] {
    while (Slow::asked == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    stop = true;
  });
  const auto read = (*device)->execute(look);
  signal.join();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "/dev/sg3: interrupted while it was read");
  EXPECT_NE(read.error().kind, scsi::Error::Kind::timeout)
      << "of which it is said that the device did not answer for minutes";
  EXPECT_TRUE((*device)->execute({scsi::cdb_move_medium({}), {}, 0, std::chrono::seconds(60)})) << "a move is finished";
  EXPECT_EQ(opened, 2) << "the other command still waits for the first device's answer";
}

// Every thread that is started meanwhile wants more room for its stack than there is.
TEST_F(Interruptible, WithoutAThreadItIsReadAllTheSame) {
  pthread_attr_t before, huge;
  ::pthread_getattr_default_np(&before);
  huge = before;
  constexpr size_t kMoreThanThereIs = size_t{1} << 46;
  ASSERT_EQ(::pthread_attr_setstacksize(&huge, kMoreThanThereIs), 0);
  auto device = open();
  ASSERT_TRUE(device);
  answers.set_value();
  ::pthread_setattr_default_np(&huge);
  const auto read = (*device)->execute(look);
  ::pthread_setattr_default_np(&before);
  answers = {};
  EXPECT_TRUE(read) << read.error().message;
}

}  // namespace
}  // namespace shstore::changer::program
