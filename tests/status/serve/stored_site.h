// A Working Directory with the state of a daemon that runs: this process.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "reserve/record/state_file.h"

namespace shstore::tests {

class StoredSite {
 public:
  StoredSite() : folder_(testing::TempDir() + "shstore-stored-XXXXXX") {
    if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no folder");
    state.sd_name = "cibou-sd";
    state.plugin_version = "0.1.0";
    state.bacula_version = "9.6.7";
    state.pid = ::getpid();
    state.pid_started = record::process_start(state.pid);
    state.pid_namespace = record::pid_namespace();
    state.started = state.updated = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    record::DriveState drive;
    drive.name = "Drive-0";
    drive.archive_device = "/dev/nst0";
    drive.control_device = "/dev/sg0";
    drive.media_type = "LTO";
    drive.key = "0xbac001";
    drive.registered = drive.locked = true;
    drive.claims = {{7, state.started, "Job.7"}};
    state.drives = {drive};
    write();
  }
  ~StoredSite() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  StoredSite(const StoredSite&) = delete;
  StoredSite& operator=(const StoredSite&) = delete;

  const std::string& folder() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ + '/' + name; }
  void write() const { ASSERT_TRUE(record::write_state(record::state_path(folder_, state.sd_name), state)); }
  void write_file(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }

  record::SdState state;

 private:
  std::string folder_;
};

}  // namespace shstore::tests
