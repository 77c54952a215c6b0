#include "status/state_file.h"

#include <fstream>
#include <sstream>

#include "status/whole_file.h"

namespace shstore::status {
namespace {

constexpr mode_t kMode = 0640;

}  // namespace

std::string state_path(const std::string& working_directory, const std::string& sd_name) {
  return working_directory + '/' + sd_name + ".shstore.json";
}

tl::expected<void, std::string> write_state(const std::string& path, const SdState& state) {
  return replace_file(path, to_json(state), kMode);
}

tl::expected<SdState, std::string> read_state(const std::string& path) {
  const auto text = read_whole_file(path);
  if (!text) return tl::make_unexpected(text.error());
  return parse_state(*text).map_error([&](const std::string& why) { return "cannot understand " + path + ": " + why; });
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
