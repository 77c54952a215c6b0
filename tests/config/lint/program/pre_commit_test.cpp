// samples/pre-commit/pre-commit in a repository of its own.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "world.h"

namespace shstore::config::lint::testing {
namespace {

namespace fs = std::filesystem;

class PreCommit : public ::testing::Test {
 protected:
  PreCommit() : folder_(fs::temp_directory_path() / ("shstore-hook-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_ / "cibou");
    if (shell("git init -q . && git config user.name t && git config user.email t@example.com") != 0) return;
    fs::copy_file(SHSTORE_SOURCE "/samples/pre-commit/pre-commit", folder_ / ".git/hooks/pre-commit");
    is_ready_ = true;
  }
  ~PreCommit() override { fs::remove_all(folder_); }

  void SetUp() override {
    if (!is_ready_) GTEST_SKIP() << "no git";
  }

  int shell(const std::string& command) const {
    const std::string path = fs::path(SHSTORE_LINT).parent_path().string();
    const std::string line = "cd " + folder_.string() + " && PATH=" + path + ":$PATH && (" + command + ") >>out 2>&1";
    return WEXITSTATUS(std::system(line.c_str()));
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  int commit() const { return shell("git add cibou README && timeout 20 git commit -q -m x"); }
  std::string output() const { return disk_reader()->read((folder_ / "out").string()).value_or(""); }

  static std::string conf(const std::string& more) {
    return sd_conf("Device { Name = D; Media Type = T; Archive Device = /dev/nst0\n" + more + "}\n");
  }

 private:
  fs::path folder_;
  bool is_ready_ = false;
};

TEST_F(PreCommit, LetsPassWhatIsRightAndStopsWhatIsNot) {
  write("README", "no configuration at all\n");
  EXPECT_EQ(commit(), 0) << output();
  write("cibou/bacula-sd.conf", conf(""));
  EXPECT_EQ(commit(), 0) << output();
  write("cibou/bacula-sd.conf", conf("Drive Indx = 1\n"));
  EXPECT_NE(commit(), 0);
  EXPECT_NE(output().find("cibou/bacula-sd.conf:5:1: error[SHS103]"), std::string::npos) << output();
}

TEST_F(PreCommit, LooksAtWhatIsCommittedNotAtWhatLiesAround) {
  write("README", "");
  write("cibou/bacula-sd.conf", conf("Drive Indx = 1\n"));
  ASSERT_EQ(shell("git add cibou README"), 0);
  write("cibou/bacula-sd.conf", conf(""));
  EXPECT_NE(shell("timeout 20 git commit -q -m x"), 0) << "what is staged is wrong";
  ASSERT_EQ(commit(), 0) << output();
  write("cibou/bacula-sd.conf", conf("Drive Indx = 1\n"));
  write("README", "new\n");
  EXPECT_EQ(shell("git add README && timeout 20 git commit -q -m x"), 0) << output();
}

}  // namespace
}  // namespace shstore::config::lint::testing
