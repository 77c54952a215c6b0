// Writing fixed files: whole or not at all, on a real folder.
#include "config/lint/fix/write_files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

namespace shstore::config::lint {
namespace {

namespace fs = std::filesystem;

class WriteFiles : public testing::Test {
 protected:
  WriteFiles() {
    std::string name = (fs::temp_directory_path() / "shstore-write-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    folder = name;
  }
  ~WriteFiles() override {
    fs::permissions(folder, fs::perms::owner_all);
    fs::remove_all(folder);
  }

  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
    return (folder / name).string();
  }
  static std::string get(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  size_t entries() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  /// What write_files() says in a process that `limit` was done to first.
  static std::string in_a_process(const std::vector<FileChange>& changes, const std::function<bool()>& limit) {
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    const pid_t child = ::fork();
    if (child == 0) {
      std::string said = "the limit cannot be set";
      if (limit()) {
        const auto written = write_files(changes);
        said = written ? "written" : written.error();
      }
      const ssize_t put = ::write(ends[1], said.data(), said.size());
      ::_exit(put == static_cast<ssize_t>(said.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::string said(4096, '\0');
    const ssize_t got = ::read(ends[0], said.data(), said.size());
    said.resize(got > 0 ? static_cast<size_t>(got) : 0);
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return said;
  }

  fs::path folder;
};

TEST_F(WriteFiles, ReplacesTheTextAndKeepsTheMode) {
  const std::string path = put("sd.conf", "old");
  fs::permissions(path, fs::perms(0640));
  ASSERT_TRUE(write_files({{path, "old", "new"}}));
  EXPECT_EQ(get(path), "new");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0640));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(WriteFiles, KeepsTheOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const std::string path = put("sd.conf", "old");
  ASSERT_EQ(::chown(path.c_str(), 4711, 4712), 0);
  ASSERT_TRUE(write_files({{path, "old", "new"}}));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 4711U);
  EXPECT_EQ(status.st_gid, 4712U);
}

TEST_F(WriteFiles, FollowsALinkAndLeavesItALink) {
  const std::string path = put("real.conf", "old");
  fs::create_directory(folder / "links");
  fs::create_symlink("../real.conf", folder / "links" / "sd.conf");
  ASSERT_TRUE(write_files({{(folder / "links" / "sd.conf").string(), "old", "new"}}));
  EXPECT_TRUE(fs::is_symlink(folder / "links" / "sd.conf"));
  EXPECT_EQ(get(path), "new");
}

TEST_F(WriteFiles, LeavesAllAloneIfOneChangedSinceItWasRead) {
  const std::string first = put("a.conf", "old"), second = put("b.conf", "other");
  const auto written = write_files({{first, "old", "new"}, {second, "old", "new"}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(),
            fs::canonical(second).string() + " changed since it was read, and was left alone: try again");
  EXPECT_EQ(get(first), "old");
  EXPECT_EQ(get(second), "other");
  EXPECT_EQ(entries(), 2U);
}

TEST_F(WriteFiles, RefusesWhatIsNotAFileOfItsOwn) {
  const std::string path = put("sd.conf", "old");
  fs::create_hard_link(path, folder / "twin.conf");
  const auto linked = write_files({{path, "old", "new"}});
  ASSERT_FALSE(linked);
  EXPECT_NE(linked.error().find("has 2 hard links"), std::string::npos) << linked.error();
  const std::string fifo = (folder / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(write_files({{fifo, "", "new"}}).error(), "cannot write " + fifo + ": it is not a regular file");
  EXPECT_EQ(write_files({{"-", "", "new"}}).error(), "cannot write -: No such file or directory");
}

TEST_F(WriteFiles, LosesNothingOnAFullDisk) {
  const std::string first = put("a.conf", "old"), second = put("b.conf", "old");
  const std::string large(100'000, 'x');
  const std::string said = in_a_process({{first, "old", "new"}, {second, "old", large}}, [] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    return ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
  });
  EXPECT_TRUE(said.starts_with("cannot write " + fs::canonical(second).string())) << said;
  EXPECT_TRUE(said.ends_with("File too large")) << said;
  EXPECT_EQ(get(first), "old");
  EXPECT_EQ(get(second), "old");
  EXPECT_EQ(entries(), 2U);
}

TEST_F(WriteFiles, LosesNothingInAFolderThatCannotBeWritten) {
  const std::string path = put("sd.conf", "old");
  fs::permissions(folder, fs::perms(0555));
  const std::string said = in_a_process(
      {{path, "old", "new"}}, [] { return ::geteuid() != 0 || (::setegid(65534) == 0 && ::seteuid(65534) == 0); });
  EXPECT_EQ(said, "cannot write beside " + fs::canonical(path).string() + ": Permission denied");
  EXPECT_EQ(get(path), "old");
}

TEST_F(WriteFiles, DoesNotTakeAFileAwayFromItsOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs two users";
  const std::string path = put("sd.conf", "old");
  fs::permissions(path, fs::perms(0644));
  fs::permissions(folder, fs::perms(0777));
  const std::string said =
      in_a_process({{path, "old", "new"}}, [] { return ::setegid(65534) == 0 && ::seteuid(65534) == 0; });
  EXPECT_EQ(said, "cannot keep the owner of " + fs::canonical(path).string() +
                      ": Operation not permitted; run this as its owner or as root");
  EXPECT_EQ(get(path), "old");
  EXPECT_EQ(entries(), 1U);
}

}  // namespace
}  // namespace shstore::config::lint
