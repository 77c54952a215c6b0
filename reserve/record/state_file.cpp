#include "reserve/record/state_file.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "scsi/base/foreign_file.h"
#include "scsi/base/output_file.h"
#include "scsi/base/printable.h"

namespace shstore::record {
namespace {

constexpr mode_t kMode = 0640;

std::string not_believed(const std::string& path, uid_t owner) {
  return fmt::format(
      "{} is not believed: it belongs to user {}, and everybody may write to its folder. Give the Working Directory "
      "to the daemon alone",
      base::printable(path), owner);
}

}  // namespace

std::string state_path(const std::string& working_directory, const std::string& sd_name) {
  return working_directory + '/' + sd_name + ".shstore.json";
}

tl::expected<void, std::string> write_state(const std::string& path, const SdState& state) {
  return base::replace_file(path, to_json(state), kMode);
}

tl::expected<SdState, NoState> read_state(const std::string& path) {
  const auto file = base::read_foreign_file(path);
  if (!file) return tl::make_unexpected(NoState{file.error().message, file.error().missing()});
  if (base::may_be_a_strangers(path, file->owner)) return tl::make_unexpected(NoState{not_believed(path, file->owner)});
  return parse_state(file->text).map_error([&](const std::string& why) {
    return NoState{"cannot understand " + base::printable(path) + ": " + why};
  });
}

namespace {

// proc(5), /proc/PID/stat.
struct ProcessStat {
  char state = 0;       // field 3
  int threads = 0;      // field 20
  int64_t started = 0;  // field 22; 0: there is no such process, or it may not be seen
};

ProcessStat process_stat(int64_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(in, line);
  // Field 2 is the program's name in brackets and may hold anything; the fields are counted from behind it.
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  constexpr int kFieldsBetween = 16;  // fields 4 to 19
  ProcessStat stat;
  std::string skipped;
  rest >> stat.state;
  for (int i = 0; i < kFieldsBetween; ++i) rest >> skipped;
  rest >> stat.threads >> skipped >> stat.started;
  return stat;
}

// Nobody has asked for its exit status yet, and nothing of it runs any more. (The first thread of a process may have ended while
// others still hang in a command to a drive: those are counted, too.)
bool is_zombie(const ProcessStat& stat) { return stat.state == 'Z' || stat.state == 'X'; }
bool has_ended(const ProcessStat& stat) { return is_zombie(stat) && stat.threads <= 1; }

}  // namespace

int64_t process_start(int64_t pid) { return process_stat(pid).started; }

std::string file_id(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return {};
  return fmt::format("{:x}:{:x}", st.st_dev, st.st_ino);
}

std::string pid_namespace() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/ns/pid", error).string();
}

Writer writer_of(const SdState& state) {
  if (!state.running || state.pid <= 0) return Writer::gone;
  const auto here = pid_namespace();
  if (!here.empty() && !state.pid_namespace.empty() && here != state.pid_namespace) return Writer::hidden;
  const auto stat = process_stat(state.pid);
  if (stat.started != 0) return stat.started == state.pid_started && !has_ended(stat) ? Writer::alive : Writer::gone;
  // /proc may be mounted with hidepid, or not at all.
  const bool exists = ::kill(static_cast<pid_t>(state.pid), 0) == 0 || errno == EPERM;
  return exists ? Writer::hidden : Writer::gone;
}

bool is_ending(const SdState& state) { return is_alive(state) && is_zombie(process_stat(state.pid)); }

bool is_alive(const SdState& state) { return writer_of(state) == Writer::alive; }

}  // namespace shstore::record
