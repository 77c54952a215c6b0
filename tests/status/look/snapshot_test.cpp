#include "status/look/snapshot.h"

#include <gtest/gtest.h>

#include "reserve/record/contract.h"

namespace shstore::status {
namespace {

using reserve::Refusal;

class OneFile final : public config::FileReader {
 public:
  tl::expected<std::string, std::string> read(const std::string&) override {
    return "Storage { Name = cibou-sd; Working Directory = /w; Pid Directory = /p }\n"
           "Director { Name = d; Password = x }\n"
           "Messages { Name = m; director = d = all }\n"
           "Device { Name = Drive-0; Media Type = tape; Archive Device = /dev/nst0; Control Device = /dev/sg0\n"
           "  Lock Command = \"/s/storage-ctl %l %o\"\n}\n"
           "Device { Name = Disk; Media Type = File; Archive Device = /backup }\n";
  }
};

class Join : public testing::Test {
 protected:
  Join() {
    OneFile reader;
    config = config::load_sd_config("x.conf", reader);
    shared = config::shared_devices(
        config, [](const std::string& path) { return scsi::parse_storage_ctl_conf("key=bac001\n", path); });
    state.sd_name = "cibou-sd";
    record::DriveState drive;
    drive.name = "Drive-0";
    drive.archive_device = "/dev/nst0";
    drive.waiting = {{2, {}, {Refusal::Kind::held_by_other, "0xbac999", {}}}};
    drive.claims = {{3, {}}};
    state.drives = {drive};
  }
  config::SdConfig config;
  config::SharedDevices shared;
  record::SdState state;
  std::vector<LiveLock> live{{"", true, false, "0xbac999", 7}};
};

TEST_F(Join, ARunningPluginProtectsItsDevice) {
  const auto s = join(config, shared, {state, true, {}}, live);
  ASSERT_EQ(s.devices.size(), 2u);
  EXPECT_TRUE(s.devices[0].protected_);
  EXPECT_EQ(s.devices[0].live.blocked_by, "0xbac999");
  EXPECT_EQ(s.devices[0].claims.size(), 1u);
  EXPECT_FALSE(s.devices[1].shared);
  ASSERT_EQ(s.waiting.size(), 1u);
  EXPECT_EQ(s.waiting[0].waiting.job, 2u);
  EXPECT_TRUE(s.notes.empty());
}

TEST_F(Join, AnOldStateOfADeadDaemonIsNotBelieved) {
  const auto s = join(config, shared, {state, false, {}}, live);
  EXPECT_FALSE(s.devices[0].protected_);
  EXPECT_TRUE(s.waiting.empty());
  ASSERT_EQ(s.notes.size(), 1u);
  EXPECT_EQ(s.notes[0], "cibou-sd is not running. Its plugin last wrote its state on 1970-01-01 at 00:00:00 UTC");
}

TEST_F(Join, AStateThatIsNotWrittenAnyMoreIsSaid) {
  const auto at = [&](std::chrono::minutes age) {
    state.updated = record::WallTime{} + std::chrono::hours(1);
    return join(config, shared, {state, true, {}}, live, {state.updated + age, {}});
  };
  EXPECT_FALSE(at(record::kStateIsOld).state_is_old);
  EXPECT_TRUE(at(record::kStateIsOld).notes.empty());
  const auto s = at(std::chrono::hours(3));
  EXPECT_TRUE(s.state_is_old);
  ASSERT_EQ(s.notes.size(), 1u);
  EXPECT_TRUE(s.notes[0].starts_with("cibou-sd runs, but the last state that its plugin wrote is 3 h 0 min old"))
      << s.notes[0];
}

TEST_F(Join, WhoMayNotSeeEveryProcessDoesNotKnowThatNoneRuns) {
  KnownState known{state, false, {}};
  known.process.hidden = true;
  const auto s = join(config, shared, known, live);
  EXPECT_EQ(s.life, Life::ended);
  EXPECT_TRUE(s.notes.at(0).starts_with("cibou-sd does not run, or cannot be seen by this user. ")) << s.notes[0];
}

TEST_F(Join, AnotherDaemonDoesNotTellWhatAStateThatCannotBeReadWould) {
  KnownState known{std::nullopt, false, "cannot read x: Permission denied"};
  known.process.pid = 4711;
  EXPECT_EQ(join(config, shared, known, live).life, Life::unknown);
  known.missing = true;
  EXPECT_EQ(join(config, shared, known, live).life, Life::without_plugin);
}

TEST_F(Join, APluginWhoseFileWasReplacedOrRemovedIsSaid) {
  state.plugin_file = "/usr/lib/bacula/shstore-sd.so";
  state.plugin_file_id = "1:2";
  KnownState known{state, true, {}};
  known.plugin_file_id_now = "1:2";
  EXPECT_EQ(join(config, shared, known, live).plugin_replaced, "");
  known.plugin_file_id_now = "1:3";
  const auto s = join(config, shared, known, live);
  EXPECT_EQ(s.plugin_replaced,
            "cibou-sd runs with a plugin that was replaced since (/usr/lib/bacula/shstore-sd.so): restart "
            "bacula-sd when no job runs");
  EXPECT_EQ(s.notes, std::vector<std::string>{s.plugin_replaced});
  known.plugin_file_id_now = "";
  EXPECT_NE(join(config, shared, known, live).plugin_replaced.find("next start is without protection"),
            std::string::npos);
}

TEST_F(Join, NoStateAtAllIsSaid) {
  const auto s =
      join(config, shared, {std::nullopt, false, "cannot read /w/cibou-sd.shstore.json: No such file"}, live);
  EXPECT_FALSE(s.devices[0].protected_);
  EXPECT_EQ(s.devices[0].live.blocked_by, "0xbac999") << "what the drive says needs no plugin";
  ASSERT_EQ(s.notes.size(), 1u);
}

}  // namespace
}  // namespace shstore::status
