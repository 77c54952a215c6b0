// A SCSI target in this process, with one drive that two hosts see, in a folder of its own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "scsi/drive_lock.h"
#include "scsi/target/server.h"

namespace shstore::tests {

class RunningTarget {
 public:
  RunningTarget() {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    EXPECT_EQ(::pipe(stop_), 0);
    auto opened = scsi::target::Server::open(target_, folder_);
    EXPECT_TRUE(opened) << opened.error().message;
    server_.emplace(std::move(*opened));
    thread_ = std::thread([this] { EXPECT_TRUE(server_->run(stop_[0])); });
  }
  ~RunningTarget() {
    EXPECT_EQ(::write(stop_[1], "x", 1), 1);
    thread_.join();
    server_.reset();
    for (const int fd : stop_) ::close(fd);
    std::filesystem::remove_all(folder_);
  }
  RunningTarget(const RunningTarget&) = delete;
  RunningTarget& operator=(const RunningTarget&) = delete;

  const std::string& folder() const { return folder_; }
  std::string cibou() const { return folder_ + "/cibou/sg0"; }
  std::string dir() const { return folder_ + "/dir/sg4"; }

  /// Takes the drive's lock through that control device.
  static bool lock(const std::string& control_device, uint64_t key) {
    const auto transport = scsi::open_transport(control_device);
    if (!transport) return false;
    scsi::LogicalUnit unit(**transport);
    const auto attempt = scsi::DriveLock(unit, {key}).try_lock();
    return attempt && attempt->held;
  }

 private:
  static constexpr const char* kSan = R"({
    "drives": [{"name": "drive0", "vendor": "HP", "product": "Ultrium 4-SCSI", "revision": "H61W", "serial": "HU10450A01"}],
    "initiators": [
      {"name": "cibou", "wwpn": "2101001b322173ee", "devices": {"sg0": "drive0"}},
      {"name": "dir", "wwpn": "2100001b321f4365", "devices": {"sg4": "drive0"}}]})";

  std::string folder_ = "/tmp/shstore-status-XXXXXX";
  int stop_[2] = {-1, -1};
  scsi::target::Target target_{*scsi::target::parse_san(kSan, "san.json")};
  std::optional<scsi::target::Server> server_;
  std::thread thread_;
};

}  // namespace shstore::tests
