#include "reserve/record/attentions.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace shstore::record {
namespace {

using Codes = std::vector<std::string>;

class Attentions : public testing::Test {
 protected:
  Attentions() {
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    path = attentions_path(folder, "cibou-sd");
  }
  ~Attentions() override { std::filesystem::remove_all(folder); }
  void record(const std::string& device, const Codes& codes) {
    const auto done = record_attentions(path, device, codes);
    ASSERT_TRUE(done) << done.error();
  }

  std::string folder = "/tmp/shstore-attentions-XXXXXX", path;
};

TEST_F(Attentions, EachReaderSeesEachLineOfItsDriveOnce) {
  AttentionReader first(path, "/dev/sg0"), other(path, "/dev/sg1");
  EXPECT_EQ(first.fresh(), Codes{});
  record("/dev/sg0", {"29/00", "2A/03"});
  record("/dev/sg1", {"29/01"});
  EXPECT_EQ(first.fresh(), (Codes{"29/00", "2A/03"}));
  EXPECT_EQ(first.fresh(), Codes{});
  EXPECT_EQ(other.fresh(), Codes{"29/01"});
  record("/dev/sg0", {"29/00"});
  EXPECT_EQ(first.fresh(), Codes{"29/00"});
}

TEST_F(Attentions, WhatIsThereAlreadyIsTakenAsRead) {
  record("/dev/sg0", {"29/00"});
  AttentionReader reader(path, "/dev/sg0");
  EXPECT_EQ(reader.fresh(), Codes{});
}

TEST_F(Attentions, TheOldestLinesGoAndNoneIsSeenTwice) {
  AttentionReader reader(path, "/dev/sg0");
  size_t seen = 0;
  for (int i = 0; i < 400; ++i) {
    record("/dev/sg0", Codes(10, "29/00"));
    seen += reader.fresh().size();
    ASSERT_LE(std::filesystem::file_size(path), 64u << 10);
  }
  EXPECT_EQ(seen, 4000u);
}

TEST_F(Attentions, AFileThatWasDeletedBeginsAnew) {
  AttentionReader reader(path, "/dev/sg0");
  record("/dev/sg0", {"29/00"});
  EXPECT_EQ(reader.fresh(), Codes{"29/00"});
  std::filesystem::remove(path);
  EXPECT_EQ(reader.fresh(), Codes{});
  record("/dev/sg0", {"29/01"});
  EXPECT_EQ(reader.fresh(), Codes{"29/01"});
}

TEST_F(Attentions, AClockThatWasSetBackHidesNothing) {
  std::ofstream(path) << "2099-01-01T00:00:00.000000Z 29/00 /dev/sg0\n";
  AttentionReader reader(path, "/dev/sg0");
  record("/dev/sg0", {"29/01"});
  record("/dev/sg0", {"29/02", "29/03"});
  EXPECT_EQ(reader.fresh(), (Codes{"29/01", "29/02", "29/03"}));
}

TEST_F(Attentions, LinesInAnyOrderHideNothing) {
  std::ofstream(path) << "2099-01-01T00:00:00.000000Z 29/00 /dev/sg0\n2020-01-01T00:00:00.000000Z 29/00 /dev/sg0\n";
  AttentionReader reader(path, "/dev/sg0");
  record("/dev/sg0", {"29/01"});
  EXPECT_EQ(reader.fresh(), Codes{"29/01"});
}

TEST_F(Attentions, AFileThatWasDeletedAndAClockThatWasSetBackHideNothing) {
  std::ofstream(path) << "2099-01-01T00:00:00.000000Z 29/00 /dev/sg0\n";
  AttentionReader reader(path, "/dev/sg0");
  std::filesystem::remove(path);
  record("/dev/sg0", {"29/01"});
  EXPECT_EQ(reader.fresh(), Codes{"29/01"});
}

// Whoever wrote it was killed, or the disk was full.
TEST_F(Attentions, ALineBehindATornOneIsALine) {
  std::ofstream(path) << "2026-11-22T10:48:52.123456Z 29/00 /dev/sg0\n1";
  AttentionReader reader(path, "/dev/sg0");
  record("/dev/sg0", {"29/01"});
  EXPECT_EQ(reader.fresh(), Codes{"29/01"});
}

TEST_F(Attentions, WhatIsNoCodeIsNobodys) {
  AttentionReader reader(path, "/dev/sg0");
  std::ofstream(path) << "2026-11-22T10:48:52.1Z 29/00\x1b[31m /dev/sg0\n2026-11-22T10:48:52.2Z 29/0g /dev/sg0\n"
                         "2026-11-22T10:48:52.3Z 29/02 /dev/sg0\n";
  EXPECT_EQ(reader.fresh(), Codes{"29/02"});
}

// Somebody who may write to the folder has made another file of root's known by this name.
TEST_F(Attentions, AFileWithTwoNamesIsNotWrittenTo) {
  std::ofstream(folder + "/precious") << "";
  std::filesystem::create_hard_link(folder + "/precious", path);
  const auto done = record_attentions(path, "/dev/sg0", {"29/00"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "cannot write " + path +
                              ": the file has another name besides, and may be somebody else's: remove this one");
  EXPECT_EQ(std::filesystem::file_size(folder + "/precious"), 0u);
}

TEST_F(Attentions, ALineThatIsNotWholeIsNobodys) {
  AttentionReader reader(path, "/dev/sg0");
  std::ofstream(path) << "nonsense\n\n 29/00\n2026-11-22T10:48:52.123456Z 29/00 /dev/sg0";
  EXPECT_EQ(reader.fresh(), Codes{});
}

TEST_F(Attentions, TheDaemonsGroupMayReadAndWriteIt) {
  const auto before = ::umask(0077);
  record("/dev/sg0", {"29/00"});
  ::umask(before);
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0660u);
}

TEST_F(Attentions, AFolderThatIsNotThereIsSaid) {
  const auto done = record_attentions(folder + "/none/x", "/dev/sg0", {"29/00"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "cannot write " + folder + "/none/x: No such file or directory");
}

TEST_F(Attentions, ALinkIsNotFollowed) {
  std::filesystem::create_symlink(folder + "/elsewhere", path);
  EXPECT_FALSE(record_attentions(path, "/dev/sg0", {"29/00"}));
  EXPECT_FALSE(std::filesystem::exists(folder + "/elsewhere"));
}

TEST_F(Attentions, OneWhoKeepsItLockedIsNotWaitedForForEver) {
  record("/dev/sg0", {"29/00"});
  const int fd = ::open(path.c_str(), O_RDONLY);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  const auto done = record_attentions(path, "/dev/sg0", {"29/00"});
  ::close(fd);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "cannot write " + path + ": another program keeps it locked");
}

}  // namespace
}  // namespace shstore::record
