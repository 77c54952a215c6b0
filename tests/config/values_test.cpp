#include "config/values.h"

#include <gtest/gtest.h>

#include "loading.h"

namespace shstore::config::testing {
namespace {

/// "7200", or what is wrong with it.
std::string wait(const std::string& text) {
  const SdConfig config = load(device("Maximum Open Wait = " + text + "\n"));
  const std::string problem = complaints(config);
  return problem.empty() ? std::to_string(*config.devices.at(0).maximum_open_wait) : problem;
}

std::string index(const std::string& text) {
  const SdConfig config = load(device("Drive Index = " + text + "\n"));
  const std::string problem = complaints(config);
  return problem.empty() ? std::to_string(*config.devices.at(0).drive_index) : problem;
}

std::string always_open(const std::string& text) {
  const SdConfig config = load(device("Always Open = " + text + "\n"));
  const std::string problem = complaints(config);
  return problem.empty() ? (*config.devices.at(0).always_open ? "yes" : "no") : problem;
}

std::string name(const std::string& text) {
  const SdConfig config = load("Device {\nMedia Type = T; Archive Device = /x\nName = " + text + "\n}");
  const std::string problem = complaints(config);
  return problem.empty() ? std::string(*config.devices.at(0).name) : problem;
}

std::string bytes(const std::string& number, const std::string& unit) {
  std::vector<Token> words{{number, false, {}, Token::Kind::unquoted, ' ', 0}};
  if (!unit.empty()) words.push_back({unit, false, {}, Token::Kind::identifier, '\n', 0});
  const auto result = to_bytes(words);
  return result ? std::to_string(*result) : result.error();
}

TEST(Values, Booleans) {
  EXPECT_EQ(always_open("yes"), "yes");
  EXPECT_EQ(always_open("TRUE"), "yes");
  EXPECT_EQ(always_open("\"No\""), "no");
  EXPECT_EQ(always_open("false, whatever"), "no");
  EXPECT_EQ(always_open("1"), "sd.conf:5:15: error: Always Open: expected yes or no (or true or false), found \"1\"\n");
  EXPECT_EQ(always_open("on"),
            "sd.conf:5:15: error: Always Open: expected yes or no (or true or false), found \"on\"\n");
  EXPECT_EQ(always_open(""), "sd.conf:5:1: error: Always Open: the value is missing\n");
}

TEST(Values, Times) {
  EXPECT_EQ(wait("90"), "90");
  EXPECT_EQ(wait("5min"), "300");
  EXPECT_EQ(wait("1 h 30 min 5"), "5405");
  EXPECT_EQ(wait("1.5 h"), "5400");
  EXPECT_EQ(wait("2 n"), "120");
  EXPECT_EQ(wait("1 m"), "2592000");
  EXPECT_EQ(wait("1 mi"), "60");
  EXPECT_EQ(wait("1 quarter"), "7862400");
  EXPECT_EQ(wait("2 Weeks # comment"), "1209600");
  EXPECT_EQ(wait("5\tminutes"), "5");
  EXPECT_EQ(wait("5 ; "), "5");
  EXPECT_EQ(wait("1,5 h"), "1");
  EXPECT_EQ(wait("\"5 min\""), "sd.conf:5:21: error: Maximum Open Wait: a time must not be quoted\n");
  EXPECT_EQ(wait("5 fortnights"),
            "sd.conf:5:21: error: Maximum Open Wait: expected a time such as 30 seconds or 5 minutes, found "
            "\"5fortnights\"\n");
  EXPECT_EQ(wait("-5"),
            "sd.conf:5:21: error: Maximum Open Wait: expected a time such as 30 seconds or 5 minutes, found "
            "\"-5\"\n");
}

TEST(Values, Numbers) {
  EXPECT_EQ(index("12"), "12");
  EXPECT_EQ(index("\"12\""), "12");
  EXPECT_EQ(index("1e1"), "1");
  EXPECT_EQ(index("1.9"), "1");
  EXPECT_EQ(index("3 drives"), "3");
  EXPECT_EQ(index("3#x"), "3");
  EXPECT_EQ(index("4294967295"), "4294967295");
  EXPECT_EQ(index("4294967296"),
            "sd.conf:5:15: error: Drive Index: 4294967296 is larger than 4294967295; Bacula would silently use "
            "another number\n");
  EXPECT_EQ(index("-1"), "sd.conf:5:15: error: Drive Index: expected a number such as 10, found \"-1\"\n");
  EXPECT_EQ(index("first"), "sd.conf:5:15: error: Drive Index: expected a number such as 10, found \"first\"\n");
}

TEST(Values, Sizes) {
  EXPECT_EQ(bytes("100", ""), "100");
  EXPECT_EQ(bytes("1", "k"), "1024");
  EXPECT_EQ(bytes("1", "KB"), "1000");
  EXPECT_EQ(bytes("2", "m"), "2097152");
  EXPECT_EQ(bytes("1.5", "Gb"), "1500000000");
  EXPECT_EQ(bytes("1", "t"), "1099511627776");
  EXPECT_EQ(bytes("1", "b"), "expected a size such as 64512, 512 k or 50 GB, found \"1b\"");
  EXPECT_EQ(bytes("many", ""), "expected a size such as 64512, 512 k or 50 GB, found \"many\"");
  EXPECT_EQ(complaints(load(device("Maximum Block Size = 20 m\n"))),
            "sd.conf:5:22: error: Maximum Block Size: 20971520 bytes are more than Bacula's maximum of 20000000\n");
}

TEST(Values, Speeds) {
  const auto speed = [](const std::string& text) {
    const std::vector<Token> words{{text, false, {}, Token::Kind::unquoted, '\n', 0}};
    return to_bytes_per_second(words).value_or(0);
  };
  EXPECT_EQ(speed("5k/s"), 5120U);
  EXPECT_EQ(speed("5MB/s"), 5000000U);
  EXPECT_EQ(speed("5"), 5U);
  EXPECT_EQ(speed("5g/s"), 0U);
}

TEST(Values, Names) {
  EXPECT_EQ(name("Drive-0.a:b_c"), "Drive-0.a:b_c");
  EXPECT_EQ(name("\"Drive 0\""), "Drive 0");
  EXPECT_EQ(name("\"" + std::string(127, 'x') + "\""), std::string(127, 'x'));
  EXPECT_EQ(name("\"" + std::string(128, 'x') + "\""),
            "sd.conf:3:8: error: Name: the value is 128 bytes long; Bacula accepts at most 127\n");
  EXPECT_EQ(name("a/b"),
            "sd.conf:3:8: error: Name: \"/\" is not allowed in a name: only letters, digits, blanks and : . "
            "- _ are\n");
  EXPECT_EQ(name("\"\""), "sd.conf:3:8: error: Name: a name must have at least one character\n");
  EXPECT_EQ(name("0"), "sd.conf:3:8: error: Name: a value of digits only must be quoted\n");
}

TEST(Values, DeviceTypes) {
  const SdConfig config = load(device("Device Type = vTape\n"));
  EXPECT_EQ(*config.devices.at(0).device_type, "vTape");
  EXPECT_EQ(complaints(load(device("Device Type = Tapes\n"))),
            "sd.conf:5:15: error: Device Type: expected one of File, Tape, Fifo, VTape, Vtl, Aligned, Dedup, Null, "
            "Cloud, found \"Tapes\"; did you mean \"Tape\"?\n");
}

TEST(Values, Lists) {
  const auto devices = [](const std::string& list) {
    const SdConfig config = load("Autochanger { Name = A; Changer Device = /x; Changer Command = /y\nDevice = " + list +
                                 "\n}\nDevice { Name = a; Media Type = T; Archive Device = /x }\nDevice { Name = b-1; "
                                 "Media Type = T; Archive Device = /x }");
    std::string result = complaints(config);
    for (const TextValue& device : config.autochangers.at(0).devices) result += fmt::format("[{}]", *device);
    return result;
  };
  EXPECT_EQ(devices("a, b-1"), "[a][b-1]");
  EXPECT_EQ(devices("a ,\"b-1\";"), "[a][b-1]");
  EXPECT_EQ(devices("a\nDevice = b-1"), "[a][b-1]");
  EXPECT_EQ(devices("b-1 , a"), "sd.conf:2:10: error: Device: no blank may stand between \"b-1\" and the comma\n");
  EXPECT_EQ(devices("a,"),
            "sd.conf:2:10: error: Device: the list ends with a comma; all of it must stand on one line\n");
  EXPECT_EQ(devices("a,,b-1"), "sd.conf:2:10: error: Device: two commas in a row\n");
  EXPECT_EQ(devices("\"a\" b-1"), "sd.conf:2:10: error: Device: a comma is missing behind \"a\"\n");
  EXPECT_EQ(devices("a ="), "sd.conf:2:10: error: Device: unexpected = behind \"a\"\n");
  EXPECT_EQ(devices("c"), "sd.conf:2:10: error: no Device resource is named \"c\"; did you mean \"a\"?\n[c]");
}

}  // namespace
}  // namespace shstore::config::testing
