#include "config/command_words.h"

#include <gtest/gtest.h>

namespace shstore::config {
namespace {

using Words = std::vector<std::string>;

TEST(CommandWords, AreThoseOfBacula) {
  EXPECT_EQ(command_words("  mtx-changer %c '%o' \"a b\" '' \t last"),
            (Words{"mtx-changer", "%c", "%o", "a b", "", "last"}));
  EXPECT_EQ(command_words("x\"y z\" w"), (Words{"x\"y", "z\"", "w"})) << "a quote inside a word is a letter";
  EXPECT_EQ(command_words("'a b'c d"), (Words{"a b", "c", "d"})) << "the closing quote ends the word";
  EXPECT_EQ(command_words("a\tb \tc"), (Words{"a\tb", "c"})) << "a tab does not";
  EXPECT_EQ(command_words("a \"open to the end"), (Words{"a", "open to the end"}));
  EXPECT_EQ(command_words("a \""), Words{"a"});
  EXPECT_TRUE(command_words(" \t").empty());
  EXPECT_EQ(command_words(std::string(300, 'x') + " y\nz"), (Words{std::string(300, 'x'), "y\nz"}))
      << "nor does the end of a line";
}

TEST(CommandWords, BehindTheHundredthNoneIsSeen) {
  std::string many;
  for (int i = 0; i < 150; ++i) many += "w ";
  EXPECT_EQ(command_words(many).size(), 100U);
}

TEST(CommandWords, ACodeIsNotOneWhereItsPercentSignIsAnother) {
  EXPECT_TRUE(has_code("lock --device=%l", 'l'));
  EXPECT_FALSE(has_code("lock --device=%%l", 'l'));
  EXPECT_TRUE(has_code("%%%l", 'l'));
  EXPECT_FALSE(has_code("100%", 'l'));
}

TEST(CommandWords, AProgramMayBeRunByAnother) {
  EXPECT_TRUE(runs_program({"sudo", "/etc/bacula/scripts/shstore-changer", "%c"}, "shstore-changer"));
  EXPECT_FALSE(runs_program({"/etc/bacula/shstore-changer.d/mtx-changer"}, "shstore-changer"));
}

}  // namespace
}  // namespace shstore::config
