// Files of a fuzzer whose readers take no text, only paths.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "fuzzing.h"

namespace shstore::fuzzing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = "/dev/shm/shstore-fuzz-XXXXXX";
    must(::mkdtemp(name.data()) != nullptr, "no folder");
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string path(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

inline void write_file(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  must(file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "cannot write", path);
  ::close(file);
}

}  // namespace shstore::fuzzing
