// SHS101 to SHS117 on files that trigger them, and on files that look alike.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "world.h"

namespace shstore::config::lint::testing {
namespace {

struct Case {
  std::string code, bad, ok;
  std::vector<std::string> more{}, bad_more{};  ///< options
};

std::string device(const std::string& more) {
  return "Device { Name = D; Media Type = T; Archive Device = /dev/nst0\n" + more + "\n}\n";
}

const std::vector<Case>& cases() {
  static const std::string thousand = [] {
    std::string text;
    for (int i = 0; i < 1200; ++i) text += "}\n";
    return text;
  }();
  static const std::vector<Case> all = {
      {"SHS101", "Device {\n", "Device { Name = D; Media Type = T; Archive Device = /dev/nst0 }\n"},
      {"SHS102", device("Drive Index = one"), device("Drive Index = \"1\"")},
      {"SHS103", device("Drive Indx = 1"), device("d r i v e INDEX = 1")},
      {"SHS104", "Autochanger { Name = A; Changer Device = /c; Changer Command = c; Device = E\n}\n" + device(""),
       "Autochanger { Name = A; Changer Device = /c; Changer Command = c; Device = D\n}\n" + device("")},
      {"SHS105", "Device { Name = D; Media Type = T }\n", device("")},
      {"SHS106", "@missing.conf\n" + device(""), "# @missing.conf\n" + device("")},
      {"SHS107", "@|/bin/true\n" + device(""), "# @|/bin/true\n" + device("")},
      {"SHS108", "# shstore-lint: ignore SHS001 -- why\n" + device(""), "# shstore-lint ignore SHS001\n" + device("")},
      {"SHS109", "# shstore-lint: ignore SHS103\n" + device("Drive Indx = 1"),
       device("Drive Indx = 1 # shstore-lint: ignore SHS103 -- ours")},
      {"SHS110", device("Media Type = U"), device("Drive Index = 0\nDrive Index = 1")},
      {"SHS111", "Autochangr { }\n" + device(""), "Mes sages { Name = Other }\n" + device("")},
      {"SHS112",
       device("Use Lintape = yes"),
       device("Use Lintape = yes"),
       {"--bacula-version", "13"},
       {"--bacula-version", "9.6"}},
      {"SHS113", thousand, device("")},
      {"SHS114", device("Drive Index = 1 Autochanger = yes"), device("Drive Index = 1; Autochanger = yes")},
      {"SHS116", device("Spool Directory = @SPOOL@"), device("Spool Directory = \"@SPOOL@\"")},
      {"SHS117", device("Description = \xE2\x80\x9Cx\xE2\x80\x9D"),
       device("Description = \"\xE2\x80\x9Cx\xE2\x80\x9D\"")},
  };
  return all;
}

std::vector<std::string> codes(const std::string& text, std::vector<std::string> words) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf(text);
  words.insert(words.end(), {"--sd", "sd.conf", "--format", "json"});
  std::vector<std::string> result;
  const Outcome outcome = world.run(words);
  const auto report = nlohmann::json::parse(outcome.out);
  for (const auto& finding : report.at("findings")) result.push_back(finding.at("code"));
  return result;
}

TEST(ReadingRules, EachOnBothKindsOfFile) {
  for (const Case& c : cases()) {
    const auto bad = codes(c.bad, c.bad_more), ok = codes(c.ok, c.more);
    EXPECT_TRUE(std::count(bad.begin(), bad.end(), c.code)) << c.code << ": " << nlohmann::json(bad).dump();
    EXPECT_FALSE(std::count(ok.begin(), ok.end(), c.code)) << c.code << ": " << nlohmann::json(ok).dump();
  }
}

TEST(ReadingRules, NoneIsForgotten) {
  for (const Rule* rule : all_rules()) {
    if (!rule->code.starts_with("SHS1") || rule->code == "SHS115")
      continue;  // only bacula-dir.conf has something to lose
    EXPECT_TRUE(std::any_of(cases().begin(), cases().end(), [&](const Case& c) { return c.code == rule->code; }))
        << rule->code;
  }
}

TEST(ReadingRules, ANewerDirectiveIsToldWithItsVersion) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf(device("Use Lintape = yes"));
  const auto out = [&](const std::string& version) {
    return world.run({"--sd", "sd.conf", "--select", "SHS112", "--bacula-version", version}).out;
  };
  EXPECT_NE(out("9.6").find("Bacula 9.6 does not know \"Use Lintape\" in Device: it is new in 13"), std::string::npos)
      << out("9.6");
  EXPECT_NE(out("11").find("Bacula 11 does not know \"Use Lintape\""), std::string::npos);
  EXPECT_EQ(out("13"), "no findings in 1 file\n");
  EXPECT_EQ(out("15"), "no findings in 1 file\n");
  // As it is written behind a file's @, and as bacula-sd -v tells it.
  EXPECT_EQ(out("9.6.7"), out("9.6"));
  EXPECT_EQ(out("9"), out("9.6"));
  EXPECT_EQ(out("15.0.3"), out("15"));
}

