#include "status/state_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace shstore::status {
namespace {

constexpr mode_t kMode = 0640;

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

std::string state_path(const std::string& working_directory, const std::string& sd_name) {
  return working_directory + '/' + sd_name + ".shstore.json";
}

tl::expected<void, std::string> write_state(const std::string& path, const SdState& state) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());  // O_EXCL below: a link that somebody put there is never followed
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kMode);
  if (fd < 0) return failed("create", fresh, errno);
  int error = write_all(fd, to_json(state));
  if (::fchmod(fd, kMode) != 0 && error == 0) error = errno;
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(fresh.c_str());
  return failed("write", path, error);
}

tl::expected<SdState, std::string> read_state(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return failed("read", path, errno);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return failed("read", path, EIO);
  return parse_state(text).map_error([&](const std::string& why) { return "cannot understand " + path + ": " + why; });
}

int64_t process_start(int64_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(in, line);
  // Field 2 is the program's name in brackets and may hold anything; the fields are counted from behind it.
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream rest(line.substr(name_end + 1));
  constexpr int kFieldsBetween = 19;  // fields 3 to 21
  std::string skipped;
  for (int i = 0; i < kFieldsBetween; ++i) rest >> skipped;
  int64_t start = 0;
  rest >> start;
  return start;
}

bool is_alive(const SdState& state) {
  return state.running && state.pid > 0 && process_start(state.pid) == state.pid_started;
}

}  // namespace shstore::status
