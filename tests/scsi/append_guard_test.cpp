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
  DeviceState state(folder.path());
  EXPECT_EQ(state.of("/devices/2:0:0:0"), "blocked");
  folder.write("devices/2:0:0:0/state", "running\n");
  EXPECT_EQ(state.of("/devices/2:0:0:0"), "running");
  EXPECT_EQ(state.of("/devices/2:0:0:1"), "");
  EXPECT_EQ(state.of(""), "");
  std::filesystem::create_directories(folder.path("devices/2:0:0:1"));
  folder.write("devices/2:0:0:1/state", "transport-offline\n");
  EXPECT_EQ(state.of("/devices/2:0:0:1"), "transport-offline") << "it has come since";
}

TEST(AppendGuard, NothingIsSentToWhatIsNoGenericNode) {
  TemporaryFolder folder;
  EXPECT_EQ(message(put_end_of_data_first(folder.path("none"))), folder.path("none") + ": it is no generic SCSI node");
  EXPECT_EQ(message(put_end_of_data_first(folder.write("volume", "tape"))),
            folder.path("volume") + ": it is no generic SCSI node");
}

}  // namespace
}  // namespace shstore::scsi
