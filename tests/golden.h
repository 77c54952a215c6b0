// Golden files: what a program prints, kept as text under tests/golden/ and compared letter by letter.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace shstore::tests {

/// Compares `text` with tests/golden/`name`. With UPDATE_GOLDEN=1 in the environment the file is written instead:
/// then read the difference before you commit it.
testing::AssertionResult equals_golden(const std::string& text, const std::string& name);

}  // namespace shstore::tests
