// Each rule on its samples: samples/SHSNNN/bad-WHAT must have exactly the findings in its expected.txt, and
// ok-WHAT, which looks like one, none of that rule. UPDATE_GOLDEN=1 writes expected.txt: read the difference
// before you commit.
#include "rule_samples.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace shstore::config::lint::testing {
namespace {

namespace fs = std::filesystem;

/// "SHS001/bad-two-drives", sorted.
std::vector<std::string> sample_names() {
  std::set<std::string> names;
  for (const auto& rule : fs::directory_iterator(SHSTORE_LINT_SAMPLES)) {
    for (const auto& sample : fs::directory_iterator(rule)) {
      names.insert(rule.path().filename().string() + "/" + sample.path().filename().string());
    }
  }
  return {names.begin(), names.end()};
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name;
  for (const char c : info.param) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

class RuleSamples : public ::testing::TestWithParam<std::string> {};

TEST_P(RuleSamples, HaveTheseFindings) {
  const std::string code = GetParam().substr(0, GetParam().find('/'));
  const std::string folder = std::string(SHSTORE_LINT_SAMPLES) + "/" + GetParam();
  const Rule* const rule = find_rule(code);
  ASSERT_NE(rule, nullptr) << "there is no rule " << code;
  const Sample sample = load_sample(folder);
  EXPECT_EQ(sample.errors, "") << "a sample is about its rule, not about the grammar";

  std::string findings;
  for (const Finding& finding : run_rules(sample.site, sample.files, std::span(&rule, 1))) {
    findings += to_text(finding);
  }
  if (GetParam().find("/ok-") != std::string::npos) {
    EXPECT_EQ(findings, "");
    return;
  }
  EXPECT_NE(findings, "") << "the rule is silent about what it is for";
  const std::string expected = folder + "/expected.txt";
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(expected, std::ios::binary) << findings;
  } else {
    EXPECT_EQ(findings, read_text(expected));
  }
}

INSTANTIATE_TEST_SUITE_P(Samples, RuleSamples, ::testing::ValuesIn(sample_names()), test_name);

TEST(Rules, EachHasSamplesOfBothKinds) {
  std::set<std::string> kinds;
  for (const std::string& name : sample_names()) {
    const std::string kind = name.substr(0, name.find('-'));
    EXPECT_TRUE(kind.ends_with("/bad") || kind.ends_with("/ok")) << name;
    kinds.insert(kind);
  }
  for (const Rule* rule : all_rules()) {
    if (rule->code >= "SHS100") continue;  // what the parsers find has the parsers' tests
    EXPECT_TRUE(kinds.contains(std::string(rule->code) + "/bad")) << rule->code << " has no sample that triggers it";
    EXPECT_TRUE(kinds.contains(std::string(rule->code) + "/ok")) << rule->code << " has no look-alike";
  }
}

}  // namespace
}  // namespace shstore::config::lint::testing
