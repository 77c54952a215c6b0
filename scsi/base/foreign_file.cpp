#include "scsi/base/foreign_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "scsi/base/descriptor.h"
#include "scsi/base/printable.h"

namespace shstore::base {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kPiece = size_t{64} << 10;

tl::unexpected<FileError> cannot(const std::string& path, const std::string& why, int error = 0) {
  return tl::make_unexpected(FileError{fmt::format("cannot read {}: {}", printable(path), why), error});
}

tl::unexpected<FileError> cannot(const std::string& path, int error) {
  return cannot(path, std::generic_category().message(error), error);
}

tl::unexpected<FileError> too_large(const std::string& path, size_t largest) {
  constexpr size_t kMiB = size_t{1} << 20;
  const auto size = largest % kMiB == 0 ? fmt::format("{} MiB", largest / kMiB) : fmt::format("{} bytes", largest);
  return cannot(path, "it is larger than " + size);
}

}  // namespace

bool may_be_a_strangers(const std::string& path, uid_t owner) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string(".") : path.substr(0, slash + 1);
  struct stat st {};
  if (::stat(folder.c_str(), &st) != 0 || (st.st_mode & S_IWOTH) == 0) return false;
  return owner != 0 && owner != st.st_uid && owner != ::geteuid();
}

bool FileError::missing() const { return error == ENOENT; }

tl::expected<ForeignFile, FileError> read_foreign_file(const std::string& path, const ReadLimits& limits) {
  const auto until = Clock::now() + limits.deadline;
  // Before it is opened: opening a tape drive moves the tape, opening a watchdog starts it.
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return cannot(path, errno);
  if (!S_ISREG(st.st_mode)) return cannot(path, "it is not a regular file");
  // O_NONBLOCK: a FIFO may have taken its place meanwhile, or another program hold a lease on it.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file || ::fstat(file.get(), &st) != 0) return cannot(path, errno);
  if (!S_ISREG(st.st_mode)) return cannot(path, "it is not a regular file");
  if (static_cast<uint64_t>(st.st_size) > limits.largest) return too_large(path, limits.largest);

  // The size is only where to begin: files in /proc have none, and others grow.
  ForeignFile result{{}, st.st_mode, st.st_uid};
  auto& text = result.text;
  for (size_t used = 0;;) {
    if (Clock::now() > until) {
      return cannot(path, fmt::format("it did not come within {} ms", limits.deadline.count()), ETIMEDOUT);
    }
    if (used == text.size())
      text.resize(used + std::max({kPiece, used / 2, used == 0 ? static_cast<size_t>(st.st_size) + 1 : 0}));
    const ssize_t n = ::read(file.get(), text.data() + used, text.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return cannot(path, errno);
    used += static_cast<size_t>(n);
    if (used > limits.largest) return too_large(path, limits.largest);
    if (n > 0) continue;
    text.resize(used);
    return result;
  }
}

tl::expected<std::string, FileError> read_foreign_stream(const std::string& path, const ReadLimits& limits) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return cannot(path, errno);
  if (!S_ISFIFO(st.st_mode))
    return read_foreign_file(path, limits).map([](ForeignFile f) { return std::move(f.text); });
  const Descriptor pipe(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!pipe) return cannot(path, errno);
  std::string text;
  for (auto until = Clock::now() + limits.deadline;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return cannot(path, "no program writes to it", ETIMEDOUT);
    pollfd wait{pipe.get(), POLLIN, 0};  // nothing, not an end, while nobody has opened it to write yet
    if (::poll(&wait, 1, static_cast<int>(left)) <= 0) continue;
    char piece[4096];
    const ssize_t n = ::read(pipe.get(), piece, sizeof piece);
    if (n == 0) return text;
    if (n < 0 && errno != EINTR && errno != EAGAIN) return cannot(path, errno);
    if (n <= 0) continue;
    text.append(piece, static_cast<size_t>(n));
    if (text.size() > limits.largest) return too_large(path, limits.largest);
    until = Clock::now() + limits.deadline;
  }
}

tl::expected<std::string, FileError> read_standard_input(size_t largest) {
  const std::string name = "standard input";
  std::string text;
  for (std::array<char, kPiece> piece{};;) {
    const ssize_t n = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (n == 0) return text;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return cannot(name, errno);
    text.append(piece.data(), static_cast<size_t>(n));
    if (text.size() > largest) return too_large(name, largest);
  }
}

}  // namespace shstore::base
