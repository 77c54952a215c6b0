// Which kind a diagnostic is of: the linter's codes hang on it.
#include <gtest/gtest.h>

#include "loading.h"

namespace shstore::config {
namespace {

using Kind = Diagnostic::Kind;

/// The kinds of all diagnostics but those that say what a fragment lacks.
std::vector<Kind> kinds(const std::string& text) {
  std::vector<Kind> result;
  for (const Diagnostic& diagnostic : testing::load(text).diagnostics) {
    if (diagnostic.at.line != 0) result.push_back(diagnostic.kind);
  }
  return result;
}

TEST(DiagnosticKinds, OneOfEach) {
  const std::vector<std::pair<std::string, Kind>> cases = {
      {"Device {", Kind::syntax},
      {"}", Kind::syntax},
      {testing::device("  Drive Index = one\n"), Kind::value},
      {testing::device("  Always Open = maybe\n"), Kind::value},
      {"Storage { Name = a; Working Directory = /w; Pid Directory = /w\n SDAddresses = { }\n}", Kind::value},
      {testing::device("  Media Type = U\n"), Kind::repeated},
      {testing::device("") + testing::device(""), Kind::repeated},
      {testing::device("  Drive Indx = 1\n"), Kind::unknown_directive},
      {"Devize { }", Kind::unknown_type},
      {"Autochanger { Name = A; Changer Device = /c; Changer Command = c; Device = D\n}", Kind::no_such_resource},
      {"Device { Name = D; Media Type = T }", Kind::missing},
      {"@missing.conf\n", Kind::unreadable},
      {"@|/bin/true\n", Kind::not_run},
      {testing::device("  Spool Directory = \"~/spool\"\n"), Kind::not_expanded},
  };
  for (const auto& [text, kind] : cases) {
    const std::vector<Kind> found = kinds(text);
    ASSERT_FALSE(found.empty()) << text;
    EXPECT_EQ(found.front(), kind) << text;
  }
}

TEST(DiagnosticKinds, ADirectiveOfANewerBaculaIsNoDiagnosticButRemembered) {
  const SdConfig config = testing::load(testing::device("  Maximum File Index = 5 GB\n  Drive Index = 0\n"));
  EXPECT_EQ(testing::complaints(config), "");
  ASSERT_EQ(config.unknown.size(), 1U);
  EXPECT_EQ(config.unknown[0].resource, "Device");
  EXPECT_EQ(config.unknown[0].directive.name, "Maximum File Index");
  EXPECT_EQ(config.unknown[0].since, 11);
}

}  // namespace
}  // namespace shstore::config
