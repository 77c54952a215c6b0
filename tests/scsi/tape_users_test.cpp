// Over a /proc that is made up, whose descriptors are links: to no tape node, since no test machine has one.
#include "scsi/tape_users.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "support.h"

namespace shstore::scsi {
namespace {

TEST(TapeUsers, NobodyHasADriveOpenThatIsNoTape) {
  const TemporaryFolder root;
  std::filesystem::create_directories(root.path("proc/812/fd"));
  std::filesystem::create_directories(root.path("proc/self"));
  root.write("proc/812/comm", "bacula-sd\n");
  std::filesystem::create_symlink("/dev/null", root.path("proc/812/fd/7"));
  std::filesystem::create_symlink("/gone", root.path("proc/812/fd/8"));
  const auto users = tape_users(read_node("/dev/null"), root.path("proc"));
  EXPECT_TRUE(users.who.empty());
  EXPECT_FALSE(users.unseen);
}

TEST(TapeUsers, WithoutProcNobodyIsSeen) {
  const TemporaryFolder root;
  EXPECT_TRUE(tape_users(read_node("/dev/null"), root.path("proc")).unseen);
}

}  // namespace
}  // namespace shstore::scsi
