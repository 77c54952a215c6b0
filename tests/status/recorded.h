// What real Storage Daemons of 9.6.7 and 15.0.3 printed, kept under tests/golden/status/recorded/.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace shstore::tests {

inline std::string recorded_status(const std::string& name) {
  std::ifstream in(std::string(SHSTORE_ROOT) + "/tests/golden/status/recorded/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace shstore::tests
