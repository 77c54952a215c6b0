#include "status/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace shstore::status {

std::string file_error(const std::string& what, const std::string& path, int error) {
  return "cannot " + what + ' ' + path + ": " + std::generic_category().message(error);
}

int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0 ? EIO : errno;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return 0;
}

tl::expected<void, std::string> replace_file(const std::string& path, std::string_view text, mode_t mode) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());  // O_EXCL below: a link that somebody put there is never followed
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return tl::make_unexpected(file_error("create", fresh, errno));
  int error = write_all(fd, text);
  if (::fchmod(fd, mode) != 0 && error == 0) error = errno;
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(fresh.c_str());
  return tl::make_unexpected(file_error("write", path, error));
}

tl::expected<std::string, std::string> read_whole_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return tl::make_unexpected(file_error("read", path, errno));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return tl::make_unexpected(file_error("read", path, EIO));
  return text;
}

}  // namespace shstore::status
