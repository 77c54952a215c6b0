#include "changer/program/settings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace shstore::changer::program {
namespace {

using std::chrono::seconds;

TEST(Settings, TheInstalledFileSaysWhatHoldsWithoutIt) {
  std::ifstream in(SHSTORE_ROOT "/changer/program/shstore-changer.conf");
  const auto settings = parse_settings(std::string(std::istreambuf_iterator<char>(in), {}), "shstore-changer.conf");
  ASSERT_TRUE(settings) << settings.error().message;
  const Settings defaults;
  EXPECT_EQ(settings->sd, defaults.sd);
  EXPECT_EQ(settings->offline, defaults.offline);
  EXPECT_EQ(settings->ready_wait, defaults.ready_wait);
  EXPECT_EQ(settings->robot_wait, defaults.robot_wait);
  EXPECT_EQ(settings->drive_wait, defaults.drive_wait);
  EXPECT_EQ(settings->via_wait, defaults.via_wait);
  EXPECT_EQ(settings->via, defaults.via);
  EXPECT_EQ(settings->log, defaults.log);
  EXPECT_EQ(settings->identity_required, defaults.identity_required);
  EXPECT_EQ(settings->auto_clean, defaults.auto_clean);
  EXPECT_EQ(settings->clean_prefix, defaults.clean_prefix);
  EXPECT_EQ(settings->clean_wait, defaults.clean_wait);
  EXPECT_FALSE(settings->ready_wait_given) << "its default depends on the drive";
  EXPECT_TRUE(settings->unknown.empty());
}

// An administrator copies the stock script's file over ours. What both know counts; what only a shell understands is refused.
TEST(Settings, AFileOfTheStockScript) {
  const auto old =
      parse_settings("# mtx-changer\nversion=2\nvxa_packetloader=0\ndebug_level=10\noffline=1\nload_sleep=30\n", "c");
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_TRUE(old->offline);
  EXPECT_EQ(old->load_sleep, seconds(30));
  EXPECT_EQ(old->unknown,
            (std::vector<std::string>{"version at line 2", "vxa_packetloader at line 3", "debug_level at line 4"}));
  for (const char* shell : {"mt_stat=\"-f ${device} status\"", "ready=`uname`", "if test -f /etc/debian_version ; then",
                            "export offline=1"}) {
    const auto refused = parse_settings(std::string("offline=0\n") + shell + '\n', "c");
    ASSERT_FALSE(refused) << shell;
    EXPECT_TRUE(refused.error().message.starts_with("c:2: ")) << refused.error().message;
  }
}

TEST(Settings, Cleaning) {
  const auto s = parse_settings("auto_clean=1\nclean_prefix=CLNU\nclean_wait=600\n", "c");
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_TRUE(s->auto_clean);
  EXPECT_EQ(s->clean_prefix, "CLNU");
  EXPECT_EQ(s->clean_wait, seconds(600));
  EXPECT_FALSE(parse_settings("auto_clean=yes\n", "c"));
}

TEST(Settings, EveryOneIsRead) {
  const auto s = parse_settings(
      "sd='/opt/bacula/etc/bacula-sd.conf'\noffline=1\noffline_sleep=5 # seconds\nload_sleep=10\n"
      "ready_wait=60\nrobot_wait=30\ndrive_wait=20\ninventory=1\nvia=\"mtx-changer %c %o\"\n"
      "via_wait=90\nversion=2\n",
      "c");
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_EQ(s->sd, "/opt/bacula/etc/bacula-sd.conf");
  EXPECT_TRUE(s->offline && s->inventory);
  EXPECT_EQ(s->offline_sleep, seconds(5));
  EXPECT_EQ(s->load_sleep, seconds(10));
  EXPECT_EQ(s->ready_wait, seconds(60));
  EXPECT_EQ(s->robot_wait, seconds(30));
  EXPECT_EQ(s->drive_wait, seconds(20));
  EXPECT_EQ(s->via, "mtx-changer %c %o");
  EXPECT_EQ(s->via_wait, seconds(90));
  EXPECT_EQ(s->unknown, std::vector<std::string>{"version at line 11"});
}

TEST(Settings, ShellCodeAndNonsenseAreRefusedWithTheirPlace) {
  EXPECT_EQ(parse_settings("offline=0\nOS=`uname`\n", "c").error().message,
            "c:2: this file is parsed, not sourced by a shell: $ and ` are not expanded");
  EXPECT_EQ(parse_settings("offline=2\n", "c").error().message, "c:1: offline=2: not a whole number from 0 to 1");
  EXPECT_EQ(parse_settings("ready_wait=5min\n", "c").error().message,
            "c:1: ready_wait=5min: not a whole number from 0 to 86400");
}

TEST(Settings, AMissingFileIsFineOnlyWhereNobodyNamedIt) {
  EXPECT_TRUE(load_settings("/does/not/exist", true));
  EXPECT_FALSE(load_settings("/does/not/exist", false));
}

}  // namespace
}  // namespace shstore::changer::program
