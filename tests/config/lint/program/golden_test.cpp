// What people see: tests/golden/lint/. UPDATE_GOLDEN=1 writes them anew.
#include <gtest/gtest.h>

#include "golden.h"
#include "world.h"

namespace shstore::config::lint::testing {
namespace {

/// The white paper's two hosts, as its sections 2.4 to 2.10 have them; what it leaves out is left out.
TestWorld white_paper() {
  TestWorld world;
  for (const std::string name : {"bacula-dir.conf", "cibou/bacula-sd.conf", "cibou/storage-ctl.conf",
                                 "dir/bacula-sd.conf", "dir/storage-ctl.conf"}) {
    world.files.texts[name] = source_file("tests/config/lint/white-paper/" + name);
  }
  return world;
}

void expect_golden(TestWorld& world, const std::vector<std::string>& words, const std::string& name) {
  EXPECT_TRUE(tests::equals_golden(transcript(words, world.run(words)), "lint/" + name));
}

TEST(LintGolden, TheWhitePapersDriveIndex) {
  TestWorld world = white_paper();
  expect_golden(world, {"--select", "SHS001", "--sd", "cibou/bacula-sd.conf", "--sd", "dir/bacula-sd.conf"},
                "white-paper_two-daemons.txt");
}

TEST(LintGolden, TheWhitePapersDirector) {
  TestWorld world = white_paper();
  expect_golden(world,
                {"--select", "SHS014", "--dir", "bacula-dir.conf", "--sd", "cibou.company.com=cibou/bacula-sd.conf",
                 "--sd", "dir.company.com=dir/bacula-sd.conf"},
                "white-paper_director.txt");
}

TEST(LintGolden, AllFormats) {
  TestWorld world = white_paper();
  for (const std::string format : {"json", "sarif", "github"}) {
    const Outcome outcome = world.run({"--select", "SHS001", "--sd", "cibou/bacula-sd.conf", "--format", format});
    EXPECT_EQ(outcome.status, 1);
    std::string text = outcome.out;
    if (format == "sarif") {
      // All rules are declared, and their pages change with every rule: renderers_test.cpp looks at them.
      const size_t rules = text.find("\"version\": \"", text.find("shstore-lint")),
                   end = text.find("\n          ]", rules);
      ASSERT_NE(end, std::string::npos);
      text.replace(rules, end - rules, "\"version\": ..., \"rules\": [ ...");
    }
    EXPECT_TRUE(tests::equals_golden(text, "lint/format." + format));
  }
}

TEST(LintGolden, Colour) {
  TestWorld world = white_paper();
  expect_golden(world, {"--select", "SHS001", "--sd", "cibou/bacula-sd.conf", "--color", "always"}, "colour.txt");
}

TEST(LintGolden, ABrokenFile) {
  TestWorld world;
  world.files.texts["bacula-sd.conf"] = sd_conf(
      "Device {\n\tName = Laufwerk-ä; Media Typ = LTO-9\n\tArchive Device /dev/nst0\n\tDrive Index = first\n}\n"
      "Devize {\n  Name = \"Drive-1\n}\n@drives.conf\n");
  expect_golden(world, {"--sd", "bacula-sd.conf"}, "broken-file.txt");
}

TEST(LintGolden, IgnoreComments) {
  TestWorld world = white_paper();
  std::string& text = world.files.texts["cibou/bacula-sd.conf"];
  const size_t second = text.rfind("    Drive Index = 0\n");
  text.insert(second,
              "    # shstore-lint: ignore SHS001 -- the library has only one drive in use\n"
              "    # shstore-lint: ignore SHS003 -- nothing to see\n"
              "    # shstore-lint: ignore SHS007\n");
  expect_golden(world, {"--select", "SHS001,SHS003,SHS108,SHS109", "--sd", "cibou/bacula-sd.conf"},
                "ignore-comments.txt");
}

TEST(LintGolden, StandardInput) {
  TestWorld world;
  world.standard_input = sd_conf("Devize { }\n");
  expect_golden(world, {"--sd", "-", "--stdin-filename", "etc/bacula-sd.conf", "--select", "SHS111"}, "stdin.txt");
}

TEST(LintGolden, ExplainAndUsage) {
  TestWorld world;
  expect_golden(world, {"--explain", "SHS001"}, "explain.txt");
  expect_golden(world, {"--explain", "SHS999"}, "explain-unknown.txt");
  expect_golden(world, {}, "nothing-to-check.txt");
  expect_golden(world, {"--sd", "missing.conf"}, "missing-file.txt");
}

}  // namespace
}  // namespace shstore::config::lint::testing
