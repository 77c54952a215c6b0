#include "config/lint/program/ignores.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "world.h"

namespace shstore::config::lint {
namespace {

/// "line: codes" or "line: problem", one on a line.
std::string read(const std::string& text) {
  std::string result;
  for (const Ignore& ignore : find_ignores("f", text)) {
    result += fmt::format("{}:{} -> {}: {}\n", ignore.at.line, ignore.at.column, ignore.line,
                          ignore.problem.empty() ? fmt::format("{}", fmt::join(ignore.codes, " ")) : ignore.problem);
  }
  return result;
}

TEST(Ignores, OnTheLineItselfOrAboveIt) {
  EXPECT_EQ(read("a = 1 # shstore-lint: ignore SHS001 -- so be it\n"), "1:9 -> 1: SHS001\n");
  EXPECT_EQ(read("\n\t# shstore-lint: ignore SHS001,SHS007 -- so\nx\n"), "2:4 -> 3: SHS001 SHS007\n");
  EXPECT_EQ(read("#shstore-lint: ignore SHS001 SHS007 -- so\n# more\n\n x"), "1:2 -> 4: SHS001 SHS007\n");
  EXPECT_EQ(read("# shstore-lint: ignore SHS001 -- a\n# shstore-lint: ignore SHS007 -- b\nx\n"),
            "1:3 -> 3: SHS001\n2:3 -> 3: SHS007\n");
  EXPECT_EQ(read("# shstore-lint: ignore SHS001 -- nothing follows\n"), "1:3 -> 0: SHS001\n");
  EXPECT_EQ(read("x\r\n# shstore-lint: ignore SHS001 -- a\r\ny\r\n"), "2:3 -> 3: SHS001\n");
}

TEST(Ignores, OnlyInComments) {
  EXPECT_EQ(read("a = \"# shstore-lint: ignore SHS001 -- x\"\n"), "");
  EXPECT_EQ(read("a = \"\\\"# shstore-lint: ignore SHS001 -- x\"\n"), "");
  EXPECT_EQ(read("shstore-lint: ignore SHS001 -- x\n"), "");
  EXPECT_EQ(read("# write # shstore-lint: ignore SHS001 -- like this\n"), "") << "a comment about comments is none";
  EXPECT_EQ(read("a = \"#\" # shstore-lint: ignore SHS001 -- x\n"), "1:11 -> 1: SHS001\n");
}

TEST(Ignores, WhatIsWrongWithThem) {
  EXPECT_EQ(read("x # shstore-lint: ignore SHS001\n"),
            "1:5 -> 1: the reason is missing: write \" -- \" and why this is as it should be\n");
  EXPECT_EQ(read("x # shstore-lint: ignore SHS001 --  \n"),
            "1:5 -> 1: the reason is missing: write \" -- \" and why this is as it should be\n");
  EXPECT_EQ(read("x # shstore-lint: ignore -- why\n"), "1:5 -> 1: the code of a rule is missing, such as SHS001\n");
  EXPECT_EQ(read("x # shstore-lint: ignore SHS999 -- why\n"),
            "1:5 -> 1: there is no rule SHS999; --list-rules shows them\n");
  EXPECT_EQ(read("x # shstore-lint: off\n"), "1:5 -> 1: \"ignore CODE -- reason\" is expected here\n");
}

TEST(Ignores, AHundredThousandAboveOneLine) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "# shstore-lint: ignore SHS001 -- again\n";
  const auto ignores = find_ignores("f", text + "x\n");
  ASSERT_EQ(ignores.size(), 100'000U);
  EXPECT_EQ(ignores.front().line, 100'001U);
  EXPECT_EQ(ignores.back().line, 100'001U);
}

Finding finding(std::string_view code, uint32_t line) {
  Finding result;
  result.code = code;
  result.at = {"f", line, 1, 0};
  return result;
}

TEST(Ignores, SilenceTheirCodesOnTheirLineOnly) {
  const auto ignores =
      find_ignores("f", "a # shstore-lint: ignore SHS001, SHS007 -- why\nb # shstore-lint: ignore SHS001\n");
  const Kept kept = apply_ignores(
      {finding("SHS001", 1), finding("SHS001", 1), finding("SHS003", 1), finding("SHS001", 2), finding("SHS001", 0)},
      ignores);
  ASSERT_EQ(kept.findings.size(), 3U);
  EXPECT_EQ(kept.findings[0].code, "SHS003");
  EXPECT_EQ(kept.findings[1].at.line, 2U) << "without a reason it silences nothing";
  EXPECT_EQ(kept.findings[2].at.line, 0U);
  ASSERT_EQ(kept.unused.size(), 1U);
  EXPECT_EQ(kept.unused[0].code, "SHS007");
}

using testing::Outcome;
using testing::sd_conf;
using testing::TestWorld;

Outcome lint(const std::string& devices, std::vector<std::string> words = {}) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf(devices);
  words.insert(words.end(), {"--sd", "sd.conf"});
  return world.run(words);
}

TEST(Ignores, InTheProgram) {
  const std::string conf =
      "Device { Name = D; Media Type = T; Archive Device = /dev/tape/by-id/x-nst\n  Drive Indx = 1 ";
  EXPECT_EQ(lint(conf + "\n}\n").status, 1);
  const Outcome silenced = lint(conf + "# shstore-lint: ignore SHS103 -- our own Bacula knows it\n}\n");
  EXPECT_EQ(silenced.status, 0) << silenced.out;
  EXPECT_EQ(silenced.out, "no findings in 1 file\n");
  const Outcome no_reason = lint(conf + "# shstore-lint: ignore SHS103\n}\n", {"--format", "github"});
  EXPECT_EQ(no_reason.status, 1);
  EXPECT_NE(no_reason.out.find("title=SHS103"), std::string::npos) << no_reason.out;
  EXPECT_NE(no_reason.out.find("title=SHS109"), std::string::npos) << no_reason.out;
}

TEST(Ignores, UnusedOnesAreToldUnlessTheirRuleIsNotAsked) {
  const std::string comment = "# shstore-lint: ignore SHS001 -- why\nDirector { Name = other; Password = x }\n";
  EXPECT_NE(lint(comment).out.find("info[SHS108]: there is no SHS001 here"), std::string::npos) << lint(comment).out;
  EXPECT_EQ(lint(comment, {"--ignore", "SHS001"}).out.find("SHS108"), std::string::npos);
  EXPECT_EQ(lint(comment, {"--select", "SHS108"}).out.find("SHS108"), std::string::npos);
  EXPECT_EQ(lint(comment, {"--ignore", "SHS108"}).out.find("SHS108"), std::string::npos);
}

}  // namespace
}  // namespace shstore::config::lint
