#include "config/lint/program/excerpt.h"

#include <gtest/gtest.h>

#include "config/lint/program/utf8.h"

namespace shstore::config::lint {
namespace {

std::string shown(std::string_view line, uint32_t column, uint32_t length = 0, size_t width = 100) {
  const Excerpt result = excerpt(line, column, length, width);
  return result.line + "|\n" + result.carets + "|\n";
}

TEST(Excerpt, TheWordAtTheColumn) {
  EXPECT_EQ(shown("  Drive Index = 0  # first", 17), "  Drive Index = 0  # first|\n                ^|\n");
  EXPECT_EQ(shown("Name=\"a b\";x", 6), "Name=\"a b\";x|\n     ^^^^^|\n");
  EXPECT_EQ(shown("Name=ab;x", 6), "Name=ab;x|\n     ^^|\n");
  EXPECT_EQ(shown("x; Media Typ  = T", 4), "x; Media Typ  = T|\n   ^^^^^^^^^|\n");
  EXPECT_EQ(shown("@|\"sh x\" y", 1), "@|\"sh x\" y|\n^^^^^^^^|\n");
  EXPECT_EQ(shown("@\"a b\" y", 1), "@\"a b\" y|\n^^^^^^|\n");
  EXPECT_EQ(shown("Device { }", 1), "Device { }|\n^^^^^^|\n");
  EXPECT_EQ(shown("Name = \"a\\\"b", 8), "Name = \"a\\\"b|\n       ^^^^^|\n");
}

TEST(Excerpt, ALengthThatIsGivenCounts) {
  EXPECT_EQ(shown("Media Type = LTO-9", 1, 10), "Media Type = LTO-9|\n^^^^^^^^^^|\n");
  EXPECT_EQ(shown("abc", 2, 100), "abc|\n ^^|\n");
}

TEST(Excerpt, FirstColumnEndOfLineAndBehindIt) {
  EXPECT_EQ(shown("}", 1), "}|\n^|\n");
  EXPECT_EQ(shown("key=", 5), "key=|\n    ^|\n");
  EXPECT_EQ(shown("ab", 40), "ab|\n  ^|\n");
  EXPECT_EQ(shown("", 1), "|\n^|\n");
}

TEST(Excerpt, TabsStayTabs) { EXPECT_EQ(shown("\tName\t= x", 9), "\tName\t= x|\n\t    \t  ^|\n"); }

TEST(Excerpt, CaretsStandUnderCharactersNotBytes) {
  EXPECT_EQ(shown("Käse = x", 9), "Käse = x|\n       ^|\n");
  EXPECT_EQ(shown("磁带 = x", 10), "磁带 = x|\n       ^|\n");
  EXPECT_EQ(shown("e\xCC\x81 = x", 7), "e\xCC\x81 = x|\n    ^|\n") << "a combining accent takes no column";
  EXPECT_EQ(shown("x = \"äö\"", 5), "x = \"äö\"|\n    ^^^^|\n");
}

TEST(Excerpt, NothingInAFileReachesTheTerminalAsACommand) {
  EXPECT_EQ(shown("a\x1B[31m b", 8), "a\xEF\xBF\xBD[31m b|\n       ^|\n");
  EXPECT_EQ(shown("\xC2\x9B"
                  "31m b",
                  7),
            "\xEF\xBF\xBD"
            "31m b|\n     ^|\n");
  EXPECT_EQ(shown("\xFF\xC3 b", 4), "\xEF\xBF\xBD\xEF\xBF\xBD b|\n   ^|\n");
}

TEST(Excerpt, LongLinesAreCutAroundTheCaret) {
  const std::string line = std::string(200, 'a') + " word " + std::string(200, 'b');
  const Excerpt result = excerpt(line, 202, 0, 60);
  EXPECT_EQ(result.line.size(), 60U);
  EXPECT_TRUE(result.line.starts_with("...aaa") && result.line.ends_with("bbb...")) << result.line;
  EXPECT_EQ(result.line.substr(result.carets.find('^'), 4), "word");
  EXPECT_EQ(result.carets.substr(result.carets.find('^')), "^^^^");
  const Excerpt at_end = excerpt(line, 406, 1, 60);
  EXPECT_TRUE(at_end.line.starts_with("...") && at_end.line.ends_with("bbb")) << at_end.line;
  const Excerpt at_start = excerpt(line, 1, 1, 60);
  EXPECT_TRUE(at_start.line.starts_with("aaa") && at_start.line.ends_with("...")) << at_start.line;
}

TEST(Excerpt, NothingToShow) {
  EXPECT_EQ(shown("text", 0), "|\n|\n");
  EXPECT_EQ(shown(std::string(20000, 'x'), 5), "|\n|\n");
}

TEST(Excerpt, PasswordsAreNotShown) {
  const std::pair<std::string, std::string> cases[] = {
      {"Password = \"secret\"; Name = x", "Password = \"******\"; Name = x"},
      {"  P a s s word=secret }", "  P a s s word=*******}"},
      {"SDPassword = secret # mine", "SDPassword = *******# mine"},
      {"dbpassword = \"a\\\"b\" x", "dbpassword = \"****\" x"},
      {"Password \"secret\"", "Password \"******\""},
      {"Password = \"never closed", "Password = \"************"},
      {"Password = a; Password = b", "Password = *; Password = *"},
      {"Name = password-of-nothing", "Name = password-of-nothing"},
      {"Pass = word", "Pass = word"},
  };
  for (const auto& [line, expected] : cases) EXPECT_EQ(without_passwords(line), expected);
  EXPECT_EQ(shown("Password = secret", 12), "Password = ******|\n           ^^^^^^|\n");
}

TEST(Utf8, CountsCharacters) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("aä磁\xFF"), 4U);
  EXPECT_EQ(count_characters("\xED\xA0\x80"), 3U) << "a surrogate is no character";
  EXPECT_EQ(count_characters("\xC0\x80"), 2U) << "an overlong form is none";
}

}  // namespace
}  // namespace shstore::config::lint
