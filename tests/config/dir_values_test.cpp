// Values that only bacula-dir.conf has: what is wrong with them is said at the word that is wrong.
#include <gtest/gtest.h>

#include "dir_loading.h"

namespace shstore::config::testing {
namespace {

std::string schedule(const std::string& run) {
  return complaints(load_dir("Schedule { Name = S\n  Run = " + run + "\n}\n"));
}

TEST(DirValues, RunLines) {
  EXPECT_EQ(schedule("daily at 1:00"), "");
  EXPECT_EQ(schedule("Full 1st sun at 11:59PM"), "");
  EXPECT_EQ(schedule("MaxRunSchedTime=\"2 h 30 min\" daily at 1:00"), "");
  EXPECT_EQ(schedule("Full 1 at 1:00"),
            "dir.conf:2:14: error: Run: unexpected \"1\"; put \"on\" before a day of the month\n");
  EXPECT_EQ(schedule("Full"), "dir.conf:2:3: error: Run: a time such as \"daily at 23:05\" is missing\n");
  EXPECT_EQ(schedule("Leve=Full daily at 1:00"),
            "dir.conf:2:9: error: Run: \"Leve\" is neither a level nor a time; did you mean \"Level\"?\n");
  EXPECT_EQ(schedule("Level=Ful daily at 1:00"),
            "dir.conf:2:15: error: Run: \"Ful\" is not a level; did you mean \"Full\"?\n");
  EXPECT_EQ(schedule("daily 1:00"), "dir.conf:2:15: error: Run: \"at\" is missing before the time 1:00\n");
  EXPECT_EQ(schedule("daily at 24:00"),
            "dir.conf:2:18: error: Run: expected a time such as 23:05 or 11:05pm, found \"24:00\"\n");
  EXPECT_EQ(schedule("on 32 at 1:00"), "dir.conf:2:12: error: Run: the day 32 is not one of 1 to 31\n");
  EXPECT_EQ(schedule("w54 at 1:00"), "dir.conf:2:9: error: Run: the week w54 is not one of w00 to w53\n");
  EXPECT_EQ(schedule("mon-jan at 1:00"),
            "dir.conf:2:9: error: Run: expected a range such as 1-7, mon-fri, jan-mar, 2nd-5th or w00-w26, found "
            "\"mon-jan\"\n");
}

std::string include(const std::string& lines) {
  return complaints(load_dir("FileSet { Name = F\n  Include {\n" + lines + "\n  }\n}\n"));
}

TEST(DirValues, Filesets) {
  EXPECT_EQ(include("Options { signature = md5; onefs = no\n}\nFile = /etc"), "");
  EXPECT_EQ(include("Options { onefs = maybe\n}"),
            "dir.conf:3:19: error: onefs: expected one of No, Yes, found \"maybe\"\n");
  EXPECT_EQ(include("Options { signatur = md5\n}"),
            "dir.conf:3:11: error: unknown directive \"signatur\" in Options; did you mean \"Signature\"?\n");
  EXPECT_EQ(include("Options { regex = \"(\"\n}"),
            "dir.conf:3:19: error: regex: this regular expression is wrong: Unmatched ( or \\(\n");
  EXPECT_EQ(include("File = c:\\x"),
            "dir.conf:3:8: error: File: a name with a backslash must be quoted, or written with /\n");
  EXPECT_EQ(complaints(load_dir("FileSet { Name = F\n  Exclude { Options { onefs = no\n }\n }\n}\n")),
            "dir.conf:2:13: error: Options is not allowed in an Exclude block\n");
  EXPECT_EQ(complaints(load_dir("FileSet { Name = F\n  Include = { File = /x\n }\n}\n")),
            "dir.conf:2:3: error: Include: expected a block, with no = before its {; the old form is gone since Bacula "
            "1.36\n");
}

TEST(DirValues, RunScripts) {
  const auto job = [](const std::string& script) {
    return complaints(load_dir("JobDefs { Name = J\n  RunScript " + script + "\n}\n"));
  };
  EXPECT_EQ(job("{ Command = x; RunsWhen = Before\n}"), "");
  EXPECT_EQ(
      job("{ RunsWhen = Befor\n}"),
      "dir.conf:2:26: error: RunsWhen: expected one of Before, After, AfterVSS, AfterSnapshot, Always, Queued, AtJobCompletion, found "
      "\"Befor\"; did you mean \"Before\"?\n");
  EXPECT_EQ(job("{ Comand = x\n}"),
            "dir.conf:2:15: error: unknown directive \"Comand\" in RunScript; did you mean \"Command\"?\n");
  EXPECT_EQ(job("= { Command = x\n}"), "dir.conf:2:3: error: RunScript: expected a block, with no = before its {\n");
}

TEST(DirValues, Acls) {
  const auto console = [](const std::string& acl) {
    return complaints(load_dir("Console { Name = C; Password = x\n  Job ACL = " + acl + "\n}\n"));
  };
  EXPECT_EQ(console("*all*"), "");
  EXPECT_EQ(console("a , \"b c\",d"), "");
  EXPECT_EQ(console("a,"),
            "dir.conf:2:13: error: Job ACL: the list ends with a comma; all of it must stand on one line\n");
  EXPECT_EQ(complaints(load_dir("Console { Name = C; Password = x; Job ACL = a }\n")),
            "dir.conf:1:45: error: Job ACL: a ; must stand between a list and the } on the same line\n");
}

}  // namespace
}  // namespace shstore::config::testing
