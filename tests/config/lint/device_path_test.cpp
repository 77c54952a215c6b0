#include "config/lint/device_path.h"

#include <gtest/gtest.h>

namespace shstore::config::lint {
namespace {

TEST(DevicePath, NodesThatRewindAndTheOnesThatDoNot) {
  const std::pair<const char*, const char*> pairs[] = {
      {"/dev/st0", "/dev/nst0"},
      {"/dev/st12a", "/dev/nst12a"},
      {"/dev/tape/by-id/scsi-350014380023560a3", "/dev/tape/by-id/scsi-350014380023560a3-nst"},
      {"/dev/tape/by-path/pci-0000:03:00.0-scsi-0:0:1:0", "/dev/tape/by-path/pci-0000:03:00.0-scsi-0:0:1:0-nst"},
      {"/dev/rmt/0", "/dev/rmt/0n"},
      {"/dev/rmt/1cb", "/dev/rmt/1cbn"},
      {"/dev/sa0", "/dev/nsa0"},
      {"/dev/rst0", "/dev/nrst0"},
      {"/dev/erst1", "/dev/enrst1"},
      {"/dev/IBMtape3", "/dev/IBMtape3n"},
  };
  for (const auto& [rewinding, stays] : pairs) {
    EXPECT_EQ(node_kind(rewinding), NodeKind::rewinding) << rewinding;
    EXPECT_EQ(node_kind(stays), NodeKind::tape) << stays;
    EXPECT_EQ(non_rewinding(rewinding), stays);
    EXPECT_EQ(non_rewinding(stays), "") << stays;
  }
}

TEST(DevicePath, OtherNames) {
  for (const char* path : {"", "/", "/dev", "/dev/", "/dev/null", "/dev/st", "/dev/stx", "/dev/storage0", "/dev/sda1",
                           "/backup/st0", "/dev/rmt/", "/dev/rmt/tape", "/dev/tape/by-id/", "/dev/st0z", "/dev/nst0/x",
                           "/dev/tape/by-id/scsi-1MXA952SL01-changer", "st0"}) {
    EXPECT_EQ(node_kind(path), NodeKind::other) << path;
    EXPECT_EQ(non_rewinding(path), "") << path;
  }
  EXPECT_EQ(node_kind("/dev/sg4"), NodeKind::generic);
}

TEST(DevicePath, NumbersThatAnotherBootMayGiveToAnotherDrive) {
  for (const char* path : {"/dev/nst0", "/dev/st1", "/dev/sg22"}) EXPECT_TRUE(is_numbered_node(path)) << path;
  for (const char* path : {"/dev/tape/by-id/scsi-1-nst", "/dev/nsa0", "/dev/sga", "/dev/lto-drive0", ""}) {
    EXPECT_FALSE(is_numbered_node(path)) << path;
  }
}

}  // namespace
}  // namespace shstore::config::lint
