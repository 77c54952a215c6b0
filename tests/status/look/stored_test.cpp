#include "status/look/stored.h"

#include <gtest/gtest.h>

#include "serve/stored_site.h"
#include "status/look/condition.h"

namespace shstore::status {
namespace {

using tests::StoredSite;

Condition state_of_drive(const StoredReading& reading) {
  const auto& sd = reading.daemons.at(0).snapshot;
  return condition_of(sd, sd.devices.at(0));
}

TEST(Stored, AFolderTellsWhatItsDaemonsKnow) {
  const StoredSite site;
  site.write_file("other.txt", "not a state");
  const auto reading = read_stored({site.folder()});
  ASSERT_EQ(reading.daemons.size(), 1u);
  EXPECT_TRUE(reading.unreadable.empty());
  const auto& sd = reading.daemons[0].snapshot;
  EXPECT_EQ(sd.sd_name, "cibou-sd");
  EXPECT_EQ(sd.life, Life::runs);
  ASSERT_EQ(sd.devices.size(), 1u);
  EXPECT_TRUE(sd.devices[0].protected_);
  EXPECT_EQ(sd.devices[0].key, "0xbac001");
  EXPECT_EQ(sd.devices[0].claims.at(0).job, 7u);
  EXPECT_EQ(state_of_drive(reading), Condition::locked);
}

TEST(Stored, WhatTheStateSaysIsTheStateThatIsShown) {
  StoredSite site;
  auto& drive = site.state.drives[0];
  const auto shown = [&] {
    site.write();
    return state_of_drive(read_stored({site.path("cibou-sd.shstore.json")}));
  };
  drive.claims.clear();
  drive.locked = false;
  EXPECT_EQ(shown(), Condition::free);
  drive.blocked_by = "0xbac999";
  EXPECT_EQ(shown(), Condition::blocked);
  drive.other_product = true;
  EXPECT_EQ(shown(), Condition::other_product);
  drive.other_product = false;
  drive.lost = true;
  drive.claims = {{7, site.state.started, "Job.7"}};
  EXPECT_EQ(shown(), Condition::lost);
  drive.lost = false;
  drive.problem = "Control Device is missing";
  EXPECT_EQ(shown(), Condition::misconfigured);
  drive.problem.clear();
  drive.key.clear();
  EXPECT_EQ(shown(), Condition::own_command);
}

TEST(Stored, OfADaemonThatHasEndedNoLockIsKnown) {
  StoredSite site;
  site.state.running = false;
  site.write();
  const auto reading = read_stored({site.folder()});
  EXPECT_EQ(reading.daemons.at(0).snapshot.life, Life::ended);
  EXPECT_EQ(state_of_drive(reading), Condition::cannot_be_asked);
}

TEST(Stored, WhatCannotBeReadIsToldAndHidesNothingElse) {
  const StoredSite site;
  site.write_file("torn-sd.shstore.json", "{\"schema\":\"shstore-state/1\"");
  const auto reading = read_stored({site.folder(), site.path("missing"), site.folder() + "/cibou-sd.shstore.history"});
  EXPECT_EQ(reading.daemons.size(), 1u);
  EXPECT_EQ(reading.unreadable.size(), 3u);
  EXPECT_NE(reading.daemons[0].history_error, "") << "there is no history";
}

TEST(Stored, AFolderWithoutAStateSaysWhatItShouldBe) {
  const StoredSite site;
  std::filesystem::remove(site.path("cibou-sd.shstore.json"));
  const auto reading = read_stored({site.folder()});
  ASSERT_EQ(reading.unreadable.size(), 1u);
  EXPECT_NE(reading.unreadable[0].message.find("Working Directory"), std::string::npos);
}

TEST(Stored, TheHistoryBesideTheStateIsRead) {
  const StoredSite site;
  site.write_file(
      "cibou-sd.shstore.history",
      "{\"at\":\"2026-11-22T10:48:52Z\",\"event\":\"lock-taken\",\"drive\":\"Drive-0\",\"key\":\"0xbac001\"}\n");
  const auto reading = read_stored({site.folder()});
  EXPECT_EQ(reading.daemons.at(0).history.size(), 1u);
  EXPECT_EQ(reading.daemons[0].history_error, "");
}

}  // namespace
}  // namespace shstore::status
