// Answers of a device server that this project did not write. Each file says where it came from.
#include <gtest/gtest.h>

#include <fstream>

#include "scsi/persistent_reserve.h"
#include "support.h"

namespace shstore::scsi {
namespace {

Bytes recorded(const std::string& name) {
  std::ifstream in(std::string(SHSTORE_ROOT) + "/tests/golden/scsi/recorded/" + name);
  EXPECT_TRUE(in) << name;
  std::string text;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with('#')) text += line + ' ';
  }
  return hex(text);
}

TEST(Recorded, FullStatusOfTheLoopbackFabric) {
  const auto status = decode_read_full_status(recorded("lio-loop-full-status.hex"));
  ASSERT_TRUE(status) << status.error();
  EXPECT_EQ(status->generation, 0x49u);
  EXPECT_FALSE(status->truncated);
  ASSERT_EQ(status->registrants.size(), 2u);
  EXPECT_EQ(status->registrants[0].key.value, 0xc3u);
  EXPECT_TRUE(status->registrants[0].reservation_holder);
  EXPECT_EQ(status->registrants[0].type, PrType::exclusive_access);
  EXPECT_EQ(status->registrants[0].relative_target_port, 3);
  EXPECT_EQ(status->registrants[0].initiator.text(), "21:02:00:1b:32:00:00:03");
  EXPECT_FALSE(status->registrants[1].reservation_holder);
  EXPECT_EQ(status->registrants[1].initiator.text(), "21:01:00:1b:32:21:73:ee");
}

TEST(Recorded, FullStatusOfTheIscsiFabric) {
  const auto status = decode_read_full_status(recorded("lio-iscsi-full-status.hex"));
  ASSERT_TRUE(status) << status.error();
  ASSERT_EQ(status->registrants.size(), 2u);
  EXPECT_EQ(status->registrants[0].initiator.text(), "iqn.2026-11.lab:third,i,0x00023d000004");
  EXPECT_EQ(status->registrants[1].initiator.iscsi_name, "iqn.2026-11.lab:cibou");
  EXPECT_EQ(status->registrants[1].initiator.iscsi_isid, "00023d000003");
}

TEST(Recorded, ReservationAndCapabilities) {
  const auto read = decode_read_reservation(recorded("lio-reservation.hex"));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->reservation, (Reservation{{0xc3}, 0, PrType::exclusive_access}));
  const auto caps = decode_report_capabilities(recorded("lio-capabilities.hex"));
  ASSERT_TRUE(caps) << caps.error();
  EXPECT_TRUE(caps->supports(PrType::exclusive_access));
  EXPECT_TRUE(caps->persist_through_power_loss_capable);
  EXPECT_FALSE(caps->persist_through_power_loss_active);
}

// No prefix is taken for a whole answer, and none for "nobody holds it".
TEST(Recorded, EveryPrefixIsAnErrorOrSaysThatItIsCut) {
  for (const char* name : {"lio-loop-full-status.hex", "lio-iscsi-full-status.hex"}) {
    const auto whole = recorded(name);
    for (size_t n = 0; n < whole.size(); ++n) {
      const auto status = decode_read_full_status(ByteView(whole).first(n));
      if (status) {
        EXPECT_TRUE(status->truncated) << name << ' ' << n;
      }
    }
  }
  const auto whole = recorded("lio-reservation.hex");
  for (size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(decode_read_reservation(ByteView(whole).first(n))) << n;
}

}  // namespace
}  // namespace shstore::scsi
