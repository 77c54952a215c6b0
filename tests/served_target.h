// A SAN of shstore-target in this process: its devices are sockets in a folder, as for any program.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "scsi/target/server.h"

namespace shstore {

/// Serves the target in the folder, by a thread, for as long as this lives. Both live longer.
class Serving {
 public:
  Serving(scsi::target::Target& target, const std::string& folder) {
    EXPECT_EQ(::pipe(stop_), 0);
    auto opened = scsi::target::Server::open(target, folder);
    EXPECT_TRUE(opened) << opened.error().message;
    server_.emplace(std::move(*opened));
    thread_ = std::thread([this] { EXPECT_TRUE(server_->run(stop_[0])); });
  }
  ~Serving() {
    EXPECT_EQ(::write(stop_[1], "x", 1), 1);
    thread_.join();
    server_.reset();
    for (const int fd : stop_) ::close(fd);
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

 private:
  int stop_[2] = {-1, -1};
  std::optional<scsi::target::Server> server_;
  std::thread thread_;
};

/// The same with a target and a folder of its own.
class ServedTarget {
 public:
  explicit ServedTarget(const char* san) : target_(*scsi::target::parse_san(san, "san.json")) {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    serving_.emplace(target_, folder_);
  }
  ~ServedTarget() {
    serving_.reset();
    std::filesystem::remove_all(folder_);
  }
  ServedTarget(const ServedTarget&) = delete;
  ServedTarget& operator=(const ServedTarget&) = delete;

  const std::string& folder() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ + '/' + name; }

 private:
  std::string folder_ = "/tmp/shstore-served-XXXXXX";
  scsi::target::Target target_;
  std::optional<Serving> serving_;
};

}  // namespace shstore
