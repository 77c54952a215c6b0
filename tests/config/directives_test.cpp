#include "config/directives.h"

#include <gtest/gtest.h>

#include <set>

#include "config/spelling.h"
#include "loading.h"

namespace shstore::config::testing {
namespace {

TEST(Directives, EveryRowIsComplete) {
  const std::set<int> versions{9, 11, 13, 15, kOtherBuilds};
  for (const DirectiveTable* const table : {&sd_directives(), &dir_directives()}) {
    std::set<std::string> seen;
    for (const DirectiveInfo& row : table->rows()) {
      const std::string key = fmt::format("{}/{}", row.resource, row.name);
      EXPECT_TRUE(seen.insert(key).second) << key;
      EXPECT_FALSE(table->find_type(row.resource).empty()) << key;
      EXPECT_FALSE(row.meaning.empty()) << key;
      EXPECT_TRUE(versions.contains(row.since) || row.since == kEnterpriseOnly) << key;
      EXPECT_TRUE(row.gone == 0 || row.gone > row.since) << key;
      EXPECT_EQ(row.type == ValueType::keyword, !row.keywords.empty()) << key;
      EXPECT_EQ(row.program == Program::dir, table == &dir_directives()) << key;
      EXPECT_EQ(table->find(row.resource, row.name), &row);
      EXPECT_TRUE(row.same_as.empty() || table->find(row.resource, row.same_as)) << key;
      EXPECT_TRUE(row.target.empty() || !table->find_type(row.target).empty()) << key;
    }
  }
}

TEST(Directives, NumbersOfDirectivesAsInBacula967) {
  const auto number = [](const DirectiveTable& table, std::string_view resource) {
    int result = 0;
    for (const DirectiveInfo& row : table.of(resource)) result += row.since == 9;
    return result;
  };
  const auto count = [&](std::string_view resource) { return number(sd_directives(), resource); };
  EXPECT_EQ(count("Storage"), 27);
  EXPECT_EQ(count("Director"), 14);
  EXPECT_EQ(count("Device"), 65);
  EXPECT_EQ(count("Autochanger"), 6);
  EXPECT_EQ(count("Cloud"), 16);
  EXPECT_EQ(count("Messages"), 16);
  EXPECT_EQ(count("Statistics"), 10);
  const auto count_dir = [&](std::string_view resource) { return number(dir_directives(), resource); };
  EXPECT_EQ(count_dir("Director"), 33);
  EXPECT_EQ(count_dir("Console"), 27);
  EXPECT_EQ(count_dir("Client"), 26);
  EXPECT_EQ(count_dir("Storage"), 25);
  EXPECT_EQ(count_dir("Autochanger"), 25);
  EXPECT_EQ(count_dir("Catalog"), 19);
  EXPECT_EQ(count_dir("Job"), 84);
  EXPECT_EQ(count_dir("JobDefs"), 84);
  EXPECT_EQ(count_dir("Fileset"), 7);
  EXPECT_EQ(count_dir("Schedule"), 4);
  EXPECT_EQ(count_dir("Pool"), 33);
  EXPECT_EQ(count_dir("Counter"), 6);
}

TEST(Directives, DefaultsInTheTableAreThoseOfAnEmptyDevice) {
  const SdDevice device;
  const auto check = [](std::string_view name, bool value) {
    EXPECT_EQ(find_directive("Device", name)->default_value, value ? "yes" : "no") << name;
  };
  check("Always Open", *device.always_open);
  check("Autochanger", *device.autochanger);
  check("Automatic Mount", *device.automatic_mount);
  check("Removable Media", *device.removable_media);
  check("Auto Select", *device.auto_select);
  check("Enabled", *device.enabled);
  check("Read Only", *device.read_only);
  check("Label Media", *device.label_media);
  check("Random Access", *device.random_access);
  check("Offline on Unmount", *device.offline_on_unmount);
  EXPECT_EQ(find_directive("Device", "Maximum Changer Wait")->default_value, "5 min");
  EXPECT_EQ(*device.maximum_changer_wait, 300U);
}

TEST(Directives, SpellingIsBaculas) {
  EXPECT_EQ(find_directive("device", "ARCHIVE  device")->name, "Archive Device");
  EXPECT_EQ(find_directive("Device", "Archive_Device"), nullptr);
  EXPECT_EQ(find_directive("Nothing", "Name"), nullptr);
  EXPECT_EQ(find_resource_type("auto CHANGER"), "Autochanger");
}

TEST(Spelling, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string_view> words{"Control Device", "Name", "Device"};
  EXPECT_EQ(nearest("ControlDevise", words), "Control Device");
  EXPECT_EQ(nearest("contrl  devic", words), "Control Device");
  EXPECT_EQ(nearest("Nam", words), "Name");
  EXPECT_EQ(nearest("Fame", words), "Name");
  EXPECT_EQ(nearest("Foo", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest(std::string(1000, 'x'), words), "");
}

}  // namespace
}  // namespace shstore::config::testing
