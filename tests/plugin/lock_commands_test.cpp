// What the plugin does for a job with each Lock Command: what the linter's test of the same rows says of it.
#include "config/lock_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_caller.h"
#include "fake_port.h"
#include "plugin/admission.h"

namespace shstore::plugin {
namespace {

using config::SharedDevice;
using config::testing::Is;
using testing::HasSubstr;

class OneFile final : public config::FileReader {
 public:
  explicit OneFile(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string&) override { return text_; }

 private:
  std::string text_;
};

struct Tried {
  bool granted = false;
  std::string reserve_message, conf, words;
};

Tried try_with(const config::testing::LockCommandRow& row) {
  OneFile reader(config::testing::configuration_with(row));
  Tried tried;
  const auto shared = config::shared_devices(config::load_sd_config("bacula-sd.conf", reader),
                                             [&](const std::string& path) -> scsi::Result<scsi::StorageCtlConf> {
                                               tried.conf = path;
                                               return scsi::parse_storage_ctl_conf("key=bac001\n", path);
                                             });
  FakeDrive fake;
  SharedDrives drives(
      shared.devices,
      [&](const SharedDevice& d) {
        tried.words = config::testing::joined(d.command);
        return std::make_unique<FakePort>(fake);
      },
      SharedDrives::Listener{});
  drives.start();
  RunningJobs jobs{{[](void*, MessageType, const std::string&) {}, [] {}}};
  Admission admission(shared, drives, jobs);
  Job job{1, 7};
  const FakeCaller caller("/dev/nst0\n/dev/sg0");
  tried.granted = admission.try_open(&job, caller);
  tried.reserve_message = caller.reserve_message;
  EXPECT_EQ(admission.open(&job, caller), tried.granted);
  EXPECT_EQ(fake.held, tried.granted) << "without a lock, or with one in spite of a refusal";
  fake.open = false;
  drives.stop(std::chrono::seconds(30));
  return tried;
}

TEST(LockCommands, AreWhatThePluginDoes) {
  for (const auto& row : config::testing::kLockCommands) {
    SCOPED_TRACE(row.command);
    const auto tried = try_with(row);
    EXPECT_EQ(tried.granted, row.is != Is::unusable);
    EXPECT_EQ(tried.conf, row.is == Is::storage_ctl ? row.detail : "");
    EXPECT_EQ(tried.words, row.is == Is::site_program ? row.detail : "");
    EXPECT_THAT(tried.reserve_message, HasSubstr(row.is == Is::unusable ? std::string(row.detail) : ""));
  }
}

}  // namespace
}  // namespace shstore::plugin
