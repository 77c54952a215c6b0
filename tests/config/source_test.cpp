#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "loading.h"

namespace shstore::config::testing {
namespace {

TEST(Include, AWholeResource) {
  const SdConfig config = load_files({{"sd.conf", "@/etc/d.conf\n# end"}, {"/etc/d.conf", device("")}});
  EXPECT_EQ(complaints(config), "");
  EXPECT_EQ(config.files, (std::vector<std::string>{"sd.conf", "/etc/d.conf"}));
  EXPECT_EQ(config.devices.at(0).at, (Location{1, 1, 1}));
}

TEST(Include, InsideAResourceAsAValueAndInAList) {
  const SdConfig config = load_files({{"sd.conf",
                                       "Device { @common; Name = @name\nLock Command = \"@not one\" }\n"
                                       "Autochanger { Name = A; Changer Device = /x; Changer Command = /y\n"
                                       "Device = D, @rest\n}\nDevice { Name = E; @common\n}"},
                                      {"common", "Media Type = T\nArchive Device = /x"},
                                      {"name", "D"},
                                      {"rest", "E"}});
  EXPECT_EQ(complaints(config), "");
  ASSERT_EQ(config.devices.size(), 2U);
  EXPECT_EQ(*config.devices[0].name, "D");
  EXPECT_EQ(*config.devices[0].lock_command, "@not one");
  EXPECT_EQ(*config.devices[1].media_type, "T");
  EXPECT_EQ(config.autochangers.at(0).devices.size(), 2U);
}

TEST(Include, QuotedFileNames) {
  const SdConfig config = load_files({{"sd.conf", "@\"my file\"\n@my\" file\""}, {"my file", "# nothing\n"}});
  EXPECT_EQ(complaints(config), "");
}

TEST(Include, TheNameEndsAtPunctuation) {
  const SdConfig config =
      load_files({{"sd.conf", "Device { Name = D; @rest}"}, {"rest", "Media Type = T; Archive Device = /x"}});
  EXPECT_EQ(complaints(config), "");
  EXPECT_EQ(*config.devices.at(0).media_type, "T");
}

TEST(Include, MissingFile) {
  EXPECT_EQ(complaints(load("# x\n  @missing.conf")),
            "sd.conf:2:3: error: cannot open missing.conf: No such file or directory\n");
  EXPECT_EQ(complaints(load("@\n")), "sd.conf:1:1: error: a file name must follow the @\n");
  EXPECT_EQ(complaints(load("@\"x\n")), "sd.conf:1:1: error: the file name of this include has no closing quote\n");
}

TEST(Include, MissingMainFile) {
  EXPECT_EQ(complaints(load_files({})), "sd.conf: error: cannot open sd.conf: No such file or directory\n");
}

TEST(Include, Loops) {
  EXPECT_EQ(complaints(load("@sd.conf\n")), "sd.conf:1:1: error: sd.conf includes itself: sd.conf -> sd.conf\n");
  EXPECT_EQ(complaints(load_files({{"sd.conf", "@a\n"}, {"a", "@b\n"}, {"b", "\n @a\n"}})),
            "b:2:2: error: a includes itself: sd.conf -> a -> b -> a\n");
}

TEST(Include, TooDeep) {
  std::map<std::string, std::string> files{{"sd.conf", "@1\n"}};
  for (int i = 1; i < 100; ++i) files[std::to_string(i)] = "@" + std::to_string(i + 1) + "\n";
  EXPECT_EQ(complaints(load_files(files)), "32:1:1: error: includes are nested more than 32 deep\n");
}

TEST(Include, ManyTimesOverIsBounded) {
  std::map<std::string, std::string> files{{"sd.conf", "@1\n@1\n"}, {"30", ""}};
  for (int i = 1; i < 30; ++i) {
    const std::string next = "@" + std::to_string(i + 1) + "\n";
    files[std::to_string(i)] = next + next;
  }
  EXPECT_NE(complaints(load_files(files)).find("error: more than 10000 includes\n"), std::string::npos);
}

TEST(Include, CommandsAreNeverExecuted) {
  const SdConfig config = load("@|\"sh -c 'echo x'\"\nDirector {\n@|/bin/secret\nName = d\n}\n");
  EXPECT_EQ(complaints(config),
            "sd.conf:1:1: warning: the output of \"sh -c 'echo x'\" is left out: Bacula runs this command, "
            "shstore runs "
            "no commands from a configuration\n"
            "sd.conf:2:1: warning: Director \"d\": the required directive \"Password\" is missing, unless "
            "the output of "
            "a command that was left out brings it\n"
            "sd.conf:3:1: warning: the output of \"/bin/secret\" is left out: Bacula runs this command, "
            "shstore runs no "
            "commands from a configuration\n");
  EXPECT_FALSE(config.has_errors());
}

TEST(Source, Utf16IsRefused) {
  const std::string text(
      "\xFF\xFE"
      "D\0e\0",
      6);
  EXPECT_EQ(complaints(load(text)),
            "sd.conf: error: this file is UTF-16, which Bacula cannot read: save it as UTF-8, for example "
            "with iconv\n");
}

TEST(Source, NulBytes) {
  EXPECT_EQ(complaints(load(device(std::string("Lock Command = /a\0b\n", 20)))),
            "sd.conf:5:18: error: a NUL byte: this is not a text file, or it was damaged\n");
}

TEST(DiskReader, RefusesWhatIsNotARegularFile) {
  const auto reader = disk_reader();
  EXPECT_EQ(reader->read("/nonexistent/x").error(), "cannot open /nonexistent/x: No such file or directory");
  EXPECT_EQ(reader->read("/").error(), "/ is not a regular file");
  const std::string fifo = ::testing::TempDir() + "shstore_config_fifo" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(reader->read(fifo).error(), fifo + " is not a regular file");
  std::remove(fifo.c_str());
}

TEST(DiskReader, DeliversTheWholeText) {
  const std::string path = ::testing::TempDir() + "shstore_config_file" + std::to_string(::getpid());
  const std::string text = std::string(200'000, 'x') + "\r\n";
  std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(disk_reader()->read(path).value_or(""), text);
  std::remove(path.c_str());
}

TEST(DiskReader, RefusesDevices) {
  EXPECT_EQ(disk_reader()->read("/dev/zero").error(), "/dev/zero is not a regular file");
}

TEST(DiskReader, RefusesWhatIsTooLarge) {
  const std::string path = ::testing::TempDir() + "shstore_config_large" + std::to_string(::getpid());
  std::ofstream(path, std::ios::binary).close();
  ASSERT_EQ(::truncate(path.c_str(), off_t{1} << 40), 0);
  EXPECT_EQ(disk_reader()->read(path).error(), path + " is larger than 4294967294 bytes");
  ASSERT_EQ(::truncate(path.c_str(), 100), 0);
  EXPECT_EQ(disk_reader(100)->read(path).value_or("").size(), 100U);
  EXPECT_EQ(disk_reader(99)->read(path).error(), path + " is larger than 99 bytes");
  std::remove(path.c_str());
}

TEST(DiskReader, ReadsToTheEndWhateverTheSizeWasSaidToBe) {
  const auto text = disk_reader()->read("/proc/self/maps");  // a regular file of 0 bytes, says the kernel
  EXPECT_NE(text.value_or("").find("config_tests"), std::string::npos);
  EXPECT_EQ(disk_reader(10)->read("/proc/self/maps").error(), "/proc/self/maps is larger than 10 bytes");
}

}  // namespace
}  // namespace shstore::config::testing
