// Every value and directive can be cut out of the text byte for byte.
#include <gtest/gtest.h>

#include "loading.h"

namespace shstore::config::testing {
namespace {

TEST(Places, ADirectivesNameIsFoundAlsoFarFromItsValue) {
  const std::string wide(300, ' ');
  const std::map<std::string, std::string> files{
      {"sd.conf", "Director {\n  Name = d\n  Password = @secret\n}\n" + wide + "Device {\n" + wide +
                      "Maximum Open Wait =\n  5 min\n  Name = D; Media Type = T; Archive Device = /dev/nst0\n}\n"},
      {"secret", " hidden\n"}};
  const SdConfig config = load_files(files);
  const Sources* const sources = config.sources.get();
  EXPECT_EQ(*config.directors.at(0).password, "hidden");
  EXPECT_EQ(config.directors[0].password.at, (Location{1, 1, 2}));
  EXPECT_EQ(config.directors[0].password.directive_at(sources), (Location{0, 3, 3}));
  const SdDevice& device = config.devices.at(0);
  EXPECT_EQ(device.maximum_open_wait.at, (Location{0, 7, 3}));
  EXPECT_EQ(device.maximum_open_wait.directive_at(sources), (Location{0, 6, 301}));
  EXPECT_EQ(device.name.directive_at(), (Location{0, 8, 3}));
  EXPECT_EQ(device.media_type.directive_at(), (Location{0, 8, 13}));
}

/// The bytes that a value stands for in the text.
template <class T>
std::string written(const SdConfig& config, const Value<T>& value) {
  const std::string_view text = config.sources->files[value.at.file].text;
  return std::string(text.substr(Lines(text).offset(value.at.line, value.at.column), value.length));
}

std::string lock_command(const std::string& value) {
  const SdConfig config = load(device("Lock Command = " + value + "\n"));
  return written(config, config.devices.at(0).lock_command);
}

std::string wait(const std::string& value) {
  const SdConfig config = load(device("Maximum Open Wait = " + value + "\n"));
  return written(config, config.devices.at(0).maximum_open_wait);
}

/// From the name of the first unknown directive to its end.
std::string whole(const std::string& directive) {
  const SdConfig config = load(device(directive));
  const Directive& unknown = config.unknown.at(0).directive;
  const std::string_view text = config.sources->files[0].text;
  const Lines lines(text);
  const size_t from = lines.offset(unknown.at.line, unknown.at.column);
  return std::string(text.substr(from, lines.offset(unknown.end.line, unknown.end.column) - from));
}

TEST(Places, AValueIsWhatBaculaTakesOfTheLine) {
  EXPECT_EQ(lock_command("  /a  # c"), "/a");
  EXPECT_EQ(lock_command("/a b"), "/a");
  EXPECT_EQ(lock_command("\"/a \\\" %o\" ; "), "\"/a \\\" %o\"");
  EXPECT_EQ(lock_command("My  Dev \t"), "My  Dev");
  EXPECT_EQ(lock_command("\"two\nlines\""), "");
}

TEST(Places, AQuantityIsAllOfItsWords) {
  EXPECT_EQ(wait("90"), "90");
  EXPECT_EQ(wait("1 h 30 min 5 # c"), "1 h 30 min 5");
  EXPECT_EQ(wait("5\tminutes"), "5");
  EXPECT_EQ(wait("\\\n 5 h"), "5 h");
  EXPECT_EQ(wait("5 \\\n h"), "");
}

TEST(Places, EachNameOfAList) {
  const SdConfig config =
      load("Autochanger { Name = A; Changer Device = /x; Changer Command = /y\nDevice = a , \"b-1\" # c\n}");
  const SdAutochanger& changer = config.autochangers.at(0);
  EXPECT_EQ(written(config, changer.devices.at(0)), "a");
  EXPECT_EQ(written(config, changer.devices.at(1)), "\"b-1\"");
}

TEST(Places, AddressesOfABlock) {
  const SdConfig config = load("Storage { SDAddresses = { ip = { addr = 10.0.0.1; port = 29103 } } }");
  EXPECT_EQ(written(config, config.storage->sd_addresses.at(0)), "10.0.0.1");
  EXPECT_EQ(written(config, config.storage->sd_port), "29103");
}

TEST(Places, ADirectiveEndsBehindItsValue) {
  EXPECT_EQ(whole("New Thing = a, \"b\"  # comment\n"), "New Thing = a, \"b\"");
  EXPECT_EQ(whole("New Thing = a ; Always Open = no\n"), "New Thing = a");
  EXPECT_EQ(whole("New Thing =  \n"), "New Thing =");
  EXPECT_EQ(whole("New\n=\"two\n lines\" # c\n"), "New\n=\"two\n lines\"");
  EXPECT_EQ(whole("New = { x = { y = 1 } }  # c\n"), "New = { x = { y = 1 } }");
  EXPECT_EQ(whole("New { x = 1\n}\n"), "New { x = 1\n}");
  EXPECT_EQ(whole("New = a { ignored = too # c\n"), "New = a { ignored = too");
}

TEST(Places, AValueFromAnIncludeEndsThere) {
  const SdConfig config = load_files({{"sd.conf", device("New = @value # c\n")}, {"value", "\t x  # c"}});
  EXPECT_EQ(config.unknown.at(0).directive.end, (Location{1, 1, 4}));
}

TEST(Places, ATokenKeepsItsLengthOverSeveralLines) {
  const SdConfig config = load(device("New = \"a\nb\"\n"));
  EXPECT_EQ(config.unknown.at(0).directive.values.at(0).length, 5U);
}

}  // namespace
}  // namespace shstore::config::testing
