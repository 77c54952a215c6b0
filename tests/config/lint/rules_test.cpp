// What is true of all rules.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "config/lint/rule.h"

namespace shstore::config::lint {
namespace {

TEST(Rules, AreSortedByTheirCodesWhichAreUnique) {
  const Rule* last = nullptr;
  for (const Rule* rule : all_rules()) {
    ASSERT_EQ(rule->code.size(), 6u) << rule->code;
    EXPECT_TRUE(rule->code.starts_with("SHS")) << rule->code;
    EXPECT_EQ(rule->code.find_first_not_of("0123456789", 3), std::string_view::npos) << rule->code;
    if (last) {
      EXPECT_LT(last->code, rule->code);
    }
    last = rule;
  }
}

TEST(Rules, AreFoundByTheirCodes) {
  for (const Rule* rule : all_rules()) EXPECT_EQ(find_rule(rule->code), rule);
  EXPECT_EQ(find_rule("SHS000"), nullptr);
  EXPECT_EQ(find_rule(""), nullptr);
}

TEST(Rules, ExplainThemselvesInFourParagraphs) {
  for (const Rule* rule : all_rules()) {
    size_t at = 0;
    for (const std::string_view paragraph : {"What: ", "\n\nWhy: ", "\n\nExample:", "\n\nFix: "}) {
      const size_t found = rule->page.find(paragraph, at);
      ASSERT_NE(found, std::string_view::npos) << rule->code << " has no paragraph" << paragraph;
      if (paragraph == "What: ") {
        EXPECT_EQ(found, 0u) << rule->code;
      }
      EXPECT_EQ(rule->page.find(paragraph, found + 1), std::string_view::npos) << rule->code << " has two" << paragraph;
      at = found + paragraph.size();
    }
    EXPECT_FALSE(rule->title.empty()) << rule->code;
    EXPECT_FALSE(rule->page.ends_with('\n')) << rule->code;
  }
}

TEST(Rules, PagesFitATerminal) {
  for (const Rule* rule : all_rules()) {
    for (size_t begin = 0; begin < rule->page.size();) {
      const size_t end = std::min(rule->page.find('\n', begin), rule->page.size());
      EXPECT_LE(end - begin, 120u) << rule->code << ": " << rule->page.substr(begin, end - begin);
      begin = end + 1;
    }
  }
}

class NoFiles : public Surroundings {
 public:
  FileFacts file(const std::string&) const override { return {}; }
};

TEST(Rules, AreSilentAboutAnEmptySite) {
  EXPECT_TRUE(run_rules(Site(std::nullopt, {}), NoFiles(), all_rules()).empty());
  EXPECT_TRUE(run_rules(Site(DirConfig(), {SiteSd(), SiteSd()}), NoFiles(), all_rules()).empty());
}

}  // namespace
}  // namespace shstore::config::lint
