// One host that moves, beside another, at a library of the target's.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated.h"

namespace shstore::changer::program {

struct Moving : testing::Test {
  SimulatedLibrary library;
  Host cibou{library, "cibou", kCibouKey, {"sg0", "sg1", "sg2"}};
  Host dir{library, "dir", kDirKey, {"sg4", "sg5", "sg6"}};

  bool untouched(const std::string& device) {
    const auto state = library.lock_state(device);
    return state.keys.empty() && !state.reservation;
  }
  void expect_nothing_left() {
    for (const auto& device : {cibou.control(0), cibou.control(1), cibou.robot()})
      EXPECT_TRUE(untouched(device)) << device;
  }
  // Status, last line of what was said.
  void expect_refused(Host& host, int status, const std::string& said) {
    EXPECT_THAT(host.err, testing::HasSubstr(said));
    EXPECT_EQ(host.err.back(), '\n');
    EXPECT_EQ(last, status);
  }
  int last = 0;
};

}  // namespace shstore::changer::program
