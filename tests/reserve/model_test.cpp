// Every order of events, breadth first: up to three hosts with two jobs each on one drive, with crashes,
// broken locks and power cycles at any step. The engines are the real ones; the drive is a model of SPC-4's
// rules (model.h).
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
  size_t states;  ///< at most
  size_t every;   ///< of so many states one is run out to its end
};

class Model : public testing::TestWithParam<Search> {
 protected:
  struct Origin {
    uint32_t parent;
    Step step;
  };
  std::string path_to(uint32_t state) const {
    std::string path;
    for (; state != 0; state = origins[state].parent) path = to_text(origins[state].step) + "; " + path;
    return path;
  }
  std::vector<Origin> origins{{0, {Step::Kind::time}}};
};

TEST_P(Model, NeverTwoWritersNoLeakNobodyWaitsForEver) {
  const auto& [name, site, all, every] = GetParam();
  const size_t most = all / kShare;
  std::vector<std::pair<uint32_t, World>> level{{0, World(site)}};
  std::unordered_set<std::string> seen{level.front().second.fingerprint()};
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
        if (!seen.insert(after.fingerprint()).second) continue;
        origins.push_back({id, step});
        const auto number = static_cast<uint32_t>(origins.size() - 1);
        if (number % every == 0) {
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
  std::printf("%s: %zu states, %zu transitions, depth %d%s; %zu run out to the end\n", name, seen.size(),
              transitions, depth, complete ? ", complete" : "", run_out);
  EXPECT_TRUE(complete || seen.size() >= most) << seen.size();
}

INSTANTIATE_TEST_SUITE_P(Sites, Model,
                         testing::Values(Search{"one host, two jobs, three faults", {1, 2, 3}, 100000, 5},
                                         Search{"two hosts, one job each, no fault", {2, 1, 0}, 100000, 5},
                                         Search{"two hosts, one job each, two faults", {2, 1, 2}, 100000, 5},
                                         Search{"two hosts, two jobs each, one fault", {2, 2, 1}, 150000, 7},
                                         Search{"three hosts, one job each, one fault", {3, 1, 1}, 150000, 7},
                                         Search{
                                             "three hosts, two jobs each, one fault", {3, 2, 1}, 200000, 9},
                                         Search{"two hosts on a drive that does not count unregistering, two faults",
                                                {2, 1, 2, true, false}, 100000, 5},
                                         Search{"one host that keeps the device open, two jobs, two faults",
                                                {1, 2, 2, true, true, true}, 100000, 5},
                                         Search{"two hosts that keep the device open, one job each, one fault",
                                                {2, 1, 1, true, true, true}, 100000, 5},
                                         Search{"two hosts with a Lock Command, two jobs each, one fault",
                                                {2, 2, 1, true, true, false, false}, 100000, 5}),
                         [](const auto& site) { return "Site" + std::to_string(site.index); });

}  // namespace
}  // namespace shstore::reserve
