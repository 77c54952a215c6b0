// Who may do what while somebody holds a reservation: one function, one row of expectations per type
// (after SPC-4 tables 48 and 49).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi::target {
namespace {

enum Who { kHolder, kRegistrant, kStranger };

struct Probe {
  const char* name;
  const char* cdb;
};

constexpr Probe kReads[] = {{"READ(6)", "08 00 00 00 01 00"},
                            {"SPACE(6)", "11 00 00 00 01 00"},
                            {"MODE SENSE(6)", "1a 00 3f 00 ff 00"},
                            {"MODE SENSE(10)", "5a 00 3f 00 00 00 00 00 ff 00"},
                            {"REWIND", "01 00 00 00 00 00"},
                            {"READ BUFFER", "3c 00 00 00 00 00 00 00 04 00"},
                            {"READ ATTRIBUTE", "8c 00 00 00 00 00 00 00 00 00 00 00 00 ff 00 00"},
                            {"REPORT SUPPORTED OPERATION CODES", "a3 0c 00 00 00 00 00 00 00 ff 00 00"}};
constexpr Probe kWrites[] = {{"WRITE(6)", "0a 00 00 00 01 00"},
                             {"WRITE FILEMARKS(6)", "10 00 00 00 01 00"},
                             {"ERASE(6)", "19 00 00 00 00 00"},
                             {"LOAD UNLOAD", "1b 00 00 00 00 00"},
                             {"MODE SELECT(6)", "15 10 00 00 00 00"},
                             {"LOG SELECT", "4c 00 00 00 00 00 00 00 00 00"},
                             {"SEND DIAGNOSTIC", "1d 04 00 00 00 00"},
                             {"PREVENT MEDIUM REMOVAL", "1e 00 00 00 01 00"},
                             {"WRITE BUFFER", "3b 00 00 00 00 00 00 00 00 00"}};
constexpr Probe kAlways[] = {{"TEST UNIT READY", "00 00 00 00 00 00"},
                             {"INQUIRY", "12 00 00 00 60 00"},
                             {"REQUEST SENSE", "03 00 00 00 fc 00"},
                             {"REPORT LUNS", "a0 00 00 00 00 00 00 00 00 18 00 00"},
                             {"LOG SENSE", "4d 00 40 00 00 00 00 00 ff 00"},
                             {"READ KEYS", "5e 00 00 00 00 00 00 00 ff 00"},
                             {"READ RESERVATION", "5e 01 00 00 00 00 00 00 ff 00"},
                             {"READ FULL STATUS", "5e 03 00 00 00 00 00 00 ff 00"},
                             {"ALLOW MEDIUM REMOVAL", "1e 00 00 00 00 00"},
                             {"READ MEDIA SERIAL NUMBER", "ab 01 00 00 00 00 00 00 00 ff 00 00"},
                             {"REPORT TIMESTAMP", "a3 0f 00 00 00 00 00 00 00 ff 00 00"}};

struct Row {
  PrType type;
  bool registrant_reads, registrant_writes, stranger_reads, stranger_writes;
};

constexpr Row kRows[] = {
    {PrType::write_exclusive, true, false, true, false},
    {PrType::exclusive_access, false, false, false, false},
    {PrType::write_exclusive_registrants_only, true, true, true, false},
    {PrType::exclusive_access_registrants_only, true, true, false, false},
    {PrType::write_exclusive_all_registrants, true, true, true, false},
    {PrType::exclusive_access_all_registrants, true, true, false, false},
};

class Access : public testing::TestWithParam<Row> {
 protected:
  Target target{white_paper_san()};

  Reply execute(Who who, const Bytes& cdb, const Bytes& data_out = {}) {
    const Command command{cdb, data_out, data_out.empty() ? 1024u : 0u};
    for (;;) {
      auto reply = target.execute(target.endpoints()[who], command);
      const auto sense = decode_sense(reply.sense);
      if (!sense || sense->key != SenseKey::unit_attention) return reply;
    }
  }
  Reply pr_out(Who who, PrOut action, PrOutParameters p, PrType type = GetParam().type) {
    return execute(who, cdb_pr_out(action, type), encode_pr_out_parameters(p));
  }

  void SetUp() override {
    ASSERT_EQ(pr_out(kHolder, PrOut::register_key, {.service_action_key = {1}}).status, Status::good);
    ASSERT_EQ(pr_out(kRegistrant, PrOut::register_key, {.service_action_key = {2}}).status, Status::good);
    ASSERT_EQ(pr_out(kHolder, PrOut::reserve, {.key = {1}}).status, Status::good);
  }

  void verify(Who who, std::span<const Probe> probes, bool allowed) {
    for (const auto& probe : probes) {
      const bool conflict = execute(who, hex(probe.cdb)).status == Status::reservation_conflict;
      EXPECT_EQ(conflict, !allowed) << probe.name << " by "
                                    << (who == kHolder       ? "holder"
                                        : who == kRegistrant ? "registrant"
                                                             : "stranger");
    }
  }
};

TEST_P(Access, FollowsTheTable) {
  const auto& row = GetParam();
  verify(kHolder, kReads, true);
  verify(kHolder, kWrites, true);
  verify(kRegistrant, kReads, row.registrant_reads);
  verify(kRegistrant, kWrites, row.registrant_writes);
  verify(kStranger, kReads, row.stranger_reads);
  verify(kStranger, kWrites, row.stranger_writes);
  for (const auto who : {kHolder, kRegistrant, kStranger}) verify(who, kAlways, true);
}

TEST_P(Access, OfPersistentReserveOut) {
  const auto type = GetParam().type;
  // A stranger may register, and nothing else.
  for (const auto action : {PrOut::reserve, PrOut::release, PrOut::clear, PrOut::preempt, PrOut::preempt_and_abort}) {
    EXPECT_EQ(pr_out(kStranger, action, {.key = {0}, .service_action_key = {1}}).status, Status::reservation_conflict);
    EXPECT_EQ(pr_out(kStranger, action, {.key = {1}, .service_action_key = {1}}).status, Status::reservation_conflict);
  }
  EXPECT_EQ(pr_out(kStranger, PrOut::register_key, {.service_action_key = {3}}).status, Status::good);
  EXPECT_EQ(pr_out(kRegistrant, PrOut::reserve, {.key = {2}}).status,
            is_all_registrants(type) ? Status::good : Status::reservation_conflict);
  EXPECT_EQ(pr_out(kRegistrant, PrOut::release, {.key = {2}}).status, Status::good);
  EXPECT_EQ(pr_out(kRegistrant, PrOut::clear, {.key = {2}}).status, Status::good);
}

TEST_P(Access, IsFreeWithoutReservation) {
  ASSERT_EQ(pr_out(kHolder, PrOut::release, {.key = {1}}).status, Status::good);
  for (const auto who : {kHolder, kRegistrant, kStranger}) {
    verify(who, kReads, true);
    verify(who, kWrites, true);
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Access, testing::ValuesIn(kRows), [](const auto& tested) {
  auto name = describe(tested.param.type);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

}  // namespace
}  // namespace shstore::scsi::target
