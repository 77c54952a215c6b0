#include "status/look/bacula_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recorded.h"

namespace shstore::status {
namespace {

using testing::ElementsAre;

BaculaStatus parsed(const std::string& text) {
  const auto status = parse_bacula_status(text);
  EXPECT_TRUE(status);
  return status.value_or(BaculaStatus{});
}

TEST(BaculaStatus, AJobThatWaitsStandsAmongTheRunningOnesToo) {
  const auto s = parsed(tests::recorded_status("bacula-waiting.txt"));
  EXPECT_EQ(s.sd_name, "cibou-sd");
  EXPECT_EQ(s.version, "9.6.7");
  ASSERT_EQ(s.running.size(), 1u);
  EXPECT_EQ(s.running[0].job, 3u);
  EXPECT_EQ(s.running[0].name, "backup-cibou");
  EXPECT_EQ(s.running[0].kind, "Full Backup");
  EXPECT_EQ(s.running[0].device, "LT09_1_Drive0");
  EXPECT_EQ(s.running[0].pool, "Tapes");
  EXPECT_FALSE(s.running[0].reading);
  ASSERT_EQ(s.waiting.size(), 1u);
  EXPECT_EQ(s.waiting[0].job, 3u);
  EXPECT_EQ(s.waiting[0].text,
            "3612 JobId=3 waiting because device \"LT09_1_Drive0\" (/tapes/drive0) is reserved by: 0xbac999.");
  ASSERT_EQ(s.ended.size(), 1u);
  EXPECT_EQ(s.ended[0].job, 1u);
  EXPECT_EQ(s.ended[0].name, "backup-cibou");
  EXPECT_EQ(s.ended[0].status, "OK");
  EXPECT_EQ(s.ended[0].finished, "22-Nov-26 19:43");
}

TEST(BaculaStatus, ADriveThatIsWrittenTo) {
  const auto s = parsed(tests::recorded_status("bacula-writing.txt"));
  ASSERT_EQ(s.devices.size(), 2u);
  const auto& d = s.devices[0];
  EXPECT_EQ(d.name, "LT09_2_Drive0");
  EXPECT_EQ(d.archive_device, "/tapes/drive0");
  EXPECT_EQ(d.type, "Vtape");
  EXPECT_TRUE(d.open);
  EXPECT_EQ(d.volume, "TAPE-1");
  EXPECT_EQ(d.pool, "Tapes");
  EXPECT_EQ(d.media_type, "LTO-9");
  EXPECT_TRUE(d.appending);
  ASSERT_TRUE(d.counters);
  EXPECT_EQ(d.counters->writers, 1u);
  EXPECT_EQ(d.counters->reserved, 0u);
  EXPECT_EQ(d.counters->usage, 774144u);
  EXPECT_FALSE(d.counters->reading);
  EXPECT_FALSE(s.devices[1].open);
  EXPECT_FALSE(s.devices[1].appending) << "!APPEND is not APPEND";
  ASSERT_EQ(s.volumes.size(), 1u);
  EXPECT_EQ(s.volumes[0].volume, "TAPE-1");
  EXPECT_EQ(s.volumes[0].device, "LT09_2_Drive0");
  EXPECT_EQ(s.volumes[0].writers, 1u);
  EXPECT_TRUE(s.volumes[0].in_use);
  EXPECT_EQ(s.running[0].files, 5u);
  EXPECT_EQ(s.running[0].bytes, 630551u);
}

TEST(BaculaStatus, WhatIsSaidOfABlockedDevice) {
  const auto s = parsed(
      "\nDevice status:\n"
      "\nDevice Tape is \"D0\" (/dev/nst0) waiting for:\n"
      "    Volume:      F1\n    Pool:        *unknown*\n    Media type:  LTO\n"
      "    Total Bytes Read=0 Blocks Read=0 Bytes/block=0\n    Positioned at File=1 Block=0\n"
      "   Device is disabled. User command.\n"
      "   Device is BLOCKED. User unmounted.\n   Drive 0 is not loaded.\n==\n"
      "\nDevice \"D1\" is not open or does not exist.\n==\n"
      "\nDevice File: \"Disk (old)\" (/a (b)/c) open but no Bacula volume is currently mounted.\n==\n====\n");
  ASSERT_EQ(s.devices.size(), 3u);
  EXPECT_TRUE(s.devices[0].unmounted);
  EXPECT_FALSE(s.devices[0].enabled);
  EXPECT_EQ(s.devices[0].pool, "");
  EXPECT_FALSE(s.devices[0].appending);
  EXPECT_FALSE(s.devices[0].counters);
  EXPECT_THAT(s.devices[0].remarks,
              ElementsAre("Device is disabled. User command.", "Device is BLOCKED. User unmounted."));
  EXPECT_FALSE(s.devices[1].exists);
  EXPECT_EQ(s.devices[1].name, "D1");
  EXPECT_EQ(s.devices[2].type, "File");
  EXPECT_EQ(s.devices[2].name, "Disk (old)");
  EXPECT_EQ(s.devices[2].archive_device, "/a (b)/c");
  EXPECT_TRUE(s.devices[2].open);
}

TEST(BaculaStatus, ARestoreAndAJobWithoutItsClient) {
  const auto s = parsed(
      "Running Jobs:\nBackup Job backup-x.2026-11-22_19.44.01_03 waiting for Client connection.\n"
      "Reading:   Restore job Restore JobId=33 Volume=\"F1\"\n"
      "    pool=\"Full\" device=\"D0\" (/dev/nst0) newbsr=0\n    Files=0 Bytes=0 AveBytes/sec=0 "
      "LastBytes/sec=0\n====\n");
  EXPECT_THAT(s.waiting_for_client, ElementsAre("backup-x.2026-11-22_19.44.01_03"));
  ASSERT_EQ(s.running.size(), 1u);
  EXPECT_TRUE(s.running[0].reading);
  EXPECT_EQ(s.running[0].kind, "Restore");
  EXPECT_EQ(s.running[0].device, "D0");
}

TEST(BaculaStatus, VolumesThatAreReadAndTheWhitePapersBrokenLine) {
  const auto s = parsed(
      "Jobs waiting to reserve a drive:\n  3612 JobId=2 waiting because device \"Drive-0\" (/dev/nst0)\n"
      "    is reserved by: 0xbac999.\n====\n"
      "Used Volume status:\nRead volume: R1 on File device \"D0\" (/disk)\n"
      "    Reader=1 writers=0 reserves=0 volinuse=0 JobId=8\n====\n");
  ASSERT_EQ(s.waiting.size(), 1u);
  EXPECT_EQ(s.waiting[0].text, "3612 JobId=2 waiting because device \"Drive-0\" (/dev/nst0) is reserved by: 0xbac999.");
  ASSERT_EQ(s.volumes.size(), 1u);
  EXPECT_TRUE(s.volumes[0].read_list);
  EXPECT_TRUE(s.volumes[0].reading);
}

TEST(BaculaStatus, TheNulBehindALineOfBacula9IsNoPartOfIt) {
  auto text = tests::recorded_status("bacula-writing.txt");
  for (size_t at = 0; (at = text.find("\n====\n", at)) != std::string::npos; ++at) text.insert(at + 5, 1, '\0');
  EXPECT_EQ(parsed(text).devices.size(), 2u);
}

TEST(BaculaStatus, ATextWithoutAStatusIsNone) {
  EXPECT_FALSE(parse_bacula_status(""));
  EXPECT_FALSE(parse_bacula_status(
      "1000 OK: 103 bacula-dir Version: 9.6.7 (10 December 2020)\nThe defined Storage resources are:\n"));
}

TEST(BaculaStatus, EveryPrefixAndEveryMissingLineIsSurvived) {
  const auto text = tests::recorded_status("bacula-writing.txt");
  for (size_t length = 0; length < text.size(); ++length) parse_bacula_status(text.substr(0, length));
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    auto shorter = text;
    shorter.erase(at, text.find('\n', at) + 1 - at);
    parse_bacula_status(shorter);
    if (text.find('\n', at) == std::string::npos) break;
  }
}

}  // namespace
}  // namespace shstore::status
