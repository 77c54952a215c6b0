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
  EXPECT_FALSE(settings->ready_wait_given) << "its default depends on the drive";
  EXPECT_TRUE(settings->unknown.empty());
}

TEST(Settings, EveryOneIsRead) {
  const auto s = parse_settings("sd='/opt/bacula/etc/bacula-sd.conf'\noffline=1\noffline_sleep=5 # seconds\nload_sleep=10\n"
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
  EXPECT_EQ(parse_settings("ready_wait=5min\n", "c").error().message, "c:1: ready_wait=5min: not a whole number from 0 to 86400");
}

TEST(Settings, AMissingFileIsFineOnlyWhereNobodyNamedIt) {
  EXPECT_TRUE(load_settings("/does/not/exist", true));
  EXPECT_FALSE(load_settings("/does/not/exist", false));
}

}  // namespace
}  // namespace shstore::changer::program
