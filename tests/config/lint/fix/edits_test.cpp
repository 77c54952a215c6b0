// Edits on bytes: what they change and, above all, what they leave alone.
#include "config/lint/fix/edits.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace shstore::config::lint {
namespace {

Edit edit(uint32_t line, uint32_t column, uint32_t length, std::string text) {
  return {{"sd.conf", line, column, length}, std::move(text)};
}

std::string applied(std::string_view bytes, std::vector<Edit> edits) {
  const auto result = apply_edits(bytes, edits);
  return result ? *result : "error: " + result.error();
}

/// The text as Bacula reads it, by the shortest code that could do it.
std::string as_read(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') continue;
    text += bytes[i] == '\r' ? '\n' : bytes[i];
  }
  return text;
}

std::string ended(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

Edit edit_at(const std::string& text, size_t offset, size_t length, std::string insert) {
  const auto before = text.substr(0, offset);
  const auto line = static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
  const size_t start = before.rfind('\n') == std::string::npos ? 0 : before.rfind('\n') + 1;
  return edit(line, static_cast<uint32_t>(offset - start + 1), static_cast<uint32_t>(length), std::move(insert));
}

rc::Gen<std::string> any_bytes() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(
                          rc::gen::element<std::string>("\n", "\r\n", "\r", "a", "b = c", " ", "\t", "#", "\xC3\xA4")),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const std::string& part : parts) text += part;
                        return text;
                      });
}

RC_GTEST_PROP(Edits, NoneLeaveEveryByteAsItIs, (std::string bytes)) { RC_ASSERT(applied(bytes, {}) == bytes); }

// The reference works on the text as Bacula reads it; the real thing on the bytes. Both must mean the same.
RC_GTEST_PROP(Edits, RandomOnesDoWhatTheReferenceDoes, ()) {
  const std::string bytes = *rc::gen::element<std::string>("", "\xEF\xBB\xBF") + *any_bytes();
  const std::string text = ended(as_read(bytes));
  auto cuts = *rc::gen::container<std::vector<size_t>>(8, rc::gen::inRange<size_t>(0, text.size() + 1));
  std::sort(cuts.begin(), cuts.end());
  std::string expected = text;
  std::vector<Edit> edits;
  for (size_t i = cuts.size(); i >= 2; i -= 2) {
    const size_t first = cuts[i - 2], length = cuts[i - 1] - first;
    if (i < cuts.size() && cuts[i - 1] == cuts[i]) continue;  // only one edit at each place
    const auto insert = *rc::gen::element<std::string>("", "x", "new = line\n", "\nnew = line");
    expected.replace(first, length, insert);
    edits.push_back(edit_at(text, first, length, insert));
  }
  const auto result = apply_edits(bytes, edits);
  RC_ASSERT(result.has_value());
  const std::string got = as_read(*result);
  RC_ASSERT((got == expected || got + '\n' == expected));
  const bool unfinished = !as_read(bytes).empty() && as_read(bytes).back() != '\n';
  if (!unfinished) RC_ASSERT(got == expected);
  RC_ASSERT(result->starts_with("\xEF\xBB\xBF") == bytes.starts_with("\xEF\xBB\xBF"));
}

RC_GTEST_PROP(Edits, OnCrLfTextKeepCrLf, ()) {
  const auto lines = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a = b", "", "\tx", "# y")));
  std::string bytes;
  for (const std::string& line : lines) bytes += line + "\r\n";
  const auto line = *rc::gen::inRange<uint32_t>(1, static_cast<uint32_t>(lines.size()) + 2);
  const std::string result = applied(bytes, {edit(line, 1, 0, "one\ntwo\n")});
  for (size_t i = 0; i < result.size(); ++i) RC_ASSERT((result[i] != '\n' || (i > 0 && result[i - 1] == '\r')));
  RC_ASSERT(result.size() == bytes.size() + 10);
}

TEST(Edits, ReplaceInsertAndRemove) {
  EXPECT_EQ(applied("a = 1\nb = 2\n", {edit(1, 5, 1, "10")}), "a = 10\nb = 2\n");
  EXPECT_EQ(applied("a = 1\nb = 2\n", {edit(1, 6, 0, "\n\tc = 3")}), "a = 1\n\tc = 3\nb = 2\n");
  EXPECT_EQ(applied("a = 1\nb = 2\n", {edit(1, 1, 6, "")}), "b = 2\n");
  EXPECT_EQ(applied("a = 1\nb = 2\n", {edit(2, 5, 1, "3"), edit(1, 5, 1, "2")}), "a = 2\nb = 3\n");
}

