// What other programs read: JSON and metrics.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "golden.h"
#include "sample_snapshot.h"
#include "status/show/json.h"
#include "status/show/prometheus.h"

namespace shstore::status {
namespace {

using nlohmann::json;
using tests::sample;

// With all that can be known of it.
SdSnapshot everything() {
  using namespace std::chrono_literals;
  auto s = sample("waiting");
  auto& d = s.devices[0];
  d.plugin->counters = record::DriveCounters{12, 3, 1, 95'250ms, {{"29/00", 2}, {"2A/03", 1}}};
  BaculaDevice b;
  b.open = true;
  b.volume = "TestVolume001";
  b.pool = "Default";
  d.bacula = b;
  s.devices.push_back(sample("not-shared").devices[0]);
  return s;
}

TEST(Json, EverythingKnown) {
  EXPECT_TRUE(tests::equals_golden(to_json({everything()}, tests::sample_time()), "status/waiting.json"));
}

TEST(Json, WhatIsNotKnownIsNull) {
  auto s = sample("no-answer");
  s.devices[0].live.vendor = s.devices[0].live.product = "";
  EXPECT_TRUE(
      tests::equals_golden(to_json({s, sample("plugin-not-loaded")}, tests::sample_time()), "status/unknown.json"));
}

TEST(Json, EveryStateGivesValidJsonWithItsWord) {
  for (const auto& state : tests::state_samples()) {
    const auto j = json::parse(to_json({state.snapshot}, tests::sample_time()));
    EXPECT_EQ(j.at("schema"), "shstore-status/1");
    EXPECT_EQ(j.at("daemons").at(0).at("devices").at(0).at("state"), state.word);
  }
}

TEST(Json, NamesOfAnyBytesAreWritten) {
  auto s = sample("free");
  s.sd_name = "caf\xe9";
  EXPECT_TRUE(json::accept(to_json({s}, tests::sample_time())));
}

TEST(Prometheus, Metrics) {
  auto other = sample("locked");
  other.sd_name = "dir-sd";
  other.devices.at(0).plugin->health =
      record::DriveHealth{tests::sample_time(), "11h", "requested", true, "calibrating", true, {3, 20}};
  EXPECT_TRUE(
      tests::equals_golden(to_prometheus({everything(), other}, tests::sample_time(), true), "status/metrics.prom"));
}

TEST(Prometheus, WhatIsNotKnownHasNoSample) {
  const auto text = to_prometheus({sample("no-answer")}, tests::sample_time(), true);
  EXPECT_EQ(text.find("shstore_drive_locked{"), std::string::npos) << text;
  EXPECT_EQ(text.find("shstore_pr_generation"), std::string::npos) << text;
  EXPECT_NE(text.find("\nshstore_check_success 0\n"), std::string::npos) << text;
  EXPECT_EQ(to_prometheus({sample("plugin-not-loaded")}, tests::sample_time(), true).find("shstore_jobs"),
            std::string::npos);
}

TEST(Prometheus, AnyNameIsEscaped) {
  auto s = sample("free");
  s.devices[0].name = "a\"b\\c\nd";
  EXPECT_NE(to_prometheus({s}, tests::sample_time(), true).find("drive=\"a\\\"b\\\\c\\nd\""), std::string::npos);
}

// As promtool would refuse it.
TEST(Prometheus, NoNameMakesTheWholeFileInvalid) {
  auto s = sample("blocked");
  s.names["0xbac999"] = "caf\xe9";
  const auto text = to_prometheus({s}, tests::sample_time(), true);
  EXPECT_NE(text.find("host=\"caf?\""), std::string::npos) << text;
}

TEST(Prometheus, TwoDaemonsOfOneNameAreTwo) {
  const auto text = to_prometheus({sample("free"), sample("blocked")}, tests::sample_time(), true);
  EXPECT_NE(text.find("shstore_drive_locked{sd=\"cibou-sd\",drive=\"Drive-0\"} 0"), std::string::npos) << text;
  EXPECT_NE(text.find("shstore_drive_locked{sd=\"cibou-sd (2)\",drive=\"Drive-0\"} 1"), std::string::npos) << text;
}

// A real parser of that format, where there is one (Debian's package "prometheus").
TEST(Prometheus, PromtoolAcceptsEveryState) {
  if (std::system("promtool --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  std::vector<SdSnapshot> all;
  for (const auto& state : tests::state_samples()) {
    all.push_back(state.snapshot);
    all.back().sd_name = state.file;
  }
  all.push_back(everything());
  char path[] = "/tmp/shstore-metrics-XXXXXX";
  const int fd = ::mkstemp(path);
  ASSERT_GE(fd, 0);
  std::ofstream(path) << to_prometheus(all, tests::sample_time(), true);
  EXPECT_EQ(std::system((std::string("promtool check metrics <") + path).c_str()), 0);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace shstore::status
