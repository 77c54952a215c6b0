#include "config/shared/device_codes.h"

#include <gtest/gtest.h>

namespace shstore::config {
namespace {

const DeviceCodes kLoad{.archive_device = "/dev/nst0",
                        .changer_device = "/dev/sg2",
                        .drive_index = 1,
                        .client = "client-fd",
                        .job = "Nightly.2026-11-22_23.05.00_03",
                        .control_device = "/dev/sg0",
                        .operation = "load",
                        .slot = 7,
                        .volume = "LAB007L5"};

TEST(DeviceCodes, EveryCodeOfBacula967) {
  const std::vector<std::pair<std::string, std::string>> all{
      {"%%", "%"},        {"%a", "/dev/nst0"}, {"%c", "/dev/sg2"}, {"%d", "1"}, {"%f", "client-fd"}, {"%j", *kLoad.job},
      {"%l", "/dev/sg0"}, {"%o", "load"},      {"%s", "6"},        {"%S", "7"}, {"%v", "LAB007L5"}};
  for (const auto& [code, value] : all) EXPECT_EQ(expand_codes(code, kLoad), value) << code;
}

TEST(DeviceCodes, WhatIsNotThereIsNone) {
  const DeviceCodes none;
  EXPECT_EQ(expand_codes("%c %f %j %l %o %v", none), "*None* *None* *None* *None* *None* *None*");
  EXPECT_EQ(expand_codes("[%a] %d", none), "[] 0");
}

TEST(DeviceCodes, SlotZeroCountedFromZeroIsMinusOne) { EXPECT_EQ(expand_codes("%s %S", DeviceCodes{}), "-1 0"); }

TEST(DeviceCodes, UnknownCodesStay) {
  EXPECT_EQ(expand_codes("%x%Q100%", kLoad), "%x%Q100%");
  EXPECT_EQ(expand_codes("%%a %x%a", kLoad), "%a %x/dev/nst0");
}

TEST(DeviceCodes, AWordStaysOneWordAndNothingIsExpandedTwice) {
  DeviceCodes codes;
  codes.archive_device = "/dev/my tape; rm -rf %c";
  EXPECT_EQ(expand_codes(std::vector<std::string>{"load", "--drive=%a", "$(%d)"}, codes),
            (std::vector<std::string>{"load", "--drive=/dev/my tape; rm -rf %c", "$(0)"}));
}

}  // namespace
}  // namespace shstore::config
