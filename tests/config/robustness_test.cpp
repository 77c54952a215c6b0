// Whatever the text, loading ends, soon, and with an answer.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
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

/// Of the processor, so that what else the machine does is not counted.
double seconds_to_load(const std::string& text) {
  const auto start = std::clock();
  expect_sane(load(text));
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

/// Four times the text may take four times as long. Where it seems to take longer than three times that (sixteen times
/// would be the square), both are measured again, for the shortest of each.
void expect_linear(const std::string& small, const std::string& large) {
  ASSERT_NEAR(static_cast<double>(large.size()) / static_cast<double>(small.size()), 4, 0.1);
  double shorter = seconds_to_load(small), longer = seconds_to_load(large);
  for (int i = 0; i < 5 && longer > 12 * shorter; ++i) {
    shorter = std::min(shorter, seconds_to_load(small));
    longer = std::min(longer, seconds_to_load(large));
  }
  EXPECT_LE(longer, 12 * shorter) << small.substr(0, 20);
}
std::string many(const std::string& piece, size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  return text;
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

INSTANTIATE_TEST_SUITE_P(Robustness, EveryByte, ::testing::Values('\0', '\n', '"', '\\', '{', '}', '=', '@', '\xFF'),
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
  const std::string few(250'000, 'x'), lots(1'000'000, 'x');
  expect_linear("Device { Name = " + few + " }", "Device { Name = " + lots + " }");
  expect_linear(few + " " + few, lots + " " + lots);
  expect_linear("Device { Name = \"" + few, "Device { Name = \"" + lots);
}

TEST(Robustness, ManyOfAnythingTakeLinearTime) {
  for (const std::string piece : {"\"", "}", "{", "x\n", "x = y\n", "=", ",", "x = \"\n", "Device {\n", "\\", "\n", ";",
                                  "Device { Name = a\n}\n", "Messages { Syslog = all\n}\n", "@", "#"}) {
    const std::string few = many(piece, 80'000), lots = many(piece, 320'000);
    expect_linear(few, lots);
    expect_linear("Device {\n" + few, "Device {\n" + lots);
  }
}

/// Complaints about a text under limits that a test can reach.
std::string complaints_with(const Limits& limits, std::map<std::string, std::string> files) {
  MemoryReader reader(std::move(files));
  LoadOptions options;
  options.limits = limits;
  return complaints(load_sd_config("sd.conf", reader, options));
}

TEST(Robustness, AWordTooLongIsSaidOnceAndNotKept) {
  const SdConfig config =
      load(device("New = \"" + std::string(20'000'000, 'x') + "\"\n" + std::string(6000, 'y') + " = 1\n"));
  EXPECT_NE(complaints(config).find("sd.conf:5:7: error: this word is 20000000 bytes long; Bacula stops at words of "
                                    "more than 5000 bytes\n"),
            std::string::npos);
  EXPECT_EQ(config.unknown.at(0).directive.values.at(0).text.size(), 5000U);
  for (const Diagnostic& diagnostic : config.diagnostics) EXPECT_LT(diagnostic.message.size(), 10'000U);
}

TEST(Robustness, ALineWithoutEndOfEachKind) {
  for (const std::string piece :
       {"x", "x ", "\\\"", "\\ ", "= ", "a,", "\"a\" ", "@", "@a ", "{ ", "a { ", "a = { ", "#"}) {
    std::string line;
    while (line.size() < 2'000'000) line += piece;
    expect_sane(load(line));
    expect_sane(load("Device { Name = " + line));
    expect_sane(load("Device { Name = \"" + line));
  }
}

TEST(Robustness, LimitsEndTheReading) {
  const std::string many = device("") + device("Always Open = no\n") + device("");
  EXPECT_EQ(complaints_with({.text = 100}, {{"sd.conf", many}}),
            "sd.conf: error: more than 100 bytes in all files, each counted as often as it is included\n");
  EXPECT_EQ(complaints_with({.text = 100}, {{"sd.conf", "@a\n@a\n@a\n"}, {"a", std::string(40, '#')}}),
            "sd.conf:3:1: error: more than 100 bytes in all files, each counted as often as it is included\n");
  EXPECT_EQ(complaints_with({.words = 17}, {{"sd.conf", "Messages { Name = M }\nMessages { Name = M2 }\n x = y\n"}}),
            "sd.conf:3:2: error: \"x =\" stands outside of any resource: is a line such as \"Device {\" missing above, "
            "or is there a } too many?\n"
            "sd.conf:3:7: error: more than 17 words in all files\n");
  EXPECT_EQ(complaints_with({.resources = 1}, {{"sd.conf", "Messages { Name = M }\nMessages { Name = M }\nx\n"}}),
            "sd.conf:2:1: error: more than 1 resources\n"
            "sd.conf:3:1: error: expected a resource such as \"Device {\", found \"x\"\n");
}

TEST(Robustness, AStatementWithoutEndIsGivenUp) {
  const std::string problem = complaints_with({.words_in_statement = 5000}, {{"sd.conf", std::string(10'000, ',')}});
  EXPECT_NE(problem.find("sd.conf:1:5001: error: more than 5000 words without a directive or a } among them"),
            std::string::npos)
      << problem;
}

TEST(Robustness, WhatNoTableKnowsIsKeptInBoundedNumber) {
  MemoryReader reader({{"sd.conf", device("A = 1\nB = 2\nC = 3\n") + "X { }\nY { }\nZ { }\n"}});
  LoadOptions options;
  options.limits.unknown = 2;
  const SdConfig config = load_sd_config("sd.conf", reader, options);
  EXPECT_EQ(config.unknown.size(), 2U);
  EXPECT_EQ(config.other_resources.size(), 2U);
  EXPECT_NE(complaints(config).find("unknown directive \"C\""), std::string::npos);
  EXPECT_NE(complaints(config).find("unknown resource type \"Z\""), std::string::npos);
}

TEST(Robustness, StatementsMayBeginAnywhereInAPortion) {
  for (size_t words = 4040; words < 4100; ++words) {
    const SdConfig config =
        load("Storage { Name = s; Working Directory = /x; Pid Directory = /x\n" + std::string(words, ';') +
             "SDPort = 9103 SDAddress\n= 10.0.0.1\nMaximum Concurrent Jobs\n\n= 3\nHeartbeat Interval =\n\n 5 min\n}\n"
             "Messages\n{ Name = M }\n");
    ASSERT_EQ(complaints(config), "") << words;
    ASSERT_EQ(*config.storage->sd_addresses.at(0), "10.0.0.1") << words;
    ASSERT_EQ(*config.storage->maximum_concurrent_jobs, 3U) << words;
    ASSERT_EQ(config.messages.size(), 1U) << words;
  }
}

TEST(Robustness, ManyNamesTakeNoQuadraticTime) {
  std::string text = "Autochanger { Name = A; Changer Device = /x; Changer Command = /y\n";
  for (int i = 0; i < 50'000; ++i) text += fmt::format("Device = missing-{}\n", i);
  text += "}\n";
  for (int i = 0; i < 50'000; ++i) {
    text += fmt::format("Device {{ Name = D{}; Media Type = T; Archive Device = /x }}\n", i / 2);
  }
  const SdConfig config = load(text);
  EXPECT_EQ(config.diagnostics.size(), 1001U);
  EXPECT_EQ(config.diagnostics.back().message, "74003 more messages are left out");
  EXPECT_EQ(*config.find_device("D24999")->name, "D24999");
}

TEST(Robustness, TooManyMessagesAreCutShort) {
  std::string text = device("");
  for (int i = 0; i < 5000; ++i) text += "}\n";
  const SdConfig config = load(text);
  EXPECT_EQ(config.diagnostics.size(), 1001U);
  EXPECT_EQ(config.diagnostics.back().message, "4003 more messages are left out")
      << "three of them: resources that are missing";
  EXPECT_TRUE(config.has_errors());
}

}  // namespace
}  // namespace shstore::config::testing
