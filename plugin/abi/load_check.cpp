#include "plugin/abi/load_check.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "plugin/abi/bacula_abi.h"
#include "scsi/base/foreign_file.h"

namespace shstore::plugin {
namespace {

constexpr uint32_t kInterfaceOf9 = 12, kInterfaceSince11 = 13;
constexpr std::array<std::string_view, 3> kLicenses = {"Bacula AGPLv3", "AGPLv3", "Bacula"};  // the last one: 9.6 only
constexpr std::string_view kEnding = "-sd.so";
constexpr char kGood = '+', kBad = '-';

// What bacula-sd gives a plugin to call; nothing of it does anything here.
int register_events(abi::Context*, ...) { return abi::rc_ok; }
int value(abi::Context*, int, void*) { return abi::rc_ok; }
int job_message(abi::Context*, const char*, int, int, int64_t, const char*, ...) { return abi::rc_ok; }
int debug_message(abi::Context*, const char*, int, int, const char*, ...) { return abi::rc_ok; }

std::string refused(std::string why) { return kBad + std::move(why); }

std::string why_incompatible(const abi::PluginInfo* info, uint32_t interface) {
  if (info == nullptr || info->magic == nullptr || std::strcmp(info->magic, abi::kMagic) != 0)
    return "it is no plugin for bacula-sd";
  if (info->version != interface) {
    return fmt::format("it is made for version {} of the plugin interface, and bacula-sd has {}", info->version,
                       interface);
  }
  const bool licensed = info->license != nullptr &&
                        std::find(kLicenses.begin(), kLicenses.end(), info->license) != kLicenses.end() &&
                        (interface == kInterfaceOf9 || info->license != kLicenses.back());
  if (!licensed) {
    return fmt::format("bacula-sd does not accept its licence \"{}\"", info->license != nullptr ? info->license : "");
  }
  if (info->size != sizeof(abi::PluginInfo))
    return fmt::format("its description has {} bytes and not {}", info->size, sizeof(abi::PluginInfo));
  return {};
}

// In the child.
std::string load(const std::string& file, const std::vector<uint32_t>& interfaces) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW);
  if (library == nullptr) {
    const char* error = ::dlerror();
    std::string why = error != nullptr ? error : "it cannot be loaded";
    if (why.starts_with(file + ": ")) why.erase(0, file.size() + 2);
    return refused(why);
  }
  using Load = int (*)(abi::Info*, abi::Functions*, abi::PluginInfo**, abi::PluginFunctions**);
  const auto load_plugin = reinterpret_cast<Load>(::dlsym(library, "loadPlugin"));
  if (load_plugin == nullptr || ::dlsym(library, "unloadPlugin") == nullptr) {
    return refused("it has no loadPlugin and unloadPlugin: it is no plugin for Bacula");
  }
  std::string version;
  for (const auto interface : interfaces) {
    abi::Functions functions{sizeof(abi::Functions), interface, register_events, value, value, job_message,
                             debug_message,          nullptr};
    abi::Info info{sizeof(abi::Functions), interface};
    abi::PluginInfo* theirs = nullptr;
    abi::PluginFunctions* entries = nullptr;
    if (load_plugin(&info, &functions, &theirs, &entries) != abi::rc_ok || entries == nullptr)
      return refused("it refuses to be loaded");
    if (auto why = why_incompatible(theirs, interface); !why.empty()) return refused(std::move(why));
    if (theirs->plugin_version != nullptr) version = theirs->plugin_version;
  }
  return kGood + version;
}

[[noreturn]] void be_child(int to_parent, const std::string& file, const std::vector<uint32_t>& interfaces) {
  std::string answer;
  try {
    answer = load(file, interfaces);
  } catch (const std::exception& e) {
    answer = refused(e.what());
  }
  for (size_t at = 0; at < answer.size();) {
    const auto n = ::write(to_parent, answer.data() + at, answer.size() - at);
    if (n <= 0) break;
    at += static_cast<size_t>(n);
  }
  ::_exit(0);
}

/// What the child writes until it ends; `late`: it did not end in time.
std::string read_until(int fd, std::chrono::steady_clock::time_point end, bool& late) {
  std::string text;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd waited{fd, POLLIN, 0};
    const int ready = left > 0 ? ::poll(&waited, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    late = ready == 0;
    if (ready <= 0) return text;
    std::array<char, 512> piece{};
    const auto n = ::read(fd, piece.data(), piece.size());
    if (n <= 0) return text;
    text.append(piece.data(), static_cast<size_t>(n));
  }
}

LoadCheck load_in_child(const std::string& file, const std::vector<uint32_t>& interfaces,
                        std::chrono::milliseconds deadline) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {false, fmt::format("it was not tried: {}", std::strerror(errno))};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    be_child(ends[1], file, interfaces);
  }
  ::close(ends[1]);
  if (child < 0) {
    const int error = errno;
    ::close(ends[0]);
    return {false, fmt::format("it was not tried: {}", std::strerror(error))};
  }
  bool late = false;
  const auto answer = read_until(ends[0], std::chrono::steady_clock::now() + deadline, late);
  ::close(ends[0]);
  if (late) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (late) return {false, fmt::format("loading it does not come to an end within {} s", deadline.count() / 1000)};
  if (answer.empty()) {
    return {false, WIFSIGNALED(status) ? fmt::format("loading it ends the process with signal {} ({})",
                                                     WTERMSIG(status), ::strsignal(WTERMSIG(status)))
                                       : std::string("loading it ends the process")};
  }
  return {answer.front() == kGood, answer.substr(1)};
}

}  // namespace

LoadCheck check_load(const std::string& file, const std::vector<uint32_t>& interfaces,
                     std::chrono::milliseconds deadline) {
  struct stat st {};
  if (::lstat(file.c_str(), &st) != 0)
    return {false, errno == ENOENT ? std::string("it is not there") : std::strerror(errno)};
  if (S_ISLNK(st.st_mode))
    return {false, "it is a symbolic link, and bacula-sd passes over those without a word: put the file itself there"};
  if (!S_ISREG(st.st_mode)) return {false, "it is no regular file, and bacula-sd passes over those without a word"};
  if (!file.ends_with(kEnding)) return {false, "bacula-sd loads only files whose names end in -sd.so"};
  return load_in_child(file, interfaces, deadline);
}

std::vector<uint32_t> interfaces_of(const std::string& program) {
  constexpr std::string_view kLibrary = "libbacsd-";
  constexpr size_t kLargestProgram = size_t{64} << 20;
  const auto file = base::read_foreign_file(program, {.largest = kLargestProgram});
  const std::string bytes = file ? file->text : std::string();
  const auto at = bytes.find(kLibrary);
  if (at == std::string::npos) return {kInterfaceOf9, kInterfaceSince11};
  const auto version = std::string_view(bytes).substr(at + kLibrary.size(), 3);
  if (version.starts_with("9.")) return {kInterfaceOf9};
  return {kInterfaceSince11};
}

}  // namespace shstore::plugin
