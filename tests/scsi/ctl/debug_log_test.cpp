#include "scsi/ctl/debug_log.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "support.h"

namespace shstore::scsi::ctl {
namespace {

class DebugLog : public testing::Test {
 protected:
  ~DebugLog() override {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(""));
    spdlog::set_level(spdlog::level::off);
  }
  TemporaryFolder folder;
  std::string path = folder.path("storage-ctl.log");

  std::string content() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string why_not() const {
    const auto started = start_debug_log(path);
    return started ? "started" : started.error().message;
  }
};

TEST_F(DebugLog, IsAppendedTo) {
  folder.write("storage-ctl.log", "before\n");
  ASSERT_EQ(why_not(), "started");
  spdlog::debug("sg0 lock");
  EXPECT_EQ(content().substr(0, 7), "before\n");
  EXPECT_TRUE(content().ends_with("sg0 lock\n")) << content();
}

TEST_F(DebugLog, HasItsModeWhateverTheUmask) {
  const auto before = ::umask(0);
  EXPECT_EQ(why_not(), "started");
  ::umask(before);
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0640u);
}

// Root's storage-ctl appended to whatever file the folder's owner had a link to.
TEST_F(DebugLog, FollowsNoLink) {
  const auto precious = folder.write("precious", "old");
  std::filesystem::create_symlink(precious, path);
  EXPECT_EQ(why_not(), "no debug log: cannot write " + path + ": it is a symbolic link");
  std::filesystem::remove(path);
  std::filesystem::create_hard_link(precious, path);
  EXPECT_EQ(why_not(), "no debug log: cannot write " + path + ": it has another name, too");
  spdlog::debug("lost");
  std::filesystem::remove(path);
  std::filesystem::create_symlink(folder.path("not there"), path);
  EXPECT_EQ(why_not(), "no debug log: cannot write " + path + ": it is a symbolic link");
  EXPECT_FALSE(std::filesystem::exists(folder.path("not there")));
}

// It hung for ever, and SIGTERM did not end it.
TEST_F(DebugLog, WaitsForNoFifo) {
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(why_not(), "no debug log: cannot write " + path + ": it is not a regular file");
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  EXPECT_EQ(why_not(), "no debug log: cannot write " + path + ": Is a directory");
}

TEST_F(DebugLog, WhatOthersSentBeginsNoLine) {
  ASSERT_EQ(why_not(), "started");
  spdlog::debug("iqn.x\n[2026] forged\x1b[31m");
  EXPECT_TRUE(content().ends_with("iqn.x?[2026] forged?[31m\n")) << content();
}

}  // namespace
}  // namespace shstore::scsi::ctl
