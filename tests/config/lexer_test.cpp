// Each rule of Bacula's lexer (lib/lex.c), seen through what it makes of a Device.
#include <gtest/gtest.h>

#include "loading.h"

namespace shstore::config::testing {
namespace {

/// The Lock Command that `value` stands for, with the complaints behind it if there are any.
std::string command(const std::string& value) {
  const SdConfig config = load(device("Lock Command = " + value + "\n"));
  if (config.devices.size() != 1) return "devices: " + std::to_string(config.devices.size());
  return std::string(*config.devices[0].lock_command) + complaints(config);
}

TEST(Lexer, CommentsEndAValueButNotInsideQuotes) {
  EXPECT_EQ(command("/a#b"), "/a");
  EXPECT_EQ(command("\"a#b\" # c"), "a#b");
  EXPECT_EQ(command("/a // b"), "/a");
  EXPECT_EQ(command("/* b */"), "/*");
}

TEST(Lexer, SemicolonEndsALine) {
  EXPECT_EQ(command("/a;Control Device = /dev/sg0"), "/a");
  EXPECT_EQ(command("\"a;b\";"), "a;b");
}

TEST(Lexer, BlanksVanishBetweenLettersOnly) {
  EXPECT_EQ(command("My Dev"), "MyDev");
  EXPECT_EQ(command("LTO 8"), "LTO8");
  EXPECT_EQ(command("My Dev-1 x"), "MyDev-1");
  EXPECT_EQ(command("/usr/bin/a b"), "/usr/bin/a");
  EXPECT_EQ(command("a\tb"), "ab");
  EXPECT_EQ(command("foo @bar"), "foo@bar");
}

TEST(Lexer, PunctuationEndsAnUnquotedValue) {
  EXPECT_EQ(command("a-b,c"), "a-b");
  EXPECT_EQ(command("a-b=c"), "a-b");
  EXPECT_EQ(command("it's"), "it's");
}

TEST(Lexer, QuotedStrings) {
  EXPECT_EQ(command(R"("a \"b\" \\ \n")"), R"(a "b" \ n)");
  EXPECT_EQ(command("\"two\nlines\""), "two\nlines");
  EXPECT_EQ(command("\"two\\\nlines\""), "two\nlines");
  EXPECT_EQ(command("\"\""), "");
  EXPECT_EQ(command("\"x\" garbage, more"), "x");
  EXPECT_EQ(command("\"@x\""), "@x");
}

TEST(Lexer, BackslashOutsideOfQuotesJoinsLines) {
  EXPECT_EQ(command("\\\n  /a"), "/a");
  EXPECT_EQ(command("\\ ignored\n  /a"), "/a");
}

TEST(Lexer, DirectiveNamesIgnoreCaseAndBlanks) {
  const SdConfig config = load("DEVICE{n a m e=D\nMEDIA\ttype=T\narchivedevice=/dev/nst0\n}");
  EXPECT_EQ(complaints(config), "");
  EXPECT_EQ(*config.devices.at(0).media_type, "T");
  EXPECT_EQ(*config.devices.at(0).archive_device, "/dev/nst0");
}

TEST(Lexer, EqualsAndBraceMayComeOnALaterLine) {
  const SdConfig config = load("Device\n\n{ Name\n = D; Media Type = T; Archive Device = /x }");
  EXPECT_EQ(complaints(config), "");
  EXPECT_EQ(*config.devices.at(0).name, "D");
}

TEST(Lexer, ATimeMayStandOnTheNextLineAStringMayNot) {
  const SdConfig time = load(device("Maximum Open Wait =\n  2 min\n"));
  EXPECT_EQ(*time.devices.at(0).maximum_open_wait, 120U);
  EXPECT_EQ(complaints(time), "");
  EXPECT_EQ(complaints(load(device("Lock Command =\n  /a\n"))),
            "sd.conf:5:1: error: Lock Command: the value is missing\n"
            "sd.conf:6:3: error: \"/a\" cannot be the name of a directive: names are made of letters and blanks\n");
}

TEST(Lexer, LineEndsOfAllSystems) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const SdConfig config = load("Device {" + end + "Name = D # c" + end + "Media Type = T" + end +
                                 "Archive Device = /x" + end + "}" + end + "Oops");
    EXPECT_EQ(complaints(config), "sd.conf:6:1: error: expected a resource such as \"Device {\", found \"Oops\"\n");
    EXPECT_EQ(*config.devices.at(0).media_type, "T");
  }
}

TEST(Lexer, ByteOrderMarkAtTheBeginning) {
  const SdConfig config = load("\xEF\xBB\xBF" + device(""));
  EXPECT_EQ(complaints(config), "");
  EXPECT_EQ(config.devices.at(0).at, (Location{0, 1, 1}));
}

TEST(Lexer, LocationsCountBytesFromOne) {
  const SdConfig config = load("# \xC3\xA4\n  Device { Name = \"D\";\n\tMedia Type = T\nArchive Device= /x}");
  const SdDevice& device = config.devices.at(0);
  EXPECT_EQ(device.at, (Location{0, 2, 3}));
  EXPECT_EQ(device.name.at, (Location{0, 2, 19}));
  EXPECT_EQ(device.media_type.at, (Location{0, 3, 15}));
  EXPECT_EQ(device.archive_device.at, (Location{0, 4, 17}));
  EXPECT_TRUE(device.name.given);
  EXPECT_FALSE(device.always_open.given);
}

TEST(Lexer, WordsLongerThanBaculasBuffer) {
  EXPECT_EQ(complaints(load("Director {\nName = d\nPassword = \"" + std::string(5001, 'x') + "\"\n}")),
            "sd.conf:3:12: error: this word is 5001 bytes long; Bacula stops at words of more than 5000 bytes\n");
}

}  // namespace
}  // namespace shstore::config::testing
