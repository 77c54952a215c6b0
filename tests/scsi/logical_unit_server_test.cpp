#include "scsi/target/logical_unit_server.h"

#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi::target {
namespace {

class UnitServer : public testing::Test {
 protected:
  LogicalUnitServer unit{{"HP", "Ultrium 4-SCSI", "H61W", "HU10450A01", 0x493},
                         {{fc_transport_id(0x2101001b322173ee), 1}, {fc_transport_id(0x2100001b321f4365), 2}},
                         make_tape_drive(nullptr, 0)};

  Reply run(NexusId nexus, const Bytes& cdb, uint32_t room = 4096, const Bytes& data_out = {}) {
    return unit.execute(nexus, {cdb, data_out, room});
  }
  std::string sense(NexusId nexus, std::string_view cdb) {
    const auto decoded = decode_sense(run(nexus, hex(cdb)).sense);
    return decoded ? describe(*decoded) : "none";
  }
  Status pr_out(NexusId nexus, PrOut action, PrOutParameters p) {
    return run(nexus, cdb_pr_out(action, PrType::exclusive_access), 0, encode_pr_out_parameters(p)).status;
  }
  void power_on_is_over() {
    for (NexusId n = 0; n < 2; ++n) run(n, cdb_test_unit_ready());
  }
};

constexpr const char* kTur = "00 00 00 00 00 00";
constexpr const char* kPowerOn = "Unit Attention, 29/00 (power on, reset, or bus device reset occurred)";
constexpr const char* kNoMedium = "Not Ready, 3a/00 (medium not present)";

TEST_F(UnitServer, TellsEachNexusOnceThatItWasPoweredOn) {
  EXPECT_EQ(sense(0, kTur), kPowerOn);
  EXPECT_EQ(sense(0, kTur), kNoMedium);
  EXPECT_EQ(sense(1, "5e 00 00 00 00 00 00 00 08 00"), kPowerOn);
  EXPECT_EQ(sense(1, kTur), kNoMedium);
}

TEST_F(UnitServer, InquiryAndReportLunsPassByAUnitAttention) {
  EXPECT_EQ(run(0, cdb_inquiry(96)).status, Status::good);
  EXPECT_EQ(run(0, hex("a0 00 00 00 00 00 00 00 00 10 00 00")).status, Status::good);
  EXPECT_EQ(sense(0, kTur), kPowerOn);
}

TEST_F(UnitServer, RequestSenseReturnsTheUnitAttentionAsDataAndEndsIt) {
  const auto first = run(0, hex("03 00 00 00 fc 00"));
  EXPECT_EQ(first.status, Status::good);
  EXPECT_EQ(describe(*decode_sense(first.data_in)), kPowerOn);
  const auto second = run(0, hex("03 00 00 00 fc 00"));
  EXPECT_EQ(decode_sense(second.data_in), Sense{});
  EXPECT_EQ(sense(0, kTur), kNoMedium);
  EXPECT_EQ(sense(0, "03 01 00 00 fc 00"), "Illegal Request, 24/00 (invalid field in CDB)");
}

TEST_F(UnitServer, AUnitAttentionComesBeforeAReservationConflict) {
  power_on_is_over();
  ASSERT_EQ(pr_out(0, PrOut::register_key, {.service_action_key = {1}}), Status::good);
  ASSERT_EQ(pr_out(1, PrOut::register_key, {.service_action_key = {2}}), Status::good);
  ASSERT_EQ(pr_out(0, PrOut::reserve, {.key = {1}}), Status::good);
  ASSERT_EQ(pr_out(1, PrOut::preempt, {.key = {2}, .service_action_key = {1}}), Status::good);
  EXPECT_EQ(sense(0, "0a 00 00 00 01 00"), "Unit Attention, 2a/05 (registrations preempted)");
  EXPECT_EQ(run(0, hex("0a 00 00 00 01 00")).status, Status::reservation_conflict);
}

TEST_F(UnitServer, UnitAttentionsAreQueuedOldestFirstAndNotTwice) {
  power_on_is_over();
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(pr_out(0, PrOut::register_and_ignore_existing_key, {.service_action_key = {1}}), Status::good);
    ASSERT_EQ(pr_out(1, PrOut::register_and_ignore_existing_key, {.service_action_key = {2}}), Status::good);
    ASSERT_EQ(pr_out(1, PrOut::clear, {.key = {2}}), Status::good);
    if (i == 1) break;
    // Nexus 0 asks nothing in between but INQUIRY.
    ASSERT_EQ(run(0, cdb_inquiry(96)).status, Status::good);
    EXPECT_EQ(sense(0, kTur), "Unit Attention, 2a/03 (reservations preempted)");
  }
  EXPECT_EQ(sense(0, kTur), "Unit Attention, 2a/03 (reservations preempted)");
  EXPECT_EQ(sense(0, kTur), kNoMedium);
}

