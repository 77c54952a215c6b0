#include "plugin/daemon.h"

#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shstore::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Each test's process is "started" under a name; none has Bacula's libraries in it.
class DaemonTest : public testing::Test {
 protected:
  ~DaemonTest() override { ::program_invocation_short_name = before; }
  Daemon started_as(const char* name) {
    ::program_invocation_short_name = const_cast<char*>(name);
    return {info, functions};
  }
  char* before = ::program_invocation_short_name;
  abi::Info info{64, 13};
  abi::Functions functions{};
};

TEST_F(DaemonTest, TheToolsThatLoadPluginsAreNoStorageDaemons) {
  for (const auto* tool : {"bcopy", "bextract", "bls", "bscan", "btape"}) {
    EXPECT_FALSE(started_as(tool).is_storage_daemon()) << tool;
  }
}

TEST_F(DaemonTest, AnyOtherNameIsThatOfAStorageDaemon) {
  for (const auto* name : {"bacula-sd", "bacula-sd-15", "mysd", ""}) {
    EXPECT_TRUE(started_as(name).is_storage_daemon()) << name;
  }
}

TEST_F(DaemonTest, InAProgramThatIsNotKnownWhatIsOffIsSaid) {
  const Daemon daemon = started_as("bacula-sd");
  EXPECT_EQ(daemon.version(), "");
  EXPECT_EQ(daemon.config_path(), "");
  EXPECT_FALSE(daemon.can_name_devices());
  EXPECT_THAT(daemon.limits(), ElementsAre(HasSubstr("every shared device is refused"),
                                           HasSubstr("the layout of bacula-sd (unknown version) is not proven"),
                                           HasSubstr("this bacula-sd has no Qmsg")));
}

// Seen on a real 11.0.6: M_EVENTS is there, but as the last of the numbers, so M_FATAL went out as M_ERROR.
TEST(MessageNumbers, GoByTheVersionBecauseTheSymbolIsOlderThanTheMove) {
  for (const auto* version : {"9.6.7", "11.0.0", "11.0.6"}) EXPECT_EQ(number_of_fatal(version, true), 3) << version;
  for (const auto* version : {"11.3.2", "13.0.3", "13.0.4", "15.0.3"})
    EXPECT_EQ(number_of_fatal(version, true), 4) << version;
}

// A version is the name of a file. A daemon that has no events has not moved its numbers, whatever that file is called: with the
// wrong ones a message that fails the job would fail nothing.
TEST(MessageNumbers, AreNotMovedInADaemonWithoutEvents) {
  for (const auto* version : {"9.6.7", "11.3.2", "13.0.3", "15.0.3", "15.0.99"})
    EXPECT_EQ(number_of_fatal(version, false), 3) << version;
}

TEST(MessageNumbers, GoByTheSymbolWhereTheVersionIsNotKnown) {
  for (const auto* version : {"", "rc1", "13", "x.y"}) {
    EXPECT_EQ(number_of_fatal(version, false), 3) << version;
    EXPECT_EQ(number_of_fatal(version, true), 4) << version;
  }
}

TEST_F(DaemonTest, WithoutDeviceCodesNoDeviceIsNamed) {
  abi::Context context{};
  int dcr = 0;
  EXPECT_EQ(started_as("bacula-sd").edit_device_codes(context, &dcr, "%a"), std::nullopt);
}

}  // namespace
}  // namespace shstore::plugin
