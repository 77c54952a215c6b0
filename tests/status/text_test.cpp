#include "status/text.h"

#include <gtest/gtest.h>

#include "golden.h"

namespace shstore::status {
namespace {

using reserve::Refusal;

// The white paper's section 3: one drive in the autochanger "tape".
SdSnapshot white_paper() {
  SdSnapshot s;
  s.sd_name = "cibou-sd";
  DeviceSnapshot d;
  d.name = "Drive-0";
  d.archive_device = "/dev/nst0";
  d.media_type = "tape";
  d.autochanger = "tape";
  d.shared = d.protected_ = true;
  s.devices = {d};
  return s;
}

TEST(StatusText, AJobWaitsForTheDriveThatAnotherHostHolds) {
  auto s = white_paper();
  s.devices[0].live.registered = true;
  s.devices[0].live.blocked_by = "0xbac999";
  s.waiting = {{"\"Drive-0\" (/dev/nst0)", {2, {}, {Refusal::Kind::held_by_other, "0xbac999", {}}}}};
  EXPECT_TRUE(tests::equals_golden(to_text(s), "status/section-3_blocked.txt"));
}

TEST(StatusText, TheJobHoldsTheDrive) {
  auto s = white_paper();
  s.devices[0].live.registered = s.devices[0].live.locked = true;
  s.devices[0].claims = {{2, {}}};
  EXPECT_TRUE(tests::equals_golden(to_text(s), "status/section-3_locked.txt"));
}

TEST(StatusText, ADriveThatDoesNotAnswerIsUnknownAndNotFree) {
  auto s = white_paper();
  s.devices[0].live.error = "/dev/sg0 does not answer (READ KEYS was not answered within 5 s)";
  EXPECT_TRUE(tests::equals_golden(to_text(s), "status/drive-does-not-answer.txt"));
}

TEST(StatusText, ADaemonThatDoesNotRunIsSaid) {
  auto s = white_paper();
  s.notes = {"cibou-sd is not running. Its plugin last wrote its state on 2026-11-22 at 11:08:52 UTC"};
  s.devices[0].protected_ = false;
  DeviceSnapshot file;
  file.name = "FileStorage";
  file.archive_device = "/backup";
  file.media_type = "File";
  s.devices.push_back(file);
  EXPECT_TRUE(tests::equals_golden(to_text(s), "status/daemon-not-running.txt"));
}

TEST(StatusText, AJobThatCannotLockItsDriveSaysWhy) {
  auto s = white_paper();
  s.waiting = {{"\"Drive-0\" (/dev/nst0)", {2, {}, {Refusal::Kind::error, {}, "cannot open control device /dev/sg0: Permission denied"}}}};
  s.devices[0].error = "cannot open control device /dev/sg0: Permission denied";
  EXPECT_TRUE(tests::equals_golden(to_text(s), "status/cannot-lock.txt"));
}

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
    shared = changer::shared_devices(config, [](const std::string& path) {
      return scsi::parse_storage_ctl_conf("key=bac001\n", path);
    });
    state.sd_name = "cibou-sd";
    DriveState drive;
    drive.name = "Drive-0";
    drive.archive_device = "/dev/nst0";
    drive.waiting = {{2, {}, {Refusal::Kind::held_by_other, "0xbac999", {}}}};
    drive.claims = {{3, {}}};
    state.drives = {drive};
  }
  config::SdConfig config;
  changer::SharedDevices shared;
  SdState state;
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

TEST_F(Join, NoStateAtAllIsSaid) {
  const auto s = join(config, shared, {std::nullopt, false, "cannot read /w/cibou-sd.shstore.json: No such file"}, live);
  EXPECT_FALSE(s.devices[0].protected_);
  EXPECT_EQ(s.devices[0].live.blocked_by, "0xbac999") << "what the drive says needs no plugin";
  ASSERT_EQ(s.notes.size(), 1u);
}

}  // namespace
}  // namespace shstore::status
