#include "scsi/append_guard.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support.h"

namespace shstore::scsi {
namespace {

TEST(AppendGuard, TheStateOfADeviceIsTheKernels) {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path("devices/2:0:0:0"));
  folder.write("devices/2:0:0:0/state", "blocked\n");
  EXPECT_EQ(device_state("/devices/2:0:0:0", folder.path()), "blocked");
  EXPECT_EQ(device_state("/devices/2:0:0:1", folder.path()), "");
  EXPECT_EQ(device_state("", folder.path()), "");
}

TEST(AppendGuard, NothingIsSentToWhatIsNoGenericNode) {
  TemporaryFolder folder;
  EXPECT_EQ(message(put_end_of_data_first(folder.path("none"))), folder.path("none") + ": it is no generic SCSI node");
  EXPECT_EQ(message(put_end_of_data_first(folder.write("volume", "tape"))),
            folder.path("volume") + ": it is no generic SCSI node");
}

}  // namespace
}  // namespace shstore::scsi
