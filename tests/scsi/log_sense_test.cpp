#include "scsi/log_sense.h"

#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi {
namespace {

TEST(LogSense, AsksForCumulativeValues) {
  EXPECT_EQ(to_hex(cdb_log_sense(log_page::tape_alert, 1024)), "4d 00 6e 00 00 00 00 04 00 00");
}

TEST(LogSense, APageHasParameters) {
  const auto page = decode_log_page(0x11, hex("11 00 00 0e 00 00 03 04 01 17 00 00 00 01 03 02 03 e8"));
  ASSERT_TRUE(page) << message(page);
  EXPECT_FALSE(page->truncated);
  ASSERT_EQ(page->parameters.size(), 2u);
  EXPECT_EQ(page->find(1)->number(), 1000u);
  EXPECT_EQ(page->find(7), nullptr);
  EXPECT_EQ(to_hex(encode_log_page(*page)), "11 00 00 0e 00 00 03 04 01 17 00 00 00 01 03 02 03 e8");
}

TEST(LogSense, OnlyWhatCameWholeCounts) {
  const auto page = decode_log_page(0x2e, hex("2e 00 01 40 00 01 03 01 00 00 02 03"));
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->truncated);
  EXPECT_EQ(page->parameters.size(), 1u);
  EXPECT_EQ(message(decode_log_page(0x11, hex("2e 00 00 00"))), "LOG SENSE page 11h: the device sent page 2eh");
  EXPECT_EQ(message(decode_log_page(0x11, hex("11 00 00"))), "LOG SENSE page 11h: 3 bytes are no page");
}

TEST(LogSense, SupportedPages) {
  EXPECT_EQ(*decode_supported_log_pages(hex("00 00 00 04 00 0c 11 2e")),
            (std::vector<uint8_t>{0x00, 0x0c, 0x11, 0x2e}));
  EXPECT_EQ(to_hex(encode_supported_log_pages({0x00, 0x2e})), "00 00 00 02 00 2e");
}

TEST(LogSense, WhatADriveIsDoing) {
  const auto loading = decode_dt_device_status(hex("01 96 02 00"));
  ASSERT_TRUE(loading);
  EXPECT_EQ(*loading, (DtDeviceStatus{.initialized = true,
                                      .in_transition = true,
                                      .medium_present = true,
                                      .staged = true,
                                      .threaded = true,
                                      .activity = 2}));
  EXPECT_TRUE(decode_dt_device_status(hex("05 37 00 01"))->cleaning_requested);
  EXPECT_TRUE(decode_dt_device_status(hex("03 37 00 01"))->cleaning_required);
  for (const char* bytes : {"01 96 02 00", "07 b7 01 01", "00 00 00 00"}) {
    EXPECT_EQ(to_hex(encode_dt_device_status(*decode_dt_device_status(hex(bytes)))), bytes);
  }
  EXPECT_FALSE(decode_dt_device_status(hex("01 96 02")));
}

TEST(LogSense, TapeAlertFlagsAreCountedFromOne) {
  TapeAlerts alerts;
  alerts.set(1).set(20).set(64);
  const auto bytes = encode_log_page(tape_alert_page(alerts));
  EXPECT_EQ(bytes.size(), 4u + 64 * 5);
  EXPECT_EQ(tape_alerts(*decode_log_page(log_page::tape_alert, bytes)), alerts);
  EXPECT_TRUE(tape_alerts(*decode_log_page(0x2e, hex("2e 00 00 0a 00 00 03 01 01 00 ff 03 01 01"))).none())
      << "no such flags";
}

}  // namespace
}  // namespace shstore::scsi
