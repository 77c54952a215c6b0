#include "status/state_file.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

#include "status/write_file.h"

namespace shstore::status {
namespace {

constexpr mode_t kMode = 0640;

tl::unexpected<std::string> failed(const std::string& what, const std::string& path, int error) {
  return tl::make_unexpected("cannot " + what + ' ' + path + ": " + std::generic_category().message(error));
}

}  // namespace

std::string state_path(const std::string& working_directory, const std::string& sd_name) {
  return working_directory + '/' + sd_name + ".shstore.json";
}

tl::expected<void, std::string> write_state(const std::string& path, const SdState& state) {
  return write_whole(path, to_json(state), kMode);
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
