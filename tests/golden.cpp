#include "golden.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace shstore::tests {

testing::AssertionResult equals_golden(const std::string& text, const std::string& name) {
  const auto path = std::filesystem::path(SHSTORE_GOLDEN) / name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return testing::AssertionSuccess();
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return testing::AssertionFailure() << "there is no golden file " << name;
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  if (text == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure() << name << " differs.\n--- expected\n" << expected << "--- got\n" << text;
}

}  // namespace shstore::tests
