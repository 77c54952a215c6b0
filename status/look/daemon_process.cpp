#include "status/look/daemon_process.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

namespace shstore::status {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDefaultFile = "/etc/bacula/bacula-sd.conf";
constexpr std::string_view kWithValue = "cdgu";  // stored.c: getopt "c:d:fg:mpPstu:v?Ti"

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> arguments_of(const fs::path& process) {
  std::vector<std::string> words;
  const auto text = read_all(process / "cmdline");
  for (size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\0', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

/// The configuration that a bacula-sd was started with; nothing: it is none that stays.
std::optional<std::string> configuration_of(const std::vector<std::string>& words) {
  std::string file(kDefaultFile), operand;
  for (size_t i = 1; i < words.size(); ++i) {
    const auto& word = words[i];
    if (word.size() < 2 || word[0] != '-') {
      if (operand.empty()) operand = word;
      continue;
    }
    for (size_t at = 1; at < word.size(); ++at) {
      if (word[at] == 't') return std::nullopt;
      if (kWithValue.find(word[at]) == std::string_view::npos) continue;
      const auto value = at + 1 < word.size() ? word.substr(at + 1) : ++i < words.size() ? words[i] : std::string{};
      if (word[at] == 'c') file = value;
      break;
    }
  }
  return operand.empty() ? file : operand;
}

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

enum class Match { no, yes, hidden };

// A process of another user does not show its folder; of an absolute name it is then believed that it has the same root.
Match uses(const fs::path& process, const std::string& file, const struct stat& wanted) {
  struct stat st {};
  if (!file.starts_with('/')) {
    if (::stat((process / "cwd" / file).c_str(), &st) == 0) return same_file(st, wanted) ? Match::yes : Match::no;
    return ::stat((process / "cwd/.").c_str(), &st) == 0 ? Match::no : Match::hidden;
  }
  const bool own_root = ::stat((process / "root/.").c_str(), &st) == 0;
  const auto path = own_root ? (process / "root").string() + file : file;
  return ::stat(path.c_str(), &st) == 0 && same_file(st, wanted) ? Match::yes : Match::no;
}

std::optional<int64_t> pid_of(const std::string& name) {
  int64_t pid = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) return std::nullopt;
  return pid;
}

}  // namespace

DaemonProcess find_daemon(const std::string& sd_file, const std::string& proc) {
  DaemonProcess found;
  struct stat wanted {};
  if (::stat(sd_file.c_str(), &wanted) != 0) return found;
  // Where /proc is mounted with hidepid, not even the first process is shown to others.
  std::error_code error;
  found.hidden = !fs::exists(fs::path(proc) / "1" / "comm", error);
  for (fs::directory_iterator entry(proc, error), end; !error && entry != end; entry.increment(error)) {
    const auto pid = pid_of(entry->path().filename());
    if (!pid || read_all(entry->path() / "comm") != "bacula-sd\n") continue;
    const auto words = arguments_of(entry->path());
    if (words.empty()) continue;  // it has ended
    const auto file = configuration_of(words);
    if (!file) continue;
    const auto match = uses(entry->path(), *file, wanted);
    if (match == Match::yes) return {pid, false};
    found.hidden = found.hidden || match == Match::hidden;
  }
  return found;
}

}  // namespace shstore::status
