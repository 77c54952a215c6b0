// Whatever the text, loading ends, soon, and with an answer.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "loading.h"

namespace shstore::config::testing {
namespace {

std::string sample_text() {
  std::ifstream file(std::string(SHSTORE_SAMPLES) + "/every_rule.conf");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A name must not be given to what was not written, whatever the damage.
void expect_sane(const SdConfig& config) {
  for (const Diagnostic& diagnostic : config.diagnostics) {
    EXPECT_LT(diagnostic.at.file, config.files.size());
    EXPECT_FALSE(diagnostic.message.empty());
  }
}

double seconds_to_load(const std::string& text) {
  const auto start = std::chrono::steady_clock::now();
  expect_sane(load(text));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(Robustness, EveryPrefix) {
  const std::string text = sample_text();
  ASSERT_GT(text.size(), 1000U);
  for (size_t n = 0; n <= text.size(); ++n) expect_sane(load(text.substr(0, n)));
}

class EveryByte : public ::testing::TestWithParam<char> {};

TEST_P(EveryByte, MayBecomeAnother) {
  const std::string text = sample_text();
  for (size_t i = 0; i < text.size(); ++i) {
    std::string mutated = text;
    mutated[i] = GetParam();
    expect_sane(load(mutated));
  }
}

INSTANTIATE_TEST_SUITE_P(Robustness, EveryByte,
                         ::testing::Values('\0', '\n', '"', '\\', '{', '}', '=', '@', '\xFF'),
                         [](const auto& c) { return std::to_string(static_cast<unsigned char>(c.param)); });

TEST(Robustness, EveryMissingByte) {
  const std::string text = sample_text();
  for (size_t i = 0; i < text.size(); ++i) expect_sane(load(text.substr(0, i) + text.substr(i + 1)));
}

TEST(Robustness, BracesNestedDeeply) {
  const std::string braces(100'000, '{');
  EXPECT_EQ(complaints(load("Device " + braces + "\n")),
            "sd.conf:1:1: error: Device is never closed: a } is missing\n"
            "sd.conf:1:1: error: Device: the required directive \"Name\" is missing\n"
            "sd.conf:1:1: error: Device: the required directive \"Media Type\" is missing\n"
            "sd.conf:1:1: error: Device: the required directive \"Archive Device\" is missing\n"
            "sd.conf:1:9: error: unexpected \"{\": a directive and = must precede it\n");
  std::string blocks;
  for (int i = 0; i < 100'000; ++i) blocks += "x {\n";
  EXPECT_EQ(complaints(load(blocks)),
            "sd.conf:1:1: error: x is never closed: a } is missing\n"
            "sd.conf:1:1: warning: unknown resource type \"x\"\n"
            "sd.conf:33:1: error: blocks are nested more than 32 deep; the inner ones are left out\n");
}

TEST(Robustness, HugeLinesTakeLinearTime) {
  const std::string many(1'000'000, 'x');
  EXPECT_LT(seconds_to_load("Device { Name = " + many + " }"), 10);
  EXPECT_LT(seconds_to_load(many + " " + many), 10);
  EXPECT_LT(seconds_to_load("Device { Name = \"" + many), 10);
}

TEST(Robustness, ManyOfAnythingTakeLinearTime) {
  for (const std::string piece :
       {"\"", "}", "{", "x\n", "x = y\n", "=", ",", "x = \"\n", "Device {\n", "\\", "\n", ";",
        "Device { Name = a\n}\n", "Messages { Syslog = all\n}\n", "@", "#"}) {
    std::string text;
    while (text.size() < 400'000) text += piece;
    EXPECT_LT(seconds_to_load(text), 20) << piece;
    EXPECT_LT(seconds_to_load("Device {\n" + text), 20) << piece;
  }
}

TEST(Robustness, TooManyMessagesAreCutShort) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "}\n";
  const SdConfig config = load(text);
  EXPECT_EQ(config.diagnostics.size(), 1001U);
  EXPECT_EQ(config.diagnostics.back().message, "4000 more messages are left out");
  EXPECT_TRUE(config.has_errors());
}

}  // namespace
}  // namespace shstore::config::testing
