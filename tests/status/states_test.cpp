// One golden transcript for each state that a drive can be in, as text.
#include <gtest/gtest.h>

#include "golden.h"
#include "sample_snapshot.h"
#include "status/condition.h"
#include "status/text.h"

namespace shstore::status {
namespace {

using tests::sample;
using tests::state_samples;

class States : public testing::TestWithParam<tests::StateSample> {};

TEST_P(States, AreToldInTheWordsOfTheTranscript) {
  const auto& s = GetParam().snapshot;
  EXPECT_EQ(word(condition_of(s, s.devices.at(0))), GetParam().word);
  EXPECT_TRUE(tests::equals_golden(to_text(s), "status/state_" + GetParam().file + ".txt"));
}

INSTANTIATE_TEST_SUITE_P(All, States, testing::ValuesIn(state_samples()),
                         [](const auto& param) { return param.param.test_name(); });

TEST(StatesTable, EveryStateHasASample) {
  const auto samples = state_samples();
  for (const auto condition : all_conditions()) {
    const bool found =
        std::any_of(samples.begin(), samples.end(), [&](const auto& s) { return s.word == word(condition); });
    EXPECT_TRUE(found) << word(condition);
  }
}

TEST(StatesTable, WordsAreUnique) {
  for (const auto a : all_conditions()) {
    for (const auto b : all_conditions()) EXPECT_EQ(word(a) == word(b), a == b) << word(a);
  }
}

TEST(Names, AreShownInTheLinesOfTheWhitePaperOnlyWhenAskedFor) {
  const auto s = sample("blocked");
  EXPECT_EQ(to_text(s).find("(dir)"), std::string::npos);
  EXPECT_TRUE(tests::equals_golden(to_text(s, true), "status/blocked-with-names.txt"));
}

}  // namespace
}  // namespace shstore::status
