// Libraries as they really answer, after public bug reports and vendors' manuals: which drive is which, the state of elements, moves.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "real_libraries.h"

namespace shstore::changer::program {
namespace {

using scsi::ElementStatusRequest;
using scsi::ElementType;
using scsi::SenseKey;
using testing::HasSubstr;
using testing::Not;

// ---- which drive is which

// IBM TS3500, TS4500, Diamondback: DVCID only without VOLTAG.
TEST_F(RealLibraries, IdentifiersThatAreToldAloneGuardAMove) {
  cibou.load(3, 0);
  const auto ibm = [this](bool swapped) {
    answer(ElementType::data_transfer,
           [=, this](const ElementStatusRequest& request) -> std::optional<scsi::Result<scsi::Reply>> {
             if (!request.device_ids) return std::nullopt;
             if (request.volume_tags) return sense_reply(SenseKey::illegal_request, scsi::asc::invalid_field_in_cdb);
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

// The same kind in other forms: another sense code, no refusal but an answer without elements, one drive at a time.
TEST_F(RealLibraries, IdentifiersThatAreToldAloneInOtherForms) {
  ASSERT_EQ(cibou.load(3, 0), 0);
  for (const auto* form : {"26/00", "empty", "empty page", "broken page", "one by one"}) {
    answer(
        ElementType::data_transfer,
        [&, form = std::string(form)](const ElementStatusRequest& request) -> std::optional<scsi::Result<scsi::Reply>> {
          if (!request.device_ids) return std::nullopt;
          auto drives = elements(ElementType::data_transfer);
          std::swap(drives[0].device, drives[1].device);
          for (auto& d : drives) d.exception = true, d.full = false, d.asc = 0x81;
          if (!request.volume_tags) {
            std::erase_if(drives, [&](const auto& d) { return d.address < request.first; });
            if (form == "one by one") drives.resize(std::min<size_t>(drives.size(), 1));
            return good(scsi::encode_element_status(drives, request));
          }
          if (form == "empty") return good({0, 0, 0, 0, 0, 0, 0, 0});
          if (form == "empty page") return good({0, 0, 0, 0, 0, 0, 0, 8, 4, 0x80, 0, 52, 0, 0, 0, 0});
          if (form == "broken page") return good({0, 0, 0, 2, 0, 0, 0, 12, 4, 0x80, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0});
          return sense_reply(SenseKey::illegal_request, form == "26/00" ? 0x2600 : 0x2400);
        });
    const auto before = moves();
    EXPECT_EQ(cibou.unload(3, 0), 4) << form;
    EXPECT_THAT(cibou.err, HasSubstr("set \"Drive Index = 1\"")) << form;
    EXPECT_EQ(moves(), before) << form;
  }
}

// Cut without a sign of it: the identifier's length says that it is whole.
TEST_F(RealLibraries, HalfASerialNumberIsNoOtherDrivesUnlessOneHasIt) {
  const auto named = [&](const std::string& first, const std::string& second) {
    change(ElementType::data_transfer, [=](auto& drives) {
      for (size_t i = 0; i < drives.size(); ++i) {
        const auto& name = i == 0 ? first : second;
        drives[i].device = scsi::Designator{2, 0, 1, {name.begin(), name.end()}};
      }
    });
  };
  const std::string kind = "HP      Ultrium 4-SCSI  ";
  named(kind + "HU10450A", kind + "HU10450A");
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_THAT(cibou.err, HasSubstr("is not checked: the library sends the beginning of its drives' names only "
                                   "(HU10450A of serial number HU10450A01)"));
  cibou.settings.identity_required = true;
  EXPECT_EQ(cibou.unload(3, 0), 4);
  cibou.settings.identity_required = false;
  named(kind + "HU10450A", kind + "HU10450A01");
  EXPECT_EQ(cibou.unload(3, 0), 4) << "that is the other drive";
  EXPECT_THAT(cibou.err, HasSubstr("set \"Drive Index = 1\""));
  named(kind + "HU20450A", kind + "HU20450B");
  EXPECT_EQ(cibou.unload(3, 0), 4) << "neither is";
  EXPECT_THAT(cibou.err, HasSubstr("no drive of this library is the one"));
}

// One that is not told which drive it is may still be known not to be this one.
TEST_F(RealLibraries, ADriveWithoutANameIsNotTheOneWhoseNameStandsAtAnother) {
  change(ElementType::data_transfer, [](auto& drives) {
    drives[1].device = drives[0].device;
    drives[0].device.reset();
  });
  EXPECT_EQ(cibou.load(3, 0), 4);
  EXPECT_THAT(cibou.err, HasSubstr("leads to drive 1 of the library, serial number HU10450A01, and not to drive 0: set "
                                   "\"Drive Index = 1\""));
  EXPECT_EQ(moves(), 0u);
  change(ElementType::data_transfer, [](auto& drives) { drives[0].device.reset(); });
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_THAT(cibou.err, HasSubstr("is not checked: the library does not tell which drive is which"));
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

// Refused by the hardware, not by its page.
TEST_F(RealLibraries, ElementsOfWhichTheLibraryCannotTellCostTheirOwnPlacesOnly) {
  answer(ElementType::storage,
         [](const ElementStatusRequest&) { return sense_reply(SenseKey::hardware_error, 0x4400); });
  EXPECT_EQ(cibou("inventory"), 0) << cibou.err;
  EXPECT_THAT(cibou.out, HasSubstr("drive 1"));
  EXPECT_THAT(cibou.out, HasSubstr("the storage elements could not be read: "));
  EXPECT_THAT(cibou.out, HasSubstr("Hardware Error, 44/00"));
  EXPECT_EQ(cibou("list"), 3);
  EXPECT_EQ(cibou.load(3, 0), 3);
  EXPECT_EQ(moves(), 0u);
}

// mtx leaves them out, and the slots behind them have other numbers then; the catalog's must be the same.
TEST_F(RealLibraries, SlotsOfAMagazineThatIsOutAreLeftOutAndSaid) {
  change(ElementType::storage, [](auto& slots) {
    for (size_t i : {0u, 1u})
      slots[i].full = false, slots[i].exception = true, slots[i].asc = 0x83, slots[i].ascq = 0x02,
      slots[i].volume_tag.clear();
  });
  EXPECT_EQ(cibou("list"), 0);
  EXPECT_THAT(cibou.out, HasSubstr("1:A00003L4\n"));
  EXPECT_EQ(cibou("inventory"), 0);
  EXPECT_THAT(cibou.out,
              HasSubstr("note: 2 storage elements have no number, because their magazine is not in the library"));
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
      return sense_reply(SenseKey::hardware_error, 0x1501);
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
    return sense_reply(SenseKey::hardware_error, 0x0403);
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
}

}  // namespace
}  // namespace shstore::changer::program
