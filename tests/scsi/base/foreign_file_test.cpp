#include "scsi/base/foreign_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace {

namespace fs = std::filesystem;
using namespace shstore::base;

class ForeignFile : public testing::Test {
 protected:
  ForeignFile() {
    std::string name = (fs::temp_directory_path() / "foreign.XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ForeignFile() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  fs::path folder_;
};

std::string why_not(const std::string& path, const ReadLimits& limits = {}) {
  const auto read = read_foreign_file(path, limits);
  return read ? "read" : read.error().message;
}

TEST_F(ForeignFile, IsReadWhole) {
  const std::string text = std::string(300'000, 'x') + '\0' + "end";
  const auto read = read_foreign_file(write("file", text));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, text);
  EXPECT_TRUE(S_ISREG(read->mode));
}

TEST_F(ForeignFile, OfProcHasNoSizeAndIsReadAllTheSame) {
  const auto read = read_foreign_file("/proc/self/status");
  ASSERT_TRUE(read);
  EXPECT_NE(read->text.find("Pid:"), std::string::npos);
}

TEST_F(ForeignFile, ThatIsNotThereIsMissing) {
  const auto read = read_foreign_file(path("nothing"));
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error().missing());
  EXPECT_EQ(read.error().message, "cannot read " + path("nothing") + ": No such file or directory");
}

// A FIFO hung the reader for ever, a device filled the memory, a folder threw.
TEST_F(ForeignFile, NothingElseIsWaitedFor) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  fs::create_directory(path("folder"));
  fs::create_symlink("/dev/zero", path("endless"));
  fs::create_symlink(path("fifo"), path("link"));
  for (const char* name : {"fifo", "folder", "endless", "link"}) {
    EXPECT_EQ(why_not(path(name)), "cannot read " + path(name) + ": it is not a regular file");
    EXPECT_FALSE(read_foreign_file(path(name)).error().missing()) << name;
  }
}

TEST_F(ForeignFile, HasALargestSize) {
  const auto file = write("file", "12345");
  EXPECT_EQ(why_not(file, {.largest = 5}), "read");
  EXPECT_EQ(why_not(file, {.largest = 4}), "cannot read " + file + ": it is larger than 4 bytes");
  ASSERT_EQ(::truncate(file.c_str(), off_t{3} << 30), 0);  // sparse: takes no room
  EXPECT_EQ(why_not(file), "cannot read " + file + ": it is larger than 16 MiB");
}

TEST_F(ForeignFile, OfNoSizeThatNeverEndsHasALargestSizeToo) {
  EXPECT_EQ(why_not("/proc/self/status", {.largest = 10}), "cannot read /proc/self/status: it is larger than 10 bytes");
}

TEST_F(ForeignFile, MustComeInTime) {
  const auto file = write("file", "text");
  EXPECT_EQ(why_not(file, {.deadline = std::chrono::milliseconds(-1)}),
            "cannot read " + file + ": it did not come within -1 ms");
}

TEST_F(ForeignFile, ItsNameCannotWriteToTheTerminal) {
  EXPECT_EQ(why_not("/nowhere/a\x1b[31m\nb"), "cannot read /nowhere/a?[31m?b: No such file or directory");
}

TEST_F(ForeignFile, OfAStrangerIsOneInAFolderThatEverybodyMayWriteTo) {
  const auto somebody = ::geteuid() + 12345;
  EXPECT_FALSE(may_be_a_strangers(path("file"), somebody)) << "only its owner writes there";
  fs::permissions(folder_, fs::perms{01777});
  EXPECT_TRUE(may_be_a_strangers(path("file"), somebody));
  EXPECT_FALSE(may_be_a_strangers(path("file"), ::geteuid()));
  EXPECT_FALSE(may_be_a_strangers(path("file"), 0));
}

// As `yes | shstore-lint --dir -` has it.
TEST_F(ForeignFile, StandardInputWithoutEndIsNotReadForEver) {
  const int before = ::dup(STDIN_FILENO);
  const int endless = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(::dup2(endless, STDIN_FILENO), 0);
  const auto read = read_standard_input(size_t{1} << 20);
  const int ends = ::open(write("file", "text").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(::dup2(ends, STDIN_FILENO), 0);
  EXPECT_EQ(read_standard_input().value_or("nothing"), "text");
  if (before >= 0) ::dup2(before, STDIN_FILENO);
  for (const int fd : {before, endless, ends}) ::close(fd);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "cannot read standard input: it is larger than 1 MiB");
}

}  // namespace
