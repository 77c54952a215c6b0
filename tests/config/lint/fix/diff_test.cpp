// The unified diff: its text, and that patch(1) makes of the old file exactly the new one.
#include "config/lint/fix/diff.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace shstore::config::lint {
namespace {

namespace fs = std::filesystem;

void put(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string get(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// `before` after `patch -p1` with the diff.
std::string patched(const std::string& before, const std::string& after) {
  std::string folder = (fs::temp_directory_path() / "shstore-diff-XXXXXX").string();
  if (!::mkdtemp(folder.data())) return "no folder";
  put(fs::path(folder) / "sd 1.conf", before);
  put(fs::path(folder) / "diff", unified_diff("sd 1.conf", before, after));
  const std::string command = "cd " + folder + " && timeout 10 patch -s -p1 -f <diff >log 2>&1";
  const int status = std::system(command.c_str());
  std::string result = status == 0 ? get(fs::path(folder) / "sd 1.conf") : "patch: " + get(fs::path(folder) / "log");
  fs::remove_all(folder);
  return result;
}

TEST(Diff, IsEmptyForEqualTexts) {
  EXPECT_EQ(unified_diff("x", "", ""), "");
  EXPECT_EQ(unified_diff("x", "a\nb", "a\nb"), "");
}

TEST(Diff, ShowsWhatDiffShows) {
  EXPECT_EQ(unified_diff("/etc/bacula/x.conf", "1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nfive\n6\n7\n8\n"),
            "--- a/etc/bacula/x.conf\n+++ b/etc/bacula/x.conf\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n "
            "7\n 8\n");
  EXPECT_EQ(unified_diff("x", "", "a\n"), "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+a\n");
  EXPECT_EQ(unified_diff("x", "a\n", ""), "--- a/x\n+++ b/x\n@@ -1 +0,0 @@\n-a\n");
}

TEST(Diff, JoinsChangesWhoseContextTouches) {
  const std::string before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
  std::string after = before;
  after.replace(after.find("2\n"), 1, "two");
  after.replace(after.find("9\n"), 1, "nine");
  const std::string near = unified_diff("x", before, after);
  EXPECT_EQ(near.find("@@", near.find("@@ -1,12 +1,12 @@") + 17), std::string::npos) << near;
  after.replace(after.find("16\n"), 2, "sixteen");
  EXPECT_NE(unified_diff("x", before, after).find("@@ -1,16 +1,16 @@"), std::string::npos);
}

// A pull request's own files, linted in a workflow: "::error file=..." in a name of two lines, which is context of the change.
TEST(Diff, NoContextCommandsAWorkflow) {
  const std::string before = "1\n  ::error file=a,line=1::forged\n3\nold\n5\n6\n7\n8\nold\n10\n";
  const std::string after = "1\n  ::error file=a,line=1::forged\n3\nnew\n5\n6\n7\n8\nnew\n10\n";
  EXPECT_EQ(unified_diff("x", before, after),
            "--- a/x\n+++ b/x\n@@ -3,3 +3,3 @@\n 3\n-old\n+new\n 5\n@@ -8,3 +8,3 @@\n 8\n-old\n+new\n 10\n");
  EXPECT_EQ(patched(before, after), after);
  const std::string near = "1\n2\n##[error]forged\nold\n5\n6\n", mended = "1\n2\n##[error]forged\nnew\n5\n6\n";
  EXPECT_EQ(unified_diff("x", near, mended), "--- a/x\n+++ b/x\n@@ -4 +4 @@\n-old\n+new\n");
  EXPECT_EQ(patched(near, mended), mended);
}

TEST(Diff, TellsOfAMissingLastLineEnd) {
  EXPECT_EQ(unified_diff("x", "a", "b"),
            "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n");
}

TEST(Diff, IsColoredForATerminal) {
  EXPECT_EQ(unified_diff("x", "a\n", "b\n", true),
            "\033[1m--- a/x\033[m\n\033[1m+++ b/x\033[m\n\033[36m@@ -1 +1 "
            "@@\033[m\n\033[31m-a\033[m\n\033[32m+b\033[m\n");
}

TEST(Diff, OfTextsThatShareNothingIsStillRight) {
  std::string before, after;
  for (int i = 0; i < 3000; ++i) before += "a" + std::to_string(i) + "\n", after += "b" + std::to_string(i) + "\n";
  EXPECT_EQ(patched(before, after), after);
}

RC_GTEST_PROP(Diff, AppliesWithPatch, ()) {
  const auto texts = rc::gen::map(rc::gen::container<std::vector<std::string>>(
                                      rc::gen::element<std::string>("a\n", "b\n", "a\r\n", "\n", "}\n", "\tc\n")),
                                  [](const std::vector<std::string>& lines) {
                                    std::string text;
                                    for (const std::string& line : lines) text += line;
                                    return text;
                                  });
  const std::string before = *texts, last = *rc::gen::element<std::string>("", "z");
  std::string after = before + last;
  const auto at = *rc::gen::inRange<size_t>(0, after.size() + 1);
  after.insert(at, *texts);
  RC_PRE(!after.empty());
  RC_ASSERT(patched(before, after) == after);
}

}  // namespace
}  // namespace shstore::config::lint
