// An unload by the host whose own job uses the tape, and how it is known whose it is.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "real_libraries.h"

namespace shstore::changer::program {
namespace {

using testing::HasSubstr;

TEST(OwnGoal, WhoMayTakeTheTapeOut) {
  const DaemonUse two{7, {{12, "Nightly.2026-11-30_01.05.00_07"}, {13, "Weekly.2026-11-30_01.05.00_08"}}};
  const auto may = [&](const std::string& job, const DaemonUse& use) {
    return may_unload({job, {}}, use, "\"Drive-0\" (/dev/nst0)");
  };
  EXPECT_EQ(may("*System*", DaemonUse{}), "");
  EXPECT_EQ(may("Weekly.2026-11-30_01.05.00_08", two), "") << "an end of Volume with two jobs on the drive";
  for (const char* other : {"*System*", "Other.2026-11-30_01.05.00_09"}) {
    const auto refused = may(other, two);
    ASSERT_FALSE(refused) << other;
    EXPECT_EQ(refused.error().status, ExitStatus::refused);
    EXPECT_THAT(
        refused.error().message,
        HasSubstr("jobs 12 (Nightly.2026-11-30_01.05.00_07), 13 (Weekly.2026-11-30_01.05.00_08) of this host uses"));
  }
  const auto unknown = may("", two);
  ASSERT_TRUE(unknown);
  EXPECT_THAT(*unknown, HasSubstr("is not checked: add %j to the Changer Command"));
  EXPECT_EQ(may("Any.2026-11-30_01.05.00_07", DaemonUse{7, {{12, ""}}}), "") << "an older plugin tells no names";
  EXPECT_FALSE(may("*System*", DaemonUse{7, {{12, ""}}}));
}

TEST_F(RealLibraries, AJobsTapeIsNotTakenOutByTheSameHostsConsole) {
  cibou.load(3, 0);
  library.lock(cibou.control(0), kCibouKey);
  const auto before = moves();
  cibou.use = {7, {{12, "Nightly.2026-11-30_01.05.00_07"}}};
  cibou.caller = {"*System*", ""};
  EXPECT_EQ(cibou.unload(3, 0), 4);
  EXPECT_THAT(cibou.err, HasSubstr("this unload is not its own but of bconsole"));
  EXPECT_EQ(moves(), before);
  cibou.caller = {"Nightly.2026-11-30_01.05.00_07", ""};
  cibou.users = {{4711, "dd"}};
  EXPECT_EQ(cibou.unload(3, 0), 4);
  EXPECT_THAT(cibou.err, HasSubstr("dd (process 4711) has \"Drive-0\" (/tapes/nst0) open"));
  EXPECT_EQ(moves(), before);
  cibou.users.clear();
  EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
}

TEST(Arguments, WhatIsBehindTheDriveIndex) {
  auto a = arguments_of({"/dev/sg3", "unload", "3", "/dev/nst0", "0", "My", "Job.2026-11-30_01.05.00_07"});
  EXPECT_EQ(a.caller.job, "My Job.2026-11-30_01.05.00_07");
  a = arguments_of({"/dev/sg3", "unload", "3", "/dev/nst0", "0", "12", "A.2026-11-30_01.05.00_07"});
  EXPECT_EQ(a.caller.id, "12");
  EXPECT_EQ(a.caller.job, "A.2026-11-30_01.05.00_07");
  a = arguments_of({"/dev/sg3", "unload", "3", "/dev/nst0", "0", "%i", "*System*"});
  EXPECT_EQ(a.caller.job, "*System*");
  EXPECT_FALSE(a.caller.is_job());
  a = arguments_of({"/dev/sg3", "transfer", "1", "9", "0", "*System*"});
  EXPECT_EQ(a.second_slot, "");
  a = arguments_of({"/dev/sg3", "transfer", "1", "/dev/nst0", "0", "9"});
  EXPECT_EQ(a.second_slot, "9");
  EXPECT_EQ(arguments_of({"/dev/sg3", "list"}).command, "list");
}

TEST(DeviceUsers, OtherProcessesThatHaveItOpen) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("users" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "proc/4711/fd");
  std::filesystem::create_directories(folder / "proc/4712/fd");
  std::ofstream(folder / "tape") << "x";
  std::ofstream(folder / "proc/4711/comm") << "dd\n";
  for (const char* pid : {"4711", "4712"})
    std::filesystem::create_symlink(folder / "tape", folder / "proc" / pid / "fd/3");
  const auto users = other_users((folder / "tape").string(), 4712, (folder / "proc").string());
  ASSERT_EQ(users.size(), 1u);
  EXPECT_EQ(users[0].pid, 4711);
  EXPECT_EQ(users[0].program, "dd");
  EXPECT_TRUE(other_users((folder / "none").string(), 0, (folder / "proc").string()).empty());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace shstore::changer::program
