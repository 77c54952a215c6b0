#include "scsi/machine_sign.h"

#include <gtest/gtest.h>

namespace shstore::scsi {
namespace {

TEST(MachineSign, IsOfMachineIdAndCards) {
  const std::string id = "0123456789abcdef0123456789abcdef";
  const auto sign = sign_of(id, {"52:54:00:00:00:01", "52:54:00:00:00:02"});
  EXPECT_EQ(sign.size(), 16u);
  EXPECT_EQ(sign_of(id, {"52:54:00:00:00:02", "52:54:00:00:00:01"}), sign) << "in whatever order they come up";
  EXPECT_NE(sign_of(id, {"52:54:00:00:00:01", "52:54:00:00:00:03"}), sign) << "a clone has its own cards";
  EXPECT_NE(sign_of("another", {"52:54:00:00:00:01", "52:54:00:00:00:02"}), sign);
  EXPECT_EQ(sign.find(id), std::string::npos);
}

TEST(MachineSign, WithoutOneOfBothThereIsNone) {
  EXPECT_EQ(sign_of("", {"52:54:00:00:00:01"}), "");
  EXPECT_EQ(sign_of("0123", {}), "");
}

TEST(MachineSign, IsTheSameEachTime) { EXPECT_EQ(machine_sign(), machine_sign()); }

}  // namespace
}  // namespace shstore::scsi
