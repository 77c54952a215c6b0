// A SAN of shstore-target in a folder of its own, served by a thread as long as this lives.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "scsi/target/server.h"

namespace shstore::plugin {

class ServedTarget {
 public:
  explicit ServedTarget(const char* san) : target_(*scsi::target::parse_san(san, "san.json")) {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    EXPECT_EQ(::pipe(stop_), 0);
    auto opened = scsi::target::Server::open(target_, folder_);
    EXPECT_TRUE(opened) << opened.error().message;
    server_.emplace(std::move(*opened));
    thread_ = std::thread([this] { EXPECT_TRUE(server_->run(stop_[0])); });
  }
  ~ServedTarget() {
    EXPECT_EQ(::write(stop_[1], "x", 1), 1);
    thread_.join();
    server_.reset();
    ::close(stop_[0]);
    ::close(stop_[1]);
    std::filesystem::remove_all(folder_);
  }
  ServedTarget(const ServedTarget&) = delete;
  ServedTarget& operator=(const ServedTarget&) = delete;

  std::string path(const std::string& name) const { return folder_ + '/' + name; }

 private:
  std::string folder_ = "/tmp/shstore-port-XXXXXX";
  int stop_[2] = {-1, -1};
  scsi::target::Target target_;
  std::optional<scsi::target::Server> server_;
  std::thread thread_;
};

}  // namespace shstore::plugin
