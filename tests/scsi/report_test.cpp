// The white paper's section 3.2 as one story; the golden files are its transcripts, letter by letter.
#include "scsi/report.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "support.h"

namespace shstore::scsi {
namespace {

using tests::equals_golden;

std::string query(Host& host) { return query_text(host.unit.inquiry().value(), host.unit.read_full_status().value()); }

TEST(Report, TellsTheWhitePapersStory) {
  target::Target target(white_paper_san());
  Host cibou(target, 0, kCibouKey);
  Host dir(target, 1, kDirKey);

  EXPECT_TRUE(equals_golden(query(dir), "scsi/3.2_empty.txt"));
  ASSERT_TRUE(dir.lock.register_key());
  EXPECT_TRUE(equals_golden(query(dir), "scsi/3.2_registered.txt"));
  ASSERT_TRUE(dir.lock.try_lock()->held);
  EXPECT_TRUE(equals_golden(query(dir), "scsi/3.2_locked.txt"));
  EXPECT_TRUE(equals_golden(query(cibou), "scsi/3.2_locked_from_cibou.txt"));
  ASSERT_TRUE(cibou.lock.register_key());
  EXPECT_TRUE(equals_golden(query(cibou), "scsi/3.2_two_registrants.txt"));
  ASSERT_TRUE(dir.lock.unlock());
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  EXPECT_TRUE(equals_golden(query(cibou), "scsi/3.2_lock_moved.txt"));
}

TEST(Report, OtherTransportsAndPorts) {
  FullStatus s;
  s.generation = 1;
  RegistrantStatus r;
  r.key = {0x1};
  r.all_target_ports = true;
  r.initiator = decode_transport_id(hex("06 000000 5001438002356000 000000000000000000000000")).value();
  s.registrants.push_back(r);
  r.reservation_holder = true;
  r.type = PrType::write_exclusive_registrants_only;
  r.scope = 2;
  r.initiator = {};
  r.initiator.protocol = 5;
  r.initiator.iscsi_name = "iqn.2026-11.a:b";
  s.registrants.push_back(r);
  r.initiator.iscsi_isid = "80123456789a";
  s.registrants.push_back(r);
  r.initiator = decode_transport_id(hex("04 00000000000000 0001020304050607 08090a0b0c0d0e0f")).value();
  s.registrants.push_back(r);
  r.initiator = decode_transport_id(hex("0a 112233445566778899aabbccddeeff 4142434445464748")).value();
  s.registrants.push_back(r);
  EXPECT_TRUE(equals_golden(query_text({0, kMediumChanger, true, "LONGNAME", "A product of 16c", "1.0"}, s),
                            "scsi/other_transports.txt"));
}

TEST(Report, HexDump) {
  EXPECT_EQ(hex_dump({}), "");
  EXPECT_EQ(hex_dump(hex("21 00 00 1b 32 1f 43 65")), "00      21 00 00 1b 32 1f 43 65    !...2.Ce\n");
  EXPECT_EQ(hex_dump(Bytes(17, 0x7e)),
            "00      7e 7e 7e 7e 7e 7e 7e 7e 7e 7e 7e 7e 7e 7e 7e 7e    ~~~~~~~~~~~~~~~~\n"
            "10      7e    ~\n");
}

}  // namespace
}  // namespace shstore::scsi
