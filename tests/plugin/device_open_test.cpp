#include "plugin/device_open.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace shstore::plugin {
namespace {

class DeviceOpen : public testing::Test {
 protected:
  DeviceOpen() {
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    std::ofstream(folder + "/drive0") << "x";
    std::ofstream(folder + "/drive1") << "x";
  }
  ~DeviceOpen() override {
    if (fd >= 0) ::close(fd);
    std::filesystem::remove_all(folder);
  }
  void open(const std::string& path) { fd = ::open(path.c_str(), O_RDONLY); }
  std::string folder = "/tmp/shstore-open-XXXXXX";
  int fd = -1;
};

TEST_F(DeviceOpen, AFileIsOpenOnlyWhileADescriptorRefersToIt) {
  EXPECT_FALSE(is_open_in_this_process(folder + "/drive0"));
  open(folder + "/drive0");
  EXPECT_TRUE(is_open_in_this_process(folder + "/drive0"));
  EXPECT_FALSE(is_open_in_this_process(folder + "/drive1"));
}

TEST_F(DeviceOpen, AnotherNameOfTheSameFileCounts) {
  ASSERT_EQ(::symlink((folder + "/drive0").c_str(), (folder + "/tape").c_str()), 0);
  open(folder + "/drive0");
  EXPECT_TRUE(is_open_in_this_process(folder + "/tape"));
}

TEST_F(DeviceOpen, ACharacterDeviceIsKnownByItsNumber) {
  EXPECT_FALSE(is_open_in_this_process("/dev/full"));
  open("/dev/full");
  EXPECT_TRUE(is_open_in_this_process("/dev/full"));
}

TEST_F(DeviceOpen, AFolderOfVolumesIsOpenWhileAVolumeInItIs) {
  EXPECT_FALSE(is_open_in_this_process(folder));
  open(folder + "/drive1");
  EXPECT_TRUE(is_open_in_this_process(folder));
}

TEST_F(DeviceOpen, WhatDoesNotExistIsNotOpen) { EXPECT_FALSE(is_open_in_this_process(folder + "/none")); }

TEST_F(DeviceOpen, TheDescriptorThatWasOursLastIsLookedAtAnewEachTime) {
  OwnDevices devices({folder + "/none", folder + "/drive0"});
  EXPECT_FALSE(devices.open());
  open(folder + "/drive0");
  EXPECT_TRUE(devices.open());
  EXPECT_TRUE(devices.open());
  ASSERT_EQ(::close(fd), 0);
  const int other = ::open((folder + "/drive1").c_str(), O_RDONLY);
  if (other != fd) {
    ASSERT_EQ(::dup2(other, fd), fd);
    ::close(other);
  }
  EXPECT_FALSE(devices.open()) << "the same number, and another file";
  const int again = ::open((folder + "/drive0").c_str(), O_RDONLY);
  EXPECT_TRUE(devices.open()) << "by another one";
  ::close(again);
  EXPECT_FALSE(devices.open());
}

TEST_F(DeviceOpen, OfAFolderOfVolumesTheVolumeMayChange) {
  OwnDevices devices({folder});
  open(folder + "/drive1");
  EXPECT_TRUE(devices.open());
  const int other = ::open((folder + "/drive0").c_str(), O_RDONLY);
  ::close(fd);
  EXPECT_TRUE(devices.open());
  ::close(other);
  fd = -1;
  EXPECT_FALSE(devices.open());
}

}  // namespace
}  // namespace shstore::plugin
