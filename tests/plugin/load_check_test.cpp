// What bacula-sd would do with a plugin file, found out before it is started.
#include "plugin/abi/load_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace shstore::plugin {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class LoadCheckTest : public testing::Test {
 protected:
  LoadCheckTest() {
    std::string pattern = (fs::temp_directory_path() / "shstore-load.XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~LoadCheckTest() override { fs::remove_all(folder); }

  std::string put(const std::string& name, const char* what = SHSTORE_OTHER_PLUGIN) const {
    fs::copy_file(what, folder / name);
    return folder / name;
  }
  static LoadCheck check(const std::string& file) { return check_load(file, {13}, std::chrono::seconds(20)); }
  static std::string why_not(const std::string& file) {
    const auto result = check(file);
    EXPECT_FALSE(result.loads) << result.text;
    return result.text;
  }

  fs::path folder;
};

TEST_F(LoadCheckTest, OursLoadsInEveryDaemon) {
  const auto result = check_load(put("shstore-sd.so", SHSTORE_PLUGIN), {12, 13});
  EXPECT_TRUE(result.loads) << result.text;
  EXPECT_EQ(result.text, SHSTORE_VERSION);
}

TEST_F(LoadCheckTest, WhatBaculaPassesOverWithoutAWord) {
  EXPECT_EQ(why_not(folder / "shstore-sd.so"), "it is not there");
  const auto file = put("real-sd.so");
  fs::create_symlink(file, folder / "link-sd.so");
  EXPECT_THAT(why_not(folder / "link-sd.so"), HasSubstr("it is a symbolic link"));
  fs::create_directory(folder / "folder-sd.so");
  EXPECT_THAT(why_not(folder / "folder-sd.so"), HasSubstr("it is no regular file"));
  EXPECT_THAT(why_not(put("shstore-sd.so.1")), HasSubstr("names end in -sd.so"));
}

TEST_F(LoadCheckTest, WhatTheProgramLoaderRefuses) {
  std::ofstream(folder / "text-sd.so") << "no program\n";
  EXPECT_THAT(why_not(folder / "text-sd.so"), HasSubstr("file too short"));
  EXPECT_THAT(why_not(put("undefined-sd.so", SHSTORE_UNDEFINED_PLUGIN)), HasSubstr("shstore_nobody_defines_this"));
}

TEST_F(LoadCheckTest, WhatBaculaRefusesOnceItIsLoaded) {
  EXPECT_TRUE(check(put("good-sd.so")).loads);
  EXPECT_EQ(why_not(put("magic-sd.so")), "it is no plugin for bacula-sd");
  EXPECT_EQ(why_not(put("interface-sd.so")), "it is made for version 12 of the plugin interface, and bacula-sd has 13");
  EXPECT_EQ(why_not(put("licence-sd.so")), "bacula-sd does not accept its licence \"GPLv3\"");
  EXPECT_THAT(why_not(put("size-sd.so")), HasSubstr("48 bytes and not 56"));
  EXPECT_EQ(why_not(put("refuses-sd.so")), "it refuses to be loaded");
}

TEST_F(LoadCheckTest, TheLicenceBaculaIsForTheOldInterfaceOnly) {
  const auto file = put("bacula-licence-sd.so");
  EXPECT_TRUE(check_load(file, {12}).loads);
  EXPECT_FALSE(check_load(file, {13}).loads);
}

TEST_F(LoadCheckTest, WhatItDoesToItsProcessIsNotDoneToOurs) {
  EXPECT_THAT(why_not(put("dies-sd.so")), HasSubstr("loading it ends the process"));
  EXPECT_THAT(why_not(put("leaves-sd.so")), HasSubstr("loading it ends the process"));
  const auto result = check_load(put("hangs-sd.so"), {13}, std::chrono::milliseconds(1000));
  EXPECT_FALSE(result.loads);
  EXPECT_THAT(result.text, HasSubstr("does not come to an end"));
}

TEST_F(LoadCheckTest, TheDaemonsProgramTellsItsInterface) {
  const auto program = [&](const char* library) {
    std::ofstream(folder / "bacula-sd") << std::string("\0libbac.so\0", 11) << library << '\0';
    return interfaces_of(folder / "bacula-sd");
  };
  EXPECT_EQ(program("libbacsd-9.6.7.so"), std::vector<uint32_t>{12});
  EXPECT_EQ(program("libbacsd-15.0.3.so"), std::vector<uint32_t>{13});
  EXPECT_EQ(program("libother.so"), (std::vector<uint32_t>{12, 13}));
  EXPECT_EQ(interfaces_of(folder / "none"), (std::vector<uint32_t>{12, 13}));
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(interfaces_of(folder / "fifo"), (std::vector<uint32_t>{12, 13})) << "nor is it waited for";
}

}  // namespace
}  // namespace shstore::plugin