TEST(ReadingRules, TheVersionIsTheFilesOwn) {
  TestWorld world;
  world.files.texts["old.conf"] = world.files.texts["new.conf"] = sd_conf(device("Use Lintape = yes"));
  const Outcome both = world.run({"--sd", "a=old.conf@9.6.7", "--sd", "b=new.conf@15.0.3", "--select", "SHS112"});
  EXPECT_NE(both.out.find("1 error in 2 files"), std::string::npos) << both.out;
  EXPECT_NE(both.out.find("old.conf:"), std::string::npos) << both.out;
  EXPECT_EQ(both.err, "");
}

TEST(ReadingRules, WithoutAVersionTheFileTellsItAndThatIsSaid) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf(device("Use Lintape = yes"));
  const Outcome outcome = world.run({"--sd", "sd.conf", "--select", "SHS112"});
  EXPECT_EQ(outcome.out, "no findings in 1 file\n");
  EXPECT_EQ(
      outcome.err,
      "shstore-lint: sd.conf is taken for Bacula 13's, the oldest that knows all of it; sd.conf@VERSION says otherwise\n");
  EXPECT_EQ(world.run({"--sd", "sd.conf@15.0.3", "--select", "SHS112"}).err, "");
}

TEST(ReadingRules, TheInventoryTellsTheVersionOfItsHostsDaemon) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf(device("Use Lintape = yes"));
  const auto run = [&](const std::string& version) {
    world.files.texts["a.json"] = R"({"schema": "shstore-inventory/1", "host": "a", "bacula": ")" + version + "\"}";
    return world.run({"--sd", "a=sd.conf", "--inventory", "a.json", "--select", "SHS112"});
  };
  EXPECT_EQ(run("15.0.3").out, "no findings in 2 files\n");
  EXPECT_EQ(run("15.0.3").err, "");
  EXPECT_NE(run("9.6.7").out.find("1 error in 2 files"), std::string::npos) << run("9.6.7").out;
  EXPECT_EQ(world.run({"--sd", "a=sd.conf@15", "--inventory", "a.json", "--select", "SHS112"}).out,
            "no findings in 2 files\n");
}

TEST(ReadingRules, WhatNoBuildOfDebiansKnows) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf(device("Device Type = Dedup"));
  const std::string out = world.run({"--sd", "sd.conf@15.0.3", "--select", "SHS112"}).out;
  EXPECT_NE(out.find("no Bacula that Debian builds knows Device Type = Dedup"), std::string::npos) << out;
}

TEST(ReadingRules, AnUpgradeIsLookedAtBeforeIt) {
  TestWorld world;
  world.files.texts["dir.conf"] =
      "FileSet {\n  Name = F\n  Include {\n    Options { Accurate = yes; }\n    File = /x\n  }\n}\n";
  const std::string out = world.run({"--dir", "dir.conf@9.6.7", "--upgrade-to", "15", "--select", "SHS115"}).out;
  EXPECT_NE(out.find("error[SHS115]: Bacula 15 will refuse Accurate = yes"), std::string::npos) << out;
  EXPECT_EQ(world.run({"--dir", "dir.conf@9.6.7", "--select", "SHS115"}).out, "no findings in 1 file\n");
  EXPECT_NE(world.run({"--dir", "dir.conf@15.0.3", "--select", "SHS112"}).out.find("Bacula 15 refuses Accurate = yes"),
            std::string::npos);
}

TEST(ReadingRules, EachSaysWhatToDo) {
  for (const Case& c : cases()) {
    if (c.code == "SHS108") continue;
    TestWorld world;
    world.files.texts["sd.conf"] = sd_conf(c.bad);
    std::vector<std::string> words = c.bad_more;
    words.insert(words.end(), {"--sd", "sd.conf", "--select", c.code, "--format", "json"});
    const auto report = nlohmann::json::parse(world.run(words).out);
    for (const auto& finding : report.at("findings"))
      EXPECT_TRUE(finding.at("help").is_string() && finding.at("help") != "") << c.code;
  }
}

TEST(ReadingRules, SharedStorageInTheDirectorIsToldOnce) {
  TestWorld world;
  world.files.texts["dir.conf"] = "Director {\n  Name = d\n  Shared Storage = yes\n}\n";
  const std::string out = world.run({"--dir", "dir.conf", "--select", "SHS021,SHS103"}).out;
  EXPECT_NE(out.find("1 error in 1 file"), std::string::npos) << out;
}

TEST(ReadingRules, AnUnknownSettingOfStorageCtlIsAWarning) {
  TestWorld world;
  world.files.texts["sd.conf"] = sd_conf("");
  world.files.texts["storage-ctl.conf"] = "key=bac001\nmax_lock_wiat=5\n";
  EXPECT_EQ(world.run({"--sd", "sd.conf", "--select", "SHS103"}).status, 0);
  EXPECT_EQ(world.run({"--sd", "sd.conf", "--select", "SHS103", "--error-on-warning"}).status, 1);
}

TEST(ReadingRules, WhatTwoDaemonsIncludeIsToldOnce) {
  TestWorld world;
  world.files.texts["a.conf"] = sd_conf("@common.conf\n");
  world.files.texts["b.conf"] = sd_conf("@common.conf\n");
  world.files.texts["common.conf"] = "Devize { }\n";
  EXPECT_NE(world.run({"--sd", "a.conf", "--sd", "b.conf", "--select", "SHS111"}).out.find("1 error in 3 files"),
            std::string::npos);
}

}  // namespace
}  // namespace shstore::config::lint::testing
