#include "config/directives.h"

#include <gtest/gtest.h>

#include <set>

#include "config/spelling.h"
#include "loading.h"

namespace shstore::config::testing {
namespace {

TEST(Directives, EveryRowIsComplete) {
  std::set<std::string> seen;
  for (const DirectiveInfo& row : all_directives()) {
    const std::string key = fmt::format("{}/{}", row.resource, row.name);
    EXPECT_TRUE(seen.insert(key).second) << key;
    EXPECT_FALSE(find_resource_type(row.resource).empty()) << key;
    EXPECT_FALSE(row.meaning.empty()) << key;
    EXPECT_TRUE(row.since == 9 || row.since == 11 || row.since == 13 || row.since == 15) << key;
    EXPECT_EQ(row.type == ValueType::keyword, !row.keywords.empty()) << key;
    EXPECT_EQ(find_directive(row.resource, row.name), &row);
  }
}

TEST(Directives, NumbersOfDirectivesAsInBacula967) {
  const auto count = [](std::string_view resource) {
    int result = 0;
    for (const DirectiveInfo& row : directives_of(resource)) result += row.since == 9;
    return result;
  };
  EXPECT_EQ(count("Storage"), 27);
  EXPECT_EQ(count("Director"), 14);
  EXPECT_EQ(count("Device"), 65);
  EXPECT_EQ(count("Autochanger"), 6);
  EXPECT_EQ(count("Cloud"), 16);
  EXPECT_EQ(count("Messages"), 16);
  EXPECT_EQ(count("Statistics"), 10);
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
