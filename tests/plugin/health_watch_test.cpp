// What the plugin reads of a drive's health, and when it asks.
#include "plugin/health_watch.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include <condition_variable>
#include <mutex>

#include "scsi/drive_health.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const record::WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + 9h;

/// A drive with the log pages it is given.
class Drive final : public scsi::Transport {
 public:
  scsi::Result<scsi::Reply> execute(const scsi::Command& command) override {
    asked.push_back(command.cdb[2] & 0x3f);
    if (command.cdb[0] == scsi::kInquiry && !product.empty()) {
      return scsi::Reply{scsi::Status::good, {}, scsi::encode_inquiry({0, scsi::kTape, true, "IBM", product, "1"})};
    }
    if (command.cdb[0] == scsi::kLogSense) {
      if ((command.cdb[2] & 0x3f) == scsi::log_page::dt_device_status && status) {
        return scsi::Reply{
            scsi::Status::good,
            {},
            scsi::encode_log_page({scsi::log_page::dt_device_status, {{0, scsi::encode_dt_device_status(*status)}}})};
      }
      if ((command.cdb[2] & 0x3f) == scsi::log_page::tape_alert && has_alerts) {
        scsi::Reply reply{scsi::Status::good, {}, scsi::encode_log_page(scsi::tape_alert_page(alerts))};
        alerts.reset();
        return reply;
      }
    }
    return scsi::Reply{
        scsi::Status::check_condition, scsi::encode_sense({scsi::SenseKey::illegal_request, 0x24, 0x00}), {}};
  }
  const std::string& path() const override { return path_; }

  std::string product;
  std::optional<scsi::DtDeviceStatus> status;
  scsi::TapeAlerts alerts;
  bool has_alerts = true;
  std::vector<int> asked;

 private:
  std::string path_ = "/dev/sg0";
};

struct ReadHealth : testing::Test {
  Drive drive;
  scsi::LogicalUnit unit{drive};
};

TEST_F(ReadHealth, Page11hClearsNothingAndIsEnough) {
  drive.status = scsi::DtDeviceStatus{.cleaning_requested = true,
                                      .initialized = true,
                                      .activity = scsi::dt_activity::calibrating,
                                      .recovery_requested = true};
  drive.alerts.set(3);
  const auto health = read_health(unit, true, kNow, std::nullopt);
  ASSERT_TRUE(health);
  EXPECT_EQ(*health, (record::DriveHealth{kNow, "11h", "requested", true, "calibrating", true, {}}));
  EXPECT_THAT(drive.asked, ElementsAre(0x11, 0)) << "LOG SENSE, INQUIRY";
  EXPECT_TRUE(drive.alerts[3]);
}

TEST_F(ReadHealth, Page2EhOnlyWithout11hAndWhereNoAlertCommandReadsIt) {
  drive.alerts.set(scsi::alert::cleaning_required);
  drive.alerts.set(3);
  EXPECT_FALSE(read_health(unit, false, kNow, std::nullopt));
  EXPECT_THAT(drive.asked, ElementsAre(0x11)) << "Bacula's tapealert would find nothing";
  const auto first = read_health(unit, true, kNow, std::nullopt);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->page, "2Eh");
  EXPECT_EQ(first->cleaning, "required");
  EXPECT_THAT(first->alerts, ElementsAre(3, 20));
  const auto second = read_health(unit, true, kNow + 60s, first);
  EXPECT_THAT(second->alerts, ElementsAre(3, 20)) << "what was read is gone from the drive, not from here";
  EXPECT_EQ(second->cleaning, "required");
  drive.has_alerts = false;
  EXPECT_FALSE(read_health(unit, true, kNow, std::nullopt));
}

// The page does not tell a load from a calibration on every drive; the drive's name does.
TEST_F(ReadHealth, AnLto9DriveThatTakesACartridgeInMayBeCalibratingIt) {
  for (const auto& [product, calibrates] : {std::pair{"ULT3580-TD9", true}, std::pair{"ULT3580-TD8", false}}) {
    drive.product = product;
    drive.status = scsi::DtDeviceStatus{.initialized = true, .activity = scsi::dt_activity::loading};
    EXPECT_EQ(read_health(unit, true, kNow, std::nullopt)->calibrates, calibrates) << product;
  }
}

TEST(HealthWatch, ADriveThatThisDaemonHasNotLockedIsNotAsked) {
  std::mutex mutex;
  std::condition_variable changed;
  int looks = 0;
  HealthWatch watch({{"/nowhere/sg0"}},
                    {[&](const std::string& control) {
                       const std::lock_guard lock(mutex);
                       EXPECT_EQ(control, "/nowhere/sg0");
                       ++looks;
                       changed.notify_all();
                       return looks > 2;  // then the device cannot be opened, which changes nothing
                     },
                     [](const auto&, const auto&) { FAIL() << "nothing was asked"; },
                     [](const auto&) { FAIL() << "nothing was read"; }, [] { FAIL() << "nothing was read"; }},
                    1ms);
  watch.start();
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return looks >= 4; });
  }
  EXPECT_FALSE(watch.health("/nowhere/sg0"));
  EXPECT_TRUE(watch.stop(10s));
}

TEST(WatchedDrives, AreThoseThatCanBeLockedAndOneForSeveralDevices) {
  config::SharedDevices shared;
  shared.devices.resize(4);
  const char* const controls[] = {"/dev/sg0", "/dev/sg0", "/dev/sg1", "/dev/sg2"};
  for (size_t i = 0; i < shared.devices.size(); ++i) shared.devices[i].control_device = controls[i];
  shared.devices[1].has_alert_command = true;
  shared.devices[3].problem = "it has no key";
  const auto drives = HealthWatch::drives(shared);
  ASSERT_EQ(drives.size(), 2U);
  EXPECT_EQ(drives[0].control_device, "/dev/sg0");
  EXPECT_FALSE(drives[0].may_read_alerts) << "the Alert Command of one of its devices would read them";
  EXPECT_EQ(drives[1].control_device, "/dev/sg1");
  EXPECT_TRUE(drives[1].may_read_alerts);
}

}  // namespace
}  // namespace shstore::plugin