TEST_F(UnitServer, StandardInquiry) {
  const auto i = decode_inquiry(run(0, cdb_inquiry(96)).data_in);
  ASSERT_TRUE(i);
  EXPECT_EQ(i->device_type, kTape);
  EXPECT_TRUE(i->removable);
  EXPECT_EQ(i->vendor + "/" + i->product + "/" + i->revision, "HP/Ultrium 4-SCSI/H61W");
  EXPECT_EQ(sense(0, "12 00 80 00 60 00"), "Illegal Request, 24/00 (invalid field in CDB)");
  EXPECT_EQ(sense(0, "12 02 00 00 60 00"), "Illegal Request, 24/00 (invalid field in CDB)");
}

TEST_F(UnitServer, VitalProductData) {
  EXPECT_EQ(to_hex(run(0, cdb_inquiry(VpdPage::supported_pages, 252)).data_in), "01 00 00 03 00 80 83");
  EXPECT_EQ(decode_unit_serial_number(run(0, cdb_inquiry(VpdPage::unit_serial_number, 252)).data_in), "HU10450A01");
  const auto of = [&](NexusId n) {
    return decode_device_identification(run(n, cdb_inquiry(VpdPage::device_identification, 252)).data_in).value();
  };
  ASSERT_EQ(of(0).size(), 2u);
  EXPECT_EQ(of(0)[0].text(), "t10.HP      Ultrium 4-SCSI  HU10450A01");
  EXPECT_EQ(of(0)[0], of(1)[0]) << "the same drive through both ports";
  EXPECT_EQ(of(0)[1].text(), "00000001");
  EXPECT_EQ(of(1)[1].text(), "00000002");
  EXPECT_EQ(sense(0, "12 01 b0 00 60 00"), "Illegal Request, 24/00 (invalid field in CDB)");
}

TEST_F(UnitServer, DataIsCutToTheAllocationLengthAndItsLengthsAreNot) {
  power_on_is_over();
  ASSERT_EQ(pr_out(0, PrOut::register_key, {.service_action_key = {1}}), Status::good);
  ASSERT_EQ(pr_out(1, PrOut::register_key, {.service_action_key = {2}}), Status::good);
  for (uint16_t room = 0; room < 120; ++room) {
    const auto keys = run(0, cdb_pr_in(PrIn::read_keys, room));
    EXPECT_EQ(keys.data_in.size(), std::min<size_t>(room, 24));
    if (room >= 8) {
      EXPECT_EQ(be32(keys.data_in, 4), 16u);
    }
    const auto full = run(0, cdb_pr_in(PrIn::read_full_status, room));
    EXPECT_EQ(full.data_in.size(), std::min<size_t>(room, 104));
    if (room >= 8) {
      EXPECT_EQ(be32(full.data_in, 4), 96u);
    }
    EXPECT_EQ(run(0, cdb_inquiry(room)).data_in.size(), std::min<size_t>(room, 36));
    if (room >= 5) {
      EXPECT_EQ(run(0, cdb_inquiry(room)).data_in[4], 31);
    }
    EXPECT_EQ(run(0, cdb_inquiry(VpdPage::unit_serial_number, room)).data_in.size(), std::min<size_t>(room, 14));
  }
  EXPECT_EQ(run(0, cdb_pr_in(PrIn::read_keys, 1024), 10).data_in.size(), 10u) << "the initiator has room for 10";
}

TEST_F(UnitServer, ReportLuns) {
  EXPECT_EQ(to_hex(run(0, hex("a0 00 00 00 00 00 00 00 00 40 00 00")).data_in),
            "00 00 00 08 00 00 00 00 00 00 00 00 00 00 00 00");
  EXPECT_EQ(to_hex(run(0, hex("a0 00 01 00 00 00 00 00 00 40 00 00")).data_in), "00 00 00 00 00 00 00 00");
  EXPECT_EQ(to_hex(run(0, hex("a0 00 02 00 00 00 00 00 00 03 00 00")).data_in), "00 00 00");
  EXPECT_EQ(sense(0, "a0 00 03 00 00 00 00 00 00 40 00 00"), "Illegal Request, 24/00 (invalid field in CDB)");
}

