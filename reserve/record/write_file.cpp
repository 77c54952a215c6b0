#include "reserve/record/write_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace shstore::record {
namespace {

tl::unexpected<std::string> failed(const std::string& what, const std::string& path, int error) {
  return tl::make_unexpected("cannot " + what + ' ' + path + ": " + std::generic_category().message(error));
}

int write_all(int fd, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0 ? EIO : errno;
    done += static_cast<size_t>(n);
  }
  return 0;
}

}  // namespace

tl::expected<void, std::string> write_whole(const std::string& path, const std::string& text, mode_t mode) {
  auto fresh = path + ".XXXXXX";
  const int fd = ::mkostemp(fresh.data(), O_CLOEXEC);  // a new file: a link that somebody put there is never followed
  if (fd < 0) return failed("create a file beside", path, errno);
  int error = write_all(fd, text);
  if (::fchmod(fd, mode) != 0 && error == 0) error = errno;
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(fresh.c_str());
  return failed("write", path, error);
}

}  // namespace shstore::record
