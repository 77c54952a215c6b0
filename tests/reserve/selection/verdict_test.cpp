#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "reserve/selection/selection.h"
#include "situation.h"

namespace shstore::reserve {
namespace {

// Three drives in any state, a job with any wish.
Situation any_situation(std::mt19937& random) {
  const auto one_in = [&](unsigned n) { return random() % n == 0; };
  Situation s;
  s.model.drives.push_back(Situation::drive("D2", "/dev/nst2"));
  s.use.drives.resize(3);
  s.model.changers[0].drives = {0, 1, 2};
  for (size_t i = 0; i < 3; ++i) {
    auto& facts = s.model.drives[i];
    auto& use = s.use.drives[i];
    if (one_in(2))
      s.mounted(i, one_in(4) ? "F" + std::to_string(i) : "I" + std::to_string(i), one_in(2) ? "Full" : "Incr");
    use.writers = one_in(3) ? 1 + static_cast<uint32_t>(random() % 2) : 0;
    use.reserved = one_in(4) ? 1 : 0;
    use.volume_in_use = use.is_busy() && !use.volume.empty();
    use.reserved_for_read = one_in(3);
    use.reading = use.writers == 0 && one_in(6);
    use.unmounted = one_in(8);
    use.enabled = !one_in(8);
    use.usage = random() % 3;
    if (one_in(4)) s.held_by_other(i);
    if (one_in(10)) use.misconfigured = "it has no Control Device";
    facts.media_type = one_in(8) ? "DLT" : "LTO";
    facts.auto_select = !one_in(5);
    facts.read_only = one_in(6);
    facts.robot = one_in(2);
    facts.max_jobs = static_cast<uint32_t>(random() % 3);
  }
  s.wish.append = !one_in(3);
  s.wish.prefer_mounted_volumes = !one_in(3);
  if (one_in(3)) s.wish.volumes.resize(random() % 2);
  if (one_in(5)) s.use.read_volumes = {"F1"};
  return s;
}

TEST(Selection, NeverGivesWhatMayNotBeGivenWhateverTheSituation) {
  std::mt19937 random(20261122);
  size_t given = 0, refused = 0;
  for (int round = 0; round < 20000; ++round) {
    const auto s = any_situation(random);
    const auto selection = select(s.model, s.use, s.wish);
    std::set<std::string> codes;
    for (const auto& line : selection.lines) EXPECT_TRUE(codes.insert(line.substr(0, 4)).second) << line;
    for (const auto& v : verdicts(selection)) {
      EXPECT_EQ(v.decisive.obstacle == Obstacle::none, selection.drive == v.drive) << round;
    }
    if (!selection.drive) {
      ++refused;
      continue;
    }
    ++given;
    const auto& facts = s.model.drives[*selection.drive];
    const auto& use = s.use.drives[*selection.drive];
    EXPECT_FALSE(use.lock || !use.misconfigured.empty() || use.unmounted || !use.enabled || use.reading) << round;
    EXPECT_TRUE(facts.media_type == "LTO" && facts.auto_select && (!s.wish.append || !facts.read_only)) << round;
    const auto jobs = use.writers + use.reserved;
    EXPECT_TRUE(s.wish.append || jobs == 0) << round;
    EXPECT_TRUE(!s.wish.append || jobs == 0 || use.pool == "Full") << round;
    EXPECT_TRUE(!s.wish.append || facts.max_jobs == 0 || jobs < facts.max_jobs) << round;
  }
  EXPECT_GT(given, 1000u);
  EXPECT_GT(refused, 1000u);
}

TEST(Verdicts, NameTheObstacleThatIsNoMatterOfTaste) {
  Situation s;
  s.held_by_other(0);
  s.model.drives[1].auto_select = false;
  const auto all = verdicts(select(s.model, s.use, s.wish));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].drive, 0u);
  EXPECT_EQ(all[0].decisive.obstacle, Obstacle::lock);
  ASSERT_EQ(all[0].others.size(), 1u);
  EXPECT_EQ(all[0].others[0].obstacle, Obstacle::nothing_mounted);
  EXPECT_EQ(all[1].decisive.obstacle, Obstacle::not_auto_select);
}

TEST(Verdicts, ADriveThatIsGivenInTheEndIsGiven) {
  Situation s;
  const auto all = verdicts(select(s.model, s.use, s.wish));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].decisive.obstacle, Obstacle::none);
}

TEST(Explain, SaysWhoUsesTheDriveAndWhatToDo) {
  Situation s;
  s.writing(0, "I1", "Incr", 2);
  s.use.drives[0].reserved = 1;
  const auto text = explain({7, 0, Obstacle::other_pool, {}}, s.model, s.use, s.wish);
  EXPECT_EQ(text.why, "2 jobs write to it, 1 job has reserved it for Pool \"Incr\", and the job wants Pool \"Full\"");
  EXPECT_EQ(text.what_to_do, "Nothing: it waits for them to end. A drive writes for one Pool at a time");
}

TEST(Explain, NamesTheOtherDaemonsKey) {
  Situation s;
  s.held_by_other(1);
  const auto text = explain({7, 1, Obstacle::lock, {}}, s.model, s.use, s.wish);
  EXPECT_EQ(text.why, "another Storage Daemon holds the drive: its key is 0xbac999");
  EXPECT_THAT(text.what_to_do, testing::HasSubstr("storage-ctl CONTROL-DEVICE preempt 0xbac999"));
  s.model.drives[1].control_device = "/dev/sg4";
  EXPECT_THAT(explain({7, 1, Obstacle::lock, {}}, s.model, s.use, s.wish).what_to_do,
              testing::HasSubstr("storage-ctl /dev/sg4 preempt 0xbac999"));
}

TEST(Explain, HasWordsForEveryObstacle) {
  Situation s;
  s.held_by_other(0);
  s.use.drives[0].misconfigured = "it has no Control Device";
  for (int i = 0; i <= static_cast<int>(Obstacle::misconfigured); ++i) {
    EXPECT_FALSE(explain({7, 0, static_cast<Obstacle>(i), {}}, s.model, s.use, s.wish).why.empty()) << i;
  }
}

}  // namespace
}  // namespace shstore::reserve