TEST(Edits, AcrossLineEndsALineEndIsOneByte) {
  EXPECT_EQ(applied("a\r\nb\r\nc", {edit(1, 1, 4, "")}), "c");
  EXPECT_EQ(applied("a\rb\nc", {edit(1, 2, 1, " ")}), "a b\nc");
}

TEST(Edits, AByteOrderMarkDoesNotCount) {
  EXPECT_EQ(applied("\xEF\xBB\xBF"
                    "a\r\n",
                    {edit(1, 1, 1, "b")}),
            "\xEF\xBB\xBF"
            "b\r\n");
}

TEST(Edits, AMissingLastLineEndStaysMissing) {
  EXPECT_EQ(applied("a\r\nb", {edit(2, 2, 0, "\nc")}), "a\r\nb\r\nc");
  EXPECT_EQ(applied("a\nb", {edit(1, 1, 1, "x")}), "x\nb");
  EXPECT_EQ(applied("a\nb", {edit(3, 1, 0, "c")}), "a\nb\nc");
  EXPECT_EQ(applied("a", {edit(1, 1, 2, "")}), "");
}

TEST(Edits, ALoneCarriageReturnStaysALineEndOfItsOwn) {
  EXPECT_EQ(applied("a\rX\nb", {edit(2, 1, 1, "")}), "a\r\n\nb");
}

TEST(Edits, EqualOnesCountOnce) {
  EXPECT_EQ(applied("a\n", {edit(1, 2, 0, "\nb"), edit(1, 2, 0, "\nb")}), "a\nb\n");
  EXPECT_EQ(applied("a\n", {edit(1, 1, 1, "b"), edit(1, 1, 1, "b")}), "b\n");
}

TEST(Edits, OnesThatOverlapOrLieOutsideAreErrors) {
  EXPECT_EQ(applied("abc\n", {edit(1, 1, 2, "x"), edit(1, 2, 2, "y")}), "error: sd.conf:1:2: two edits overlap");
  EXPECT_EQ(applied("abc\n", {edit(1, 1, 3, "x"), edit(1, 2, 0, "y")}), "error: sd.conf:1:2: two edits overlap");
  EXPECT_EQ(applied("abc\n", {edit(1, 1, 0, "x"), edit(1, 4, 0, "y")}), "xabcy\n");
  const std::string outside = ": there is no such place in the file: it changed since it was read";
  EXPECT_EQ(applied("abc\n", {edit(1, 5, 0, "x")}), "error: sd.conf:1:5" + outside);
  EXPECT_EQ(applied("abc\n", {edit(3, 1, 0, "x")}), "error: sd.conf:3:1" + outside);
  EXPECT_EQ(applied("abc\n", {edit(1, 1, 5, "x")}), "error: sd.conf:1:1" + outside);
  EXPECT_EQ(applied("abc\n", {edit(0, 0, 0, "x")}), "error: sd.conf:0:0" + outside);
}

TEST(Fixes, AreAppliedWholeOrNotAtAll) {
  const std::map<std::string, std::string> files{{"a", "one\n"}, {"b", "two\n"}};
  const Edit in_a{{"a", 1, 1, 3}, "1"}, in_b{{"b", 1, 1, 3}, "2"}, other_in_a{{"a", 1, 2, 1}, "x"},
      lost{{"c", 1, 1, 1}, ""};
  const std::vector<Fix> fixes{{"first", {in_a}}, {"overlaps", {in_b, other_in_a}}, {"unknown file", {in_b, lost}}};
  const AppliedFixes result = apply_fixes(fixes, files);
  EXPECT_EQ(result.files, (std::map<std::string, std::string>{{"a", "1\n"}}));
  EXPECT_EQ(result.applied, (std::vector<size_t>{0}));
  EXPECT_EQ(result.dropped, (std::vector<size_t>{1, 2}));
}

TEST(Fixes, ShareEqualEdits) {
  const Edit one{{"a", 1, 1, 3}, "1"}, two{{"a", 2, 1, 3}, "2"};
  const AppliedFixes result = apply_fixes(std::vector<Fix>{{"", {one}}, {"", {one, two}}}, {{"a", "one\ntwo\n"}});
  EXPECT_EQ(result.files.at("a"), "1\n2\n");
  EXPECT_EQ(result.applied.size(), 2U);
}

TEST(Fixes, InsertionsAtOnePlaceKeepTheirOrder) {
  const Fix first{"", {edit(1, 4, 0, "\n1")}}, second{"", {edit(1, 4, 0, "\n2")}};
  const AppliedFixes result = apply_fixes(std::vector<Fix>{first, second}, {{"sd.conf", "one\n"}});
  EXPECT_EQ(result.files.at("sd.conf"), "one\n1\n2\n");
}

}  // namespace
}  // namespace shstore::config::lint