TEST_F(UnitServer, ReadReservationAndCapabilities) {
  power_on_is_over();
  EXPECT_EQ(to_hex(run(0, cdb_pr_in(PrIn::read_reservation, 64)).data_in), "00 00 04 93 00 00 00 00");
  EXPECT_EQ(to_hex(run(0, cdb_pr_in(PrIn::report_capabilities, 64)).data_in), "00 08 00 80 ea 01 00 00");
  EXPECT_EQ(sense(0, "5e 04 00 00 00 00 00 00 40 00"), "Illegal Request, 24/00 (invalid field in CDB)");
}

TEST_F(UnitServer, FullStatusNamesTheInitiatorsAndTheirPorts) {
  power_on_is_over();
  ASSERT_EQ(pr_out(1, PrOut::register_key, {.service_action_key = kDirKey}), Status::good);
  ASSERT_EQ(pr_out(0, PrOut::register_key, {.service_action_key = kCibouKey}), Status::good);
  ASSERT_EQ(pr_out(0, PrOut::reserve, {.key = kCibouKey}), Status::good);
  const auto s = decode_read_full_status(run(0, cdb_pr_in(PrIn::read_full_status, 1024)).data_in);
  ASSERT_TRUE(s);
  ASSERT_EQ(s->registrants.size(), 2u);
  EXPECT_EQ(s->registrants[0].initiator.text(), "21:00:00:1b:32:1f:43:65");
  EXPECT_EQ(s->registrants[0].relative_target_port, 2);
  EXPECT_FALSE(s->registrants[0].reservation_holder);
  EXPECT_EQ(s->registrants[1].initiator.text(), "21:01:00:1b:32:21:73:ee");
  EXPECT_TRUE(s->registrants[1].reservation_holder);
}

TEST_F(UnitServer, FullStatusMarksEveryRegistrantAsHolderWhenAllHold) {
  power_on_is_over();
  ASSERT_EQ(pr_out(0, PrOut::register_key, {.service_action_key = {1}}), Status::good);
  ASSERT_EQ(pr_out(1, PrOut::register_key, {.service_action_key = {2}}), Status::good);
  run(0, cdb_pr_out(PrOut::reserve, PrType::exclusive_access_all_registrants), 0,
      encode_pr_out_parameters({.key = {1}}));
  const auto s = decode_read_full_status(run(0, cdb_pr_in(PrIn::read_full_status, 1024)).data_in);
  ASSERT_TRUE(s);
  for (const auto& r : s->registrants) EXPECT_TRUE(r.reservation_holder);
}

TEST_F(UnitServer, UnknownCommandsAndMediumCommands) {
  power_on_is_over();
  EXPECT_EQ(sense(0, "ff"), "Illegal Request, 20/00 (invalid command operation code)");
  EXPECT_EQ(sense(0, "28 00 00 00 00 00 00 00 01 00"), "Illegal Request, 20/00 (invalid command operation code)");
  EXPECT_EQ(sense(0, "1a 00 3f 00 ff 00"), "Illegal Request, 20/00 (invalid command operation code)");
  EXPECT_EQ(sense(0, "08 00 00 00 01 00"), kNoMedium);
  EXPECT_EQ(sense(0, "01 00 00 00 00 00"), kNoMedium);
}

// Whatever bytes arrive, in whatever state: an answer, and no harm to the process.
TEST_F(UnitServer, AnswersEveryOpcodeAndEveryLength) {
  for (unsigned opcode = 0; opcode < 256; ++opcode) {
    for (size_t length = 0; length <= 16; ++length) {
      for (const uint8_t fill : Bytes{0x00, 0x01, 0xff}) {
        Bytes cdb(length, fill);
        if (length > 0) cdb[0] = static_cast<uint8_t>(opcode);
        for (const size_t data : {0, 23, 24, 100}) {
          const auto reply = run(opcode % 2, cdb, 512, Bytes(data, fill));
          EXPECT_LE(reply.data_in.size(), 512u);
          EXPECT_EQ(reply.status == Status::check_condition, !reply.sense.empty());
        }
      }
    }
  }
}

}  // namespace
}  // namespace shstore::scsi::target
