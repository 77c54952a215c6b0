// The only file of this room that touches the file system.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "config/sd_config.h"

namespace shstore::config {
namespace {

constexpr size_t max_file_size = size_t{64} << 20;

class File {
 public:
  /// O_NONBLOCK: opening a FIFO must not wait for somebody to write to it.
  explicit File(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<std::string> failure(std::string_view what, const std::string& path) {
  const std::string reason = std::system_category().message(errno);
  return tl::make_unexpected(fmt::format("cannot {} {}: {}", what, path, reason));
}

class DiskReader : public FileReader {
 public:
  tl::expected<std::string, std::string> read(const std::string& path) override {
    const File file(path);
    if (file.fd() < 0) return failure("open", path);
    struct stat info {};
    if (::fstat(file.fd(), &info) != 0) return failure("read", path);
    if (!S_ISREG(info.st_mode)) return tl::make_unexpected(fmt::format("{} is not a regular file", path));
    return contents(file, path);
  }

 private:
  static tl::expected<std::string, std::string> contents(const File& file, const std::string& path) {
    std::string text;
    std::array<char, 65536> buffer{};
    for (;;) {
      const ssize_t n = ::read(file.fd(), buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failure("read", path);
      if (n == 0) return text;
      text.append(buffer.data(), static_cast<size_t>(n));
      if (text.size() > max_file_size) {
        return tl::make_unexpected(fmt::format("{} is larger than 64 MiB", path));
      }
    }
  }
};

}  // namespace

std::unique_ptr<FileReader> disk_reader() {
  return std::make_unique<DiskReader>();
}

}  // namespace shstore::config
