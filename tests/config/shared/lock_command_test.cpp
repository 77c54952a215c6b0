#include "config/shared/lock_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/lock_commands.h"
#include "config/reading.h"
#include "config/sd_config.h"
#include "one_file.h"

namespace shstore::config {
namespace {

using testing::Is;

using testing::OneFile;

TEST(LockCommand, IsWhatTheTableSays) {
  for (const auto& row : testing::kLockCommands) {
    SCOPED_TRACE(row.command);
    const auto understood = understand_lock_command(std::string(row.command));
    if (const auto* ours = std::get_if<StorageCtl>(&understood)) {
      EXPECT_EQ(row.is, Is::storage_ctl);
      EXPECT_EQ(conf_of(*ours).value_or(""), row.detail);
    } else if (const auto* program = std::get_if<SiteProgram>(&understood)) {
      EXPECT_EQ(row.is, Is::site_program);
      EXPECT_EQ(testing::joined(program->words), row.detail);
    } else {
      EXPECT_EQ(row.is, Is::unusable);
      EXPECT_THAT(std::get<Unusable>(understood).why, ::testing::HasSubstr(std::string(row.detail)));
    }
  }
}

TEST(LockCommand, OfTheTableReachesTheDeviceAsItIsWritten) {
  for (const auto& row : testing::kLockCommands) {
    OneFile reader(testing::configuration_with(row));
    const auto config = load_sd_config("bacula-sd.conf", reader);
    ASSERT_EQ(config.devices.size(), 1U) << row.command;
    EXPECT_EQ(config.effective_lock_command(config.devices[0]), row.command);
  }
}

}  // namespace
}  // namespace shstore::config
