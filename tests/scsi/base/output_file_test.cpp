#include "scsi/base/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>

#include "scsi/base/descriptor.h"

namespace {

namespace fs = std::filesystem;
using namespace shstore::base;

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

mode_t kind_and_mode(const std::string& path) {
  struct stat st {};
  EXPECT_EQ(::lstat(path.c_str(), &st), 0) << path;
  return st.st_mode;
}

class OutputFile : public testing::Test {
 protected:
  OutputFile() {
    std::string name = (fs::temp_directory_path() / "output.XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~OutputFile() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  size_t files() const { return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), {})); }

  fs::path folder_;
};

std::string why_not(const std::string& path) {
  const auto written = write_output(path, "new", 0644);
  return written ? "written" : written.error();
}

TEST_F(OutputFile, IsMadeOrReplacedWhole) {
  EXPECT_EQ(why_not(path("fresh")), "written");
  EXPECT_EQ(content(path("fresh")), "new");
  EXPECT_EQ(why_not(write("old", "a longer old text")), "written");
  EXPECT_EQ(content(path("old")), "new");
  EXPECT_EQ(kind_and_mode(path("old")), mode_t{S_IFREG | 0644});
  EXPECT_EQ(files(), 2u);
}

TEST_F(OutputFile, TheModeCountsWhateverTheUmask) {
  const auto before = ::umask(0);
  EXPECT_TRUE(replace_file(path("a"), "x", 0640));
  ::umask(0777);
  EXPECT_TRUE(replace_file(path("b"), "x", 0640));
  ::umask(before);
  EXPECT_EQ(kind_and_mode(path("a")), mode_t{S_IFREG | 0640});
  EXPECT_EQ(kind_and_mode(path("b")), mode_t{S_IFREG | 0640});
}

TEST_F(OutputFile, ALinkStaysAndLeadsToTheNewText) {
  fs::create_directory(path("there"));
  write("there/file", "old");
  fs::create_symlink("there/file", path("link"));
  fs::create_symlink("link", path("link to link"));
  fs::create_symlink("there/not yet", path("dangling"));
  EXPECT_EQ(why_not(path("link to link")), "written");
  EXPECT_EQ(why_not(path("dangling")), "written");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_TRUE(fs::is_symlink(path("link to link")));
  EXPECT_TRUE(fs::is_symlink(path("dangling")));
  EXPECT_EQ(content(path("there/file")), "new");
  EXPECT_EQ(content(path("there/not yet")), "new");
}

TEST_F(OutputFile, ALinkToItselfIsAnError) {
  fs::create_symlink("b", path("a"));
  fs::create_symlink("a", path("b"));
  EXPECT_EQ(why_not(path("a")), "cannot write " + path("a") + ": Too many levels of symbolic links");
}

// Run as root with /dev/null it made a regular file of the device, and the host broke.
TEST_F(OutputFile, ADeviceStaysADevice) {
  const auto before = kind_and_mode("/dev/null");
  fs::create_symlink("/dev/null", path("link"));
  EXPECT_EQ(why_not("/dev/null"), "written");
  EXPECT_EQ(why_not(path("link")), "written");
  EXPECT_EQ(kind_and_mode("/dev/null"), before);
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(why_not("/dev/full"), "cannot write /dev/full: No space left on device");
}

TEST_F(OutputFile, WhatTakesNoTextIsRefusedAndStays) {
  fs::create_directory(path("folder"));
  EXPECT_EQ(why_not(path("folder")), "cannot write " + path("folder") + ": it is a folder, and stays as it is");
  EXPECT_EQ(why_not("/dev/random"), "cannot write /dev/random: it is a device that takes no text, and stays as it is");
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(why_not(path("socket")), "cannot write " + path("socket") + ": it is a socket, and stays as it is");
  EXPECT_TRUE(S_ISSOCK(kind_and_mode(path("socket"))));
  if (::mknod(path("block").c_str(), S_IFBLK | 0600, 0) != 0) return;  // needs root; no such device is there
  EXPECT_EQ(why_not(path("block")), "cannot write " + path("block") + ": it is a block device, and stays as it is");
  EXPECT_TRUE(S_ISBLK(kind_and_mode(path("block"))));
}

TEST_F(OutputFile, AFifoIsWrittenInto) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  const std::string text(300'000, 'x');  // more than a pipe holds
  auto reader = std::async(std::launch::async, [&] { return content(path("fifo")); });
  EXPECT_TRUE(write_output(path("fifo"), text, 0644));
  EXPECT_EQ(reader.get(), text);
  EXPECT_TRUE(S_ISFIFO(kind_and_mode(path("fifo"))));
  EXPECT_EQ(files(), 1u);
}

TEST_F(OutputFile, AReaderThatGoesAwayIsAnErrorAndNoDeath) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  auto reader = std::async(std::launch::async, [&] {
    const Descriptor fifo(::open(path("fifo").c_str(), O_RDONLY));
    char some[10];
    return ::read(fifo.get(), some, sizeof some);
  });
  const auto written = write_output(path("fifo"), std::string(300'000, 'x'), 0644);
  reader.get();
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), "cannot write " + path("fifo") + ": Broken pipe");
}

// Standard output of a child that this test runs is a file here; what was in it stays.
TEST_F(OutputFile, StandardOutputIsAppendedTo) {
  const auto file = write("log", "before\n");
  const int saved = ::dup(STDOUT_FILENO);
  const Descriptor log(::open(file.c_str(), O_WRONLY | O_APPEND));
  std::fflush(stdout);
  ::dup2(log.get(), STDOUT_FILENO);
  const auto written = write_output("/dev/stdout", "new", 0644);
  const auto by_number = write_output("/proc/self/fd/" + std::to_string(log.get()), "er", 0644);
  ::dup2(saved, STDOUT_FILENO);
  ::close(saved);
  EXPECT_TRUE(written);
  EXPECT_TRUE(by_number);
  EXPECT_EQ(content(file), "before\nnewer");
}

TEST_F(OutputFile, AStrangersLinkInAFolderForEverybodyIsNotFollowed) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a link away";
  fs::create_directory(path("tmp"));
  ASSERT_EQ(::chmod(path("tmp").c_str(), 01777), 0);
  write("precious", "old");
  fs::create_symlink(path("precious"), path("tmp/link"));
  ASSERT_EQ(::lchown(path("tmp/link").c_str(), 65534, 65534), 0);
  EXPECT_EQ(why_not(path("tmp/link")),
            "cannot write " + path("tmp/link") + ": " + path("tmp/link") +
                " is a link that another user put into a folder that everybody may write to");
  EXPECT_EQ(content(path("precious")), "old");
}

TEST_F(OutputFile, NothingIsLeftBesideWhenItCannotBeWritten) {
  EXPECT_EQ(why_not(path("no folder/file")),
            "cannot write beside " + path("no folder/file") + ": No such file or directory");
  EXPECT_EQ(why_not("/proc/sys/kernel/hostname").substr(0, 20), "cannot write beside ");
  EXPECT_EQ(files(), 0u);
}

}  // namespace
