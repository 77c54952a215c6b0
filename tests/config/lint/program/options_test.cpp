#include "config/lint/program/options.h"

#include <gtest/gtest.h>

namespace shstore::config::lint {
namespace {

std::string problem(const std::vector<std::string>& words) {
  const auto options = parse_options(words);
  if (options) return "accepted";
  EXPECT_EQ(options.error().status, 2);
  return options.error().text.substr(0, options.error().text.find('\n'));
}

TEST(Options, AllOfThem) {
  const auto options = parse_options({"--dir",
                                      "d",
                                      "--sd",
                                      "a=x:c",
                                      "--sd",
                                      "y",
                                      "--inventory",
                                      "i",
                                      "--not-here",
                                      "--bacula-version",
                                      "13",
                                      "--select",
                                      "SHS001,SHS002",
                                      "--select",
                                      "SHS003",
                                      "--ignore",
                                      "SHS004",
                                      "--min-level",
                                      "warning",
                                      "--error-on-warning",
                                      "--exit-zero",
                                      "--format",
                                      "sarif",
                                      "--color",
                                      "always"});
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->dir, "d");
  EXPECT_EQ(options->sds, (std::vector<std::string>{"a=x:c", "y"}));
  EXPECT_EQ(options->inventories, (std::vector<std::string>{"i"}));
  EXPECT_EQ(options->is_here, false);
  EXPECT_EQ(options->bacula_version, 13);
  EXPECT_EQ(options->select, (std::vector<std::string>{"SHS001", "SHS002", "SHS003"}));
  EXPECT_EQ(options->ignore, (std::vector<std::string>{"SHS004"}));
  EXPECT_EQ(options->min_level, Level::warning);
  EXPECT_TRUE(options->error_on_warning && options->exit_zero);
  EXPECT_EQ(options->format, "sarif");
  EXPECT_EQ(options->colour, Options::Colour::always);
}

// The option parser takes words in square brackets apart, where it is let.
TEST(Options, NamesInBracketsStayWhole) {
  const auto options = parse_options({"--dir", "[d]", "--sd", "[a,b]", "--sd", "[]", "--inventory", "[i,j]"});
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->dir, "[d]");
  EXPECT_EQ(options->sds, (std::vector<std::string>{"[a,b]", "[]"}));
  EXPECT_EQ(options->inventories, (std::vector<std::string>{"[i,j]"}));
}

TEST(Options, WhatIsWrongWithACommandLine) {
  EXPECT_EQ(
      problem({}),
      "shstore-lint: --dir or --sd is required: there is nothing to check. For this host: shstore-lint --sd /etc/bacula/bacula-sd.conf");
  EXPECT_EQ(problem({"--sd"}), "shstore-lint: --sd: 1 required [HOST=]FILE[:storage-ctl.conf][@VERSION] missing");
  EXPECT_EQ(problem({"--nope"}), "shstore-lint: The following argument was not expected: --nope");
  EXPECT_EQ(problem({"sd.conf"}), "shstore-lint: The following argument was not expected: sd.conf");
  EXPECT_EQ(problem({"--sd", "a", "--select", "SHS999"}),
            "shstore-lint: --select: there is no rule SHS999; --list-rules shows them");
  EXPECT_EQ(problem({"--explain", "SHS1"}), "shstore-lint: --explain: there is no rule SHS1; --list-rules shows them");
  EXPECT_EQ(problem({"--sd", "a", "--bacula-version", "12"}),
            "shstore-lint: --bacula-version: expected 9.6, 11, 13 or 15, found 12");
  EXPECT_EQ(problem({"--sd", "a", "--format", "xml"}),
            "shstore-lint: --format: expected text, json, sarif or github, found xml");
  EXPECT_EQ(problem({"--sd", "-", "--dir", "-"}), "shstore-lint: only one file can be standard input");
  EXPECT_EQ(problem({"--sd", "a", "--stdin-filename", "b"}), "shstore-lint: --stdin-filename needs a file that is -");
  EXPECT_EQ(problem({"--list-rules", "--format", "sarif"}),
            "shstore-lint: --list-rules can be printed as text and json");
}

TEST(Options, HelpAndVersionAreNoFailure) {
  const auto help = parse_options({"--help"}), version = parse_options({"--version"});
  ASSERT_FALSE(help);
  ASSERT_FALSE(version);
  EXPECT_EQ(help.error().status, 0);
  EXPECT_NE(help.error().text.find("--stdin-filename NAME"), std::string::npos);
  for (size_t at = 0, end = 0; at < help.error().text.size(); at = end + 1) {
    end = help.error().text.find('\n', at);
    EXPECT_LE(end - at, 120U) << help.error().text.substr(at, end - at);
  }
  EXPECT_EQ(version.error().status, 0);
  EXPECT_TRUE(version.error().text.starts_with("shstore-lint (shstore) "));
}

}  // namespace
}  // namespace shstore::config::lint
