// A job that takes about as long as the last ones of its name: those who wait are told before its end.
#include <gtest/gtest.h>

#include "agent.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;

struct Foretold : Agent {
  Foretold() { name = "nightly.2026-11-30_17.20.00_05"; }
  size_t looks() {
    const auto all = drive.performed();
    return static_cast<size_t>(std::count(all.begin(), all.end(), Action::look));
  }
};

TEST_F(Foretold, ThoseWhoWaitAreToldAboutWhenTheLastOneOfThatNameEnded) {
  common->lengths.add("nightly", 5s);
  const auto soonest = std::chrono::steady_clock::now() + common->lengths.tell_after("nightly").front();
  ASSERT_TRUE(start().request(1, 7).granted);
  drive_is([](auto& d) { d.waiting = {"0xbac999"}; });
  agent->prove(kPatient);
  ASSERT_TRUE(until([&] { return drive.told_near > 0; }));
  EXPECT_GE(std::chrono::steady_clock::now(), soonest);
  EXPECT_EQ(drive.told_near, 1);
}

TEST_F(Foretold, WhetherAnybodyWaitsIsLookedAtThen) {
  common->lengths.add("nightly", 5s);
  timing.verify = timing.verify_closed = 1h;
  ASSERT_TRUE(start().request(1, 7).granted);
  drive_is([](auto& d) { d.waiting = {"0xbac999"}; });  // since the last look
  EXPECT_TRUE(until([&] { return drive.told_near == 1; }));
}

TEST_F(Foretold, NobodyIsToldWhereNobodyWaits) {
  common->lengths.add("nightly", 5s);
  timing.verify = timing.verify_closed = 1h;
  ASSERT_TRUE(start().request(1, 7).granted);
  const auto before = looks();
  const auto latest = std::chrono::steady_clock::now() + common->lengths.tell_after("nightly").front();
  ASSERT_TRUE(until([&] { return looks() > before && std::chrono::steady_clock::now() >= latest; }))
      << "it has looked whether anybody does";
  agent->prove(kPatient);  // the worker has dealt with that look
  EXPECT_EQ(drive.told_near, 0);
}

TEST_F(Foretold, AJobThatEndsIsRememberedByItsName) {
  auto& a = start();
  ASSERT_TRUE(a.request(1, 7).granted);
  ASSERT_TRUE(until([&] { return names_asked > 0; }));
  agent->prove(kPatient);  // the worker knows the name
  a.end(1);
  const std::lock_guard known(common->mutex);
  EXPECT_EQ(common->lengths.names(), 1u);
}

TEST_F(Foretold, AJobWithoutANameIsNot) {
  name.clear();
  auto& a = start();
  ASSERT_TRUE(a.request(1, 7).granted);
  ASSERT_TRUE(until([&] { return names_asked > 0; }));
  agent->prove(kPatient);
  a.end(1);
  const std::lock_guard known(common->mutex);
  EXPECT_EQ(common->lengths.names(), 0u);
}

}  // namespace
}  // namespace shstore::plugin
