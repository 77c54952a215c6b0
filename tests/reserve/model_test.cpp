// Orders of events, breadth first: up to three hosts with two jobs each on one drive, with crashes, broken locks and power
// cycles at any step, and every input that an engine has. The engines are the real ones; the drive is a model of SPC-4's rules
// (model.h). Some sites are small enough for every order there is: of those the number of states is known. The others are
// explored as far as their share goes, and say so.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <unordered_set>

#include "world.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

#ifdef __SANITIZE_ADDRESS__
constexpr size_t kShare = 10;  // the sanitizers take ten times as long
#else
constexpr size_t kShare = 1;
#endif

struct Search {
  const char* name;
  Site site;
  size_t every;          ///< of so many states one is run out to its end
  size_t most = 100000;  ///< states; the rest of the site is not explored
  size_t all = 0;        ///< or: that many states there are, and each is looked at
};

Site with_outsiders(Site site) {
  site.outsiders = true;
  return site;
}

Site with_all_inputs(Site site) {
  site.changes_volume = site.impatient = site.other_drives = true;
  return site;
}

Site with_pauses(Site site) {
  site.outsiders = site.changes_volume = site.pauses = true;
  return site;
}

const Search kSites[] = {
    {"one host, one job, two faults", {1, 1, 2}, 3, 0, 45042},
    {"one host, two jobs, one fault", {1, 2, 1}, 3, 0, 34036},
    {"one host, one job, one fault, all inputs", with_all_inputs({1, 1, 1}), 5, 0, 94833},
    {"one host with a Lock Command, two jobs, one fault", {1, 2, 1, true, true, false, false}, 5, 0, 23719},
    {"two hosts without hand-off, one job each, no fault", {2, 1, 0, false}, 11, 0, 152512},
    {"two hosts with a Lock Command, one job each, no fault", {2, 1, 0, true, true, false, false}, 101, 0, 515788},
    {"one host, two jobs, three faults", {1, 2, 3}, 9, 50000},
    {"one host, two jobs, two faults, all inputs", with_all_inputs({1, 2, 2}), 9, 80000},
    {"two hosts, one job each, no fault", {2, 1, 0}, 5},
    {"two hosts, one job each, two faults", {2, 1, 2}, 5},
    {"two hosts, one job each, one fault, all inputs", with_all_inputs({2, 1, 1}), 9},
    {"two hosts, two jobs each, one fault", {2, 2, 1}, 11, 100000},
    {"three hosts, one job each, one fault", {3, 1, 1}, 11, 100000},
    {"three hosts, two jobs each, one fault, all inputs", with_all_inputs({3, 2, 1}), 17, 120000},
    {"two hosts on a drive that does not count unregistering, two faults", {2, 1, 2, true, false}, 5},
    {"one host that keeps the device open, two jobs, two faults", {1, 2, 2, true, true, true}, 5},
    {"two hosts that keep the device open, one job each, one fault, all inputs",
     with_all_inputs({2, 1, 1, true, true, true}), 5},
    {"one host that others open, one job, one fault", with_outsiders({1, 1, 1}), 5},
    {"one host that others open and that keeps it open, one job, one fault",
     with_outsiders({1, 1, 1, true, true, true}), 5},
    {"two hosts that others open, one job each, no fault", with_outsiders({2, 1, 0}), 7},
    {"two hosts that others open and that keep it open, one job each, one fault",
     with_outsiders({2, 1, 1, true, true, true}), 7},
    {"two hosts with a Lock Command that others open, one job each, no fault",
     with_outsiders({2, 1, 0, true, true, false, false}), 7},
    {"one host that gives the lock back under a job, one job, no fault", with_pauses({1, 1, 0}), 11, 0, 79027},
    {"one host that gives the lock back under a job, two jobs, two faults", with_pauses({1, 2, 2}), 7},
    {"two hosts that give the lock back under a job, one job each, one fault", with_pauses({2, 1, 1}), 7},
    {"two hosts that give the lock back under a job, two jobs each, no fault", with_pauses({2, 2, 0}), 11},
    {"two hosts with a Lock Command, two jobs each, one fault", {2, 2, 1, true, true, false, false}, 5},
};

class Model : public testing::TestWithParam<Search> {
 protected:
  struct Origin {
    uint32_t parent;
    Step step;
  };
  struct Hash {
    size_t operator()(const Digest::Value& v) const { return v.first; }
  };
  std::string path_to(uint32_t state) const {
    std::string path;
    for (; state != 0; state = origins[state].parent) path = to_text(origins[state].step) + "; " + path;
    return path;
  }
  std::vector<Origin> origins{{0, {Step::Kind::time}}};
};

TEST_P(Model, NeverTwoWritersNoLeakNobodyWaitsForEver) {
  const auto& search = GetParam();
  const size_t most = (search.all != 0 ? 2 * search.all : search.most) / kShare;
  std::vector<std::pair<uint32_t, World>> level{{0, World(search.site)}};
  std::unordered_set<Digest::Value, Hash> seen{level.front().second.digest()};
  std::set<Step::Kind> done;
  size_t transitions = 0, run_out = 0;
  int depth = 0;
  bool complete = false;
  for (; !complete && seen.size() < most; ++depth) {
    std::vector<std::pair<uint32_t, World>> next;
    for (const auto& [id, world] : level) {
      for (const auto& step : world.possible()) {
        World after = world;
        after.apply(step);
        ++transitions;
        ASSERT_EQ(after.broken(), "") << path_to(id) << to_text(step);
        if (!seen.insert(after.digest()).second) continue;
        done.insert(step.kind);
        origins.push_back({id, step});
        const auto number = static_cast<uint32_t>(origins.size() - 1);
        if (number % search.every == 0) {
          ++run_out;
          ASSERT_EQ(after.run_out(20min), "") << path_to(number);
        }
        next.emplace_back(number, std::move(after));
        if (seen.size() >= most) break;
      }
      if (seen.size() >= most) break;
    }
    complete = next.empty();
    level = std::move(next);
  }
  std::printf("%s: %zu states, %zu transitions, depth %d, %s; %zu run out to the end\n", search.name, seen.size(),
              transitions, depth, complete ? "complete" : "no further", run_out);
  if (search.all == 0) {
    EXPECT_FALSE(complete) << "this site can be explored to its end: give the number of its states";
  } else if (kShare == 1) {
    ASSERT_TRUE(complete);
    EXPECT_EQ(done, steps_of(search.site)) << "a kind of step has never led anywhere";
    EXPECT_EQ(seen.size(), search.all);
  }
}

INSTANTIATE_TEST_SUITE_P(Sites, Model, testing::ValuesIn(kSites),
                         [](const auto& site) { return "Site" + std::to_string(site.index); });

}  // namespace
}  // namespace shstore::reserve
