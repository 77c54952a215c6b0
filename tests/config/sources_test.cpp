#include "config/sources.h"

#include <gtest/gtest.h>

#include "loading.h"

namespace shstore::config::testing {
namespace {

TEST(Sources, LinesOfAText) {
  const std::string text = "one\n\nthree\nno end";
  const Lines lines(text);
  EXPECT_EQ(lines.count(), 4U);
  for (const auto& [number, line] :
       std::map<uint32_t, std::string>{{0, ""}, {1, "one"}, {2, ""}, {3, "three"}, {4, "no end"}, {5, ""}}) {
    EXPECT_EQ(line_of(text, number), line) << number;
    EXPECT_EQ(lines.line(number), line) << number;
  }
  EXPECT_EQ(lines.offset(3, 2), 6U);
  EXPECT_EQ(lines.offset(5, 1), text.size());
  EXPECT_EQ(lines.offset(0, 0), text.size());
  EXPECT_EQ(Lines("").count(), 0U);
  EXPECT_EQ(line_of("", 1), "");
}

TEST(Sources, EveryLineOfALongText) {
  std::string text;
  for (int i = 1; i <= 1000; ++i) text += std::to_string(i) + "\n";
  const Lines lines(text);
  EXPECT_EQ(lines.count(), 1000U);
  for (uint32_t i = 1; i <= 1000; ++i) {
    EXPECT_EQ(lines.line(i), std::to_string(i));
    EXPECT_EQ(text.substr(lines.offset(i, 1), lines.line(i).size()), std::to_string(i));
  }
}

TEST(Sources, KeptTextsStayWhereTheyAre) {
  Sources sources;
  std::vector<std::string_view> kept;
  for (int i = 0; i < 50'000; ++i) kept.push_back(sources.keep(std::to_string(i)));
  const std::string_view large = sources.keep(std::string(100'000, 'x'));
  for (int i = 0; i < 50'000; ++i) EXPECT_EQ(kept[static_cast<size_t>(i)], std::to_string(i));
  EXPECT_EQ(large.size(), 100'000U);
}

TEST(Sources, TextsAreKeptAsBaculaReadsThem) {
  const SdConfig config = load_files({{"sd.conf", "\xEF\xBB\xBF# a\r\n@b\r"}, {"b", "# no line end"}});
  ASSERT_TRUE(config.sources);
  ASSERT_EQ(config.sources->files.size(), 2U);
  EXPECT_EQ(config.sources->files[0].path, "sd.conf");
  EXPECT_EQ(config.sources->files[0].text, "# a\n@b\n");
  EXPECT_EQ(config.sources->files[1].path, "b");
  EXPECT_EQ(config.sources->files[1].text, "# no line end\n");
}

}  // namespace
}  // namespace shstore::config::testing
