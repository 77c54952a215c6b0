// One golden transcript for each state that a drive can be in, as text.
#include <gtest/gtest.h>

#include "golden.h"
#include "sample_snapshot.h"
#include "status/show/check.h"
#include "status/look/condition.h"
#include "status/explain/explain_job.h"
#include "status/lock_lines.h"
#include "status/printable.h"
#include "status/show/text.h"

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

TEST(Text, NothingOfWhatOthersWroteReachesTheTerminalAsACommand) {
  const std::string evil = "\x1b[2J\xc2\x9b\xff\n";
  auto s = sample("waiting");
  s.sd_name = s.devices[0].name = s.devices[0].archive_device = s.devices[0].media_type = s.devices[0].autochanger =
      evil;
  s.devices[0].error = s.devices[0].live.error = s.devices[0].live.blocked_by = s.names["0xbac999"] = evil;
  s.waiting[0] = {evil, {2, {}, {reserve::Refusal::Kind::error, evil, evil}}};
  s.notes = {evil};
  const auto is_clean = [](const std::string& text) { return text == printable_lines(text); };
  EXPECT_TRUE(is_clean(to_text(s, true))) << to_text(s, true);
  EXPECT_EQ(to_text(s).find("\n?"), std::string::npos) << "a line end neither";
  s.devices[0].live.why = LiveLock::Why::cannot_be_asked;
  EXPECT_TRUE(is_clean(to_text(s, true)));
  EXPECT_TRUE(is_clean(check({s}, {}, {}, {{evil, evil}}).text));
  JobExplanation e;
  e.summary = evil;
  e.drives = {{evil, false, evil, evil, evil, {}, {evil}}};
  e.remarks = e.bacula_says = e.unknown = {evil};
  EXPECT_TRUE(is_clean(to_text(e)));
  EXPECT_TRUE(is_clean(waiting_line(s, s.waiting[0], true) + blocked_line(s, s.devices[0], true) +
                       lock_line(s, s.devices[0], true)));
}

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
