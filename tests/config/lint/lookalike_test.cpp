#include "config/lint/lookalike.h"

#include <gtest/gtest.h>

namespace shstore::config::lint {
namespace {

TEST(Lookalike, FoldsWhatTheEyeFolds) {
  EXPECT_EQ(folded("LT09_1_Drive0"), folded("LTO9-1-DriveO"));
  EXPECT_EQ(folded("LT0-Changer-1"), folded("LTO-Changer-l"));
  EXPECT_EQ(folded("TapeI"), folded("tape1"));
  EXPECT_NE(folded("Drive-1"), folded("Drive-2"));
  EXPECT_NE(folded("Drive1-1"), folded("Drive11"));
  EXPECT_EQ(folded_tightly("LTO-9"), folded_tightly("LT09"));
  EXPECT_NE(folded_tightly("LTO-9"), folded_tightly("LTO-8"));
}

TEST(Lookalike, SaysWhatDiffers) {
  EXPECT_EQ(difference("LT0", "LTO"), "the digit \"0\" in one, the letter \"O\" in the other");
  EXPECT_EQ(difference("LTO-9", "LTO9"), "one has the sign \"-\" more");
  EXPECT_EQ(difference("LTO9", "LTO 9"), "one has a blank more");
  EXPECT_EQ(difference("lto", "LTO"), "the letter \"l\" in one, the letter \"L\" in the other");
  EXPECT_EQ(difference("LTO", "LTO-"), "one has the sign \"-\" more");
  EXPECT_EQ(difference("a-b", "a_b"), "the sign \"-\" in one, the sign \"_\" in the other");
  EXPECT_EQ(difference("LTO", "LTO"), "");
}

}  // namespace
}  // namespace shstore::config::lint
