// The rounds of fixing, with checks made up for the purpose.
#include "config/lint/fix/repair.h"

#include <gtest/gtest.h>

#include "../../loading.h"

namespace shstore::config::lint {
namespace {

using Files = std::map<std::string, std::string>;

std::string same(const std::string& path) { return path; }

Finding finding(std::string message, Edit edit) {
  Finding result;
  result.code = "SHS900";
  result.at = edit.at;
  result.message = std::move(message);
  result.fix = Fix{"replace it", {std::move(edit)}};
  return result;
}

/// Complains of the first `what` of each file and replaces it.
Check replaces(std::map<std::string, std::string> by, std::vector<std::string> files) {
  return [by = std::move(by), files = std::move(files)](FileReader& reader) {
    Checked checked;
    for (const std::string& file : files) {
      const std::string text = *reader.read(file);
      for (const auto& [from, to] : by) {
        const size_t at = text.find(from);
        if (at == std::string::npos) continue;
        const Place place{file, 1, static_cast<uint32_t>(at + 1), static_cast<uint32_t>(from.size())};
        checked.findings.push_back(finding("there is " + from, {place, to}));
      }
    }
    return checked;
  };
}

TEST(Repair, GoesOnUntilNothingChanges) {
  config::testing::MemoryReader reader(Files{{"a", "1\n"}});
  const Repair result = repair(reader, replaces({{"1", "2"}, {"2", "3"}}, {"a"}), same);
  ASSERT_EQ(result.changes.size(), 1U);
  EXPECT_EQ(result.changes[0].before, "1\n");
  EXPECT_EQ(result.changes[0].after, "3\n");
  EXPECT_EQ(fixed_text(result.fixed), "a:1:1: fixed SHS900: replace it\na:1:1: fixed SHS900: replace it\n");
  EXPECT_TRUE(result.remaining.empty());
  EXPECT_TRUE(result.notes.empty());
}

TEST(Repair, OfWhatOverlapsTakesItsTurn) {
  config::testing::MemoryReader reader(Files{{"a", "ab\n"}});
  const Repair result = repair(reader, replaces({{"ab", "xb"}, {"b", "y"}}, {"a"}), same);
  EXPECT_EQ(result.changes.at(0).after, "xy\n");
}

TEST(Repair, TriesNoFixTwice) {
  config::testing::MemoryReader reader(Files{{"a", "1\n"}});
  const Repair result = repair(reader, replaces({{"1", "11"}}, {"a"}), same);
  EXPECT_EQ(result.changes.at(0).after, "11\n");
  EXPECT_EQ(result.notes, (std::vector<std::string>{"SHS900 (a:1): this finding is still there after its fix"}));
  EXPECT_EQ(result.remaining.size(), 1U);
}

TEST(Repair, UndoesARoundThatTheParserDoesNotLike) {
  config::testing::MemoryReader reader(Files{{"a", "1\n"}});
  const Check check = [inner = replaces({{"1", "{"}}, {"a"})](FileReader& r) {
    Checked checked = inner(r);
    checked.parse_errors = r.read("a")->find('{') != std::string::npos ? 1 : 0;
    return checked;
  };
  const Repair result = repair(reader, check, same);
  EXPECT_TRUE(result.changes.empty());
  EXPECT_TRUE(result.fixed.empty());
  EXPECT_EQ(result.remaining.size(), 1U);
  EXPECT_EQ(result.notes.size(), 1U);
}

// A misspelt resource hides what is wrong in it. (Found by fuzz_fix.)
TEST(Repair, WhatBringsOutErrorsIsLeftAndTheRestIsMade) {
  config::testing::MemoryReader reader(Files{{"a", "1 DeAice\n"}});
  const Check check = [inner = replaces({{"1", "2"}, {"DeAice", "Device"}}, {"a"})](FileReader& r) {
    Checked checked = inner(r);
    checked.parse_errors = r.read("a")->find("Device") != std::string::npos ? 3 : 1;
    return checked;
  };
  const Repair result = repair(reader, check, same);
  EXPECT_EQ(result.changes.at(0).after, "2 DeAice\n");
  EXPECT_EQ(result.fixed.size(), 1U);
  EXPECT_EQ(result.remaining.size(), 1U);
  EXPECT_EQ(result.notes,
            (std::vector<std::string>{"SHS900 (a:1): not made, because it brings out errors at which Bacula stops: "
                                      "correct the place by hand"}));
}

TEST(Repair, KnowsAFileByAllItsPaths) {
  config::testing::MemoryReader reader(Files{{"a", "1\n"}, {"link", "1\n"}});
  const Identity one_file = [](const std::string&) { return std::string("a"); };
  const Repair result = repair(reader, replaces({{"1", "2"}}, {"a", "link"}), one_file);
  ASSERT_EQ(result.changes.size(), 1U);
  EXPECT_EQ(result.changes[0].path, "a");
  EXPECT_EQ(diff_text(result.changes, false), "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n");
}

}  // namespace
}  // namespace shstore::config::lint
