// The only file of this room that reads files.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "config/reading.h"
#include "scsi/base/descriptor.h"

namespace shstore::config {
namespace {

constexpr size_t kChunk = size_t{64} << 10;

tl::unexpected<std::string> failure(std::string_view what, const std::string& path) {
  const std::string reason = std::system_category().message(errno);
  return tl::make_unexpected(fmt::format("cannot {} {}: {}", what, path, reason));
}

class DiskReader : public FileReader {
 public:
  explicit DiskReader(uint64_t largest) : largest_(largest) {}

  tl::expected<std::string, std::string> read(const std::string& path) override {
    // O_NONBLOCK: opening a FIFO must not wait for somebody to write to it.
    const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return failure("open", path);
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return failure("read", path);
    if (!S_ISREG(info.st_mode)) return tl::make_unexpected(fmt::format("{} is not a regular file", path));
    if (static_cast<uint64_t>(info.st_size) > largest_) return too_large(path);
    return contents(file, path, static_cast<size_t>(info.st_size));
  }

 private:
  /// The size is only where to begin: files in /proc have none, and others may grow.
  tl::expected<std::string, std::string> contents(const base::Descriptor& file, const std::string& path,
                                                  size_t size) const {
    std::string text(size + 1, '\0');
    size_t used = 0;
    for (;;) {
      if (used == text.size()) text.resize(used + std::max(kChunk, used / 2));
      const ssize_t n = ::read(file.get(), text.data() + used, text.size() - used);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failure("read", path);
      used += static_cast<size_t>(n);
      if (used > largest_) return too_large(path);
      if (n > 0) continue;
      text.resize(used);
      return text;
    }
  }

  tl::unexpected<std::string> too_large(const std::string& path) const {
    return tl::make_unexpected(fmt::format("{} is larger than {} bytes", path, largest_));
  }

  const uint64_t largest_;
};

}  // namespace

std::unique_ptr<FileReader> disk_reader(uint64_t largest) { return std::make_unique<DiskReader>(largest); }

}  // namespace shstore::config
