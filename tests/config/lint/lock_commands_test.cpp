// The linter's verdict on a Lock Command is the plugin's.
#include "config/lock_commands.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/lint/rule.h"

namespace shstore::config::lint {
namespace {

using config::testing::Is;

class OneFile final : public FileReader {
 public:
  explicit OneFile(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string&) override { return text_; }

 private:
  std::string text_;
};

// A machine that has every program, and the storage-ctl.conf of the table.
class EveryProgram final : public Surroundings {
 public:
  FileFacts file(const std::string& path) const override {
    FileFacts facts;
    facts.exists = !path.ends_with(".conf") || path == conf;
    facts.mode = 0755;
    return facts;
  }
  std::string conf{};
};

std::vector<Finding> errors_of(const config::testing::LockCommandRow& row, bool is_here, const Surroundings& around) {
  OneFile reader(config::testing::configuration_with(row));
  SiteSd sd;
  sd.path = "bacula-sd.conf";
  sd.config = load_sd_config(sd.path, reader);
  sd.is_here = is_here;
  const std::array rules{find_rule("SHS009"), find_rule("SHS015")};
  return run_rules(Site(std::nullopt, {sd}), around, rules);
}

TEST(LockCommands, AreRefusedByTheLinterWhereThePluginRefusesThemAndNowhereElse) {
  for (const auto& row : config::testing::kLockCommands) {
    for (const bool is_here : {false, true}) {
      SCOPED_TRACE(row.command);
      EveryProgram around;
      around.conf = row.detail;
      const auto found = errors_of(row, is_here, around);
      EXPECT_EQ(found.size(), row.is == Is::unusable ? 1U : 0U) << (found.empty() ? "" : found[0].message);
      for (const auto& finding : found) EXPECT_EQ(finding.code, "SHS009");
    }
  }
}

TEST(LockCommands, OnlyThoseThatAreStorageCtlNeedItsKey) {
  for (const auto& row : config::testing::kLockCommands) {
    SCOPED_TRACE(row.command);
    const auto found = errors_of(row, true, EveryProgram{});
    const bool key_is_missed =
        std::any_of(found.begin(), found.end(), [](const Finding& f) { return f.code == "SHS015"; });
    EXPECT_EQ(key_is_missed, row.is == Is::storage_ctl);
  }
}

}  // namespace
}  // namespace shstore::config::lint
