#include "scsi/base/printable.h"

#include <gtest/gtest.h>

#include "scsi/base/utf8.h"

namespace {

using namespace shstore::base;

TEST(Printable, LetsTextThroughAsItIs) {
  EXPECT_EQ(printable("LTO-9 drive, Größe 3 \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x93\xBC"),
            "LTO-9 drive, Größe 3 \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x93\xBC");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, NothingMovesTheCursorOrEndsTheLine) {
  EXPECT_EQ(printable("a\x1b[31mb\x07\x7f\tc"), "a?[31mb???c");
  EXPECT_EQ(printable("one\n::error file=a::forged\r\n"), "one?::error file=a::forged??");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "?31m");  // CSI as one C1 character
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a?b");
}

TEST(Printable, NothingCommandsAWorkflowInTheMiddleOfALine) {
  EXPECT_EQ(printable("a ##[error file=a]forged # [x] ##"), "a ##?error file=a]forged # [x] ##");
  EXPECT_EQ(printable_lines("##[group]\n###[["), "##?group]\n###?[");
  EXPECT_EQ(printable_json(R"({"a": "##[error]"})"), R"({"a": "##\u005berror]"})");
  EXPECT_EQ(printable(printable("##[##[")), printable("##[##["));
}

TEST(Printable, AWorkflowsCommandIsKnown) {
  for (const auto* text :
       {"::error::x", " \t::warning file=a::x", "-a\r::error::x", "one\ntwo ##[error]x\n", "\r\n ::x"})
    EXPECT_TRUE(commands_a_workflow(text)) << text;
  for (const auto* text : {"", "-::error::x", "+ ::x", "a::b", ": :", "# [x]", "\n\n", "##"})
    EXPECT_FALSE(commands_a_workflow(text)) << text;
}

TEST(Printable, NothingTurnsTheDirectionOrHides) {
  EXPECT_EQ(printable("a\u202Eb\u2066c\u200Ed\u061Ce"), "a?b?c?d?e");
  EXPECT_EQ(printable("a\u2028b\u2029c\uFEFFd\u200Be\u00ADf"), "a?b?c?d?e?f");
  EXPECT_EQ(printable("a\U000E0041b\uFFFEc"), "a?b?c");
}

TEST(Printable, WhatIsNoUtf8IsReplacedByteByByte) {
  EXPECT_EQ(printable("a\xff"
                      "b\x9b"),
            "a?b?");
  EXPECT_EQ(printable("\xC0\xAF"), "??");            // overlong /
  EXPECT_EQ(printable("\xED\xA0\x80"), "???");       // a surrogate
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "????");  // above U+10FFFF
  EXPECT_EQ(printable("ab\xE2\x80"), "ab??");        // cut off
}

TEST(Printable, LinesStayLinesWhereTheyAreMeantToBe) { EXPECT_EQ(printable_lines("one\ntwo\x1b\r\n"), "one\ntwo??\n"); }

TEST(Printable, TextKeepsItsTabsToo) {
  EXPECT_EQ(printable_text("one\t1\x1b\n\ttwo\r\n"), "one\t1?\n\ttwo?\n");
  EXPECT_EQ(printable_text("::error::x\n \t::y\na::b\n::"), "?:error::x\n \t?:y\na::b\n?:");
}

TEST(Printable, JsonKeepsWhatItSaysAndShowsNothingElse) {
  EXPECT_EQ(printable_json("{\n  \"a\": \"Größe\"\n}"), "{\n  \"a\": \"Größe\"\n}");
  EXPECT_EQ(printable_json("\"a\x7f\xC2\x9B"
                           "31m\u202E\u2028\uFEFF\""),
            R"("a\u007f\u009b31m\u202e\u2028\ufeff")");
  EXPECT_EQ(printable_json("\"\U000E0041\""), R"("\udb40\udc41")");
  EXPECT_EQ(printable_json("\"\xff\""), "\"\uFFFD\"");
}

TEST(Printable, TheReplacementIsTheCallersChoice) { EXPECT_EQ(printable("a\x1b", kReplacementCharacter), "a\uFFFD"); }

TEST(Utf8, TellsCodeAndLength) {
  EXPECT_EQ(first_character("a").code, U'a');
  EXPECT_EQ(first_character("\xF0\x9F\x93\xBCx").code, char32_t{0x1F4FC});
  EXPECT_EQ(first_character("\xF0\x9F\x93\xBCx").bytes, 4u);
  EXPECT_FALSE(first_character("\x80").valid);
  EXPECT_EQ(first_character("\xE2\x80").bytes, 1u);
}

}  // namespace
