#include "status/inventory/gather_inventory.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

#include "config/version.h"
#include "scsi/local_ports.h"
#include "status/inventory/configured.h"
#include "status/inventory/to_inventory.h"

namespace shstore::status::inventory {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPermissions = 07777;

// Where a path of an inventory really is; a path below /dev is below the given root.
fs::path real_path(const std::string& path, const Roots& roots) {
  const bool in_dev = path.starts_with("/dev/");
  std::error_code error;
  return fs::canonical(in_dev ? roots.dev + path.substr(4) : path, error);  // empty: there is none
}

std::string owner_name(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> room(16384);
  if (::getpwuid_r(uid, &entry, room.data(), room.size(), &found) != 0 || found == nullptr) return std::to_string(uid);
  return found->pw_name;
}

// In a folder that may not be looked into nothing is known.
std::optional<bool> exists_as(int outcome) {
  if (outcome == 0) return true;
  return errno == ENOENT || errno == ENOTDIR ? std::optional(false) : std::nullopt;
}

config::InventoryFile look_at(const std::string& path) {
  config::InventoryFile file;
  file.path = path;
  struct stat st {};
  if (exists_as(::lstat(path.c_str(), &st)) == true) file.link = S_ISLNK(st.st_mode);
  file.exists = exists_as(::stat(path.c_str(), &st));
  if (file.exists != true) return file;
  file.mode = st.st_mode & kPermissions;
  file.owner = owner_name(st.st_uid);
  return file;
}

// A virtual changer's Changer Device: /dev/null, or the configuration file of vchanger.
bool is_no_robot(const fs::path& path) {
  std::error_code error;
  return path == "/dev/null" || fs::is_regular_file(path, error);
}

class Gathering {
 public:
  explicit Gathering(const Sources& sources) : sources_(sources), devices_(kernel_devices(sources.roots)) {
    for (size_t i = 0; i < devices_.size(); ++i) {
      for (const auto& node : devices_[i].nodes) by_path_.try_emplace(real_path(node, sources.roots), i);
      if (!devices_[i].control.empty()) continue;
      problems_.push_back(devices_[i].hctl +
                          " has no generic device (/dev/sgN) and cannot be asked: `modprobe sg` makes one");
    }
  }

  // Another name of a known device, or a device that sysfs does not show.
  void add_named(const std::string& path, const char* directive, bool may_be_no_robot) {
    const auto real = real_path(path, sources_.roots);
    if (real.empty()) {
      problems_.push_back(std::string(directive) + ' ' + path + " does not exist, or may not be looked at");
      return;
    }
    if (may_be_no_robot && is_no_robot(real)) return;
    const auto [known, is_new] = by_path_.try_emplace(real, devices_.size());
    if (is_new) devices_.push_back({{}, path, {}, {}});
    auto& nodes = devices_[known->second].nodes;
    if (std::find(nodes.begin(), nodes.end(), path) == nodes.end()) nodes.push_back(path);
  }

  Gathered finish() && {
    ask();
    return {to_inventory(devices_), std::move(problems_), std::move(notes_)};
  }

 private:
  void ask() {
    std::vector<size_t> asked;
    std::vector<std::string> paths;
    for (size_t i = 0; i < devices_.size(); ++i) {
      if (devices_[i].control.empty()) continue;
      asked.push_back(i);
      paths.push_back(devices_[i].control);
    }
    base::Progress progress(sources_.progress);
    std::function<void(size_t)> tell;
    if (sources_.progress) {
      tell = [&](size_t answered) {
        progress(fmt::format("{} of {} devices have answered; waiting for at most {} s", answered, paths.size(),
                             std::chrono::ceil<std::chrono::seconds>(sources_.deadline).count()));
      };
    }
    auto answers = identify(paths, sources_.deadline, sources_.open, tell);
    for (size_t i = 0; i < asked.size(); ++i) {
      auto& identity = devices_[asked[i]].identity;
      identity = joined(std::move(answers[i].identity), identity);
      problems_.insert(problems_.end(), answers[i].problems.begin(), answers[i].problems.end());
      notes_.insert(notes_.end(), answers[i].notes.begin(), answers[i].notes.end());
    }
  }

  const Sources& sources_;
  std::vector<ScsiDevice> devices_;
  std::map<fs::path, size_t> by_path_;
  std::vector<std::string> problems_, notes_;
};

// By the library that each bacula-sd comes with, beside its plugins or below their folder's; nothing is run.
std::string bacula_version(const std::vector<config::SdConfig>& configs) {
  for (const auto& config : configs) {
    if (!config.storage || config.storage->plugin_directory->empty()) continue;
    const fs::path plugins(std::string(*config.storage->plugin_directory));
    for (const auto& folder : {plugins, plugins / "..", plugins / ".." / "lib"}) {
      std::error_code error;
      for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const auto name = at->path().filename().string();
        if (const auto version = config::text_of_library(name); !version.empty()) return std::string(version);
      }
    }
  }
  return {};
}

}  // namespace

Gathered gather_inventory(const std::vector<config::SdConfig>& configs, const Sources& sources) {
  Gathering gathering(sources);
  std::set<std::string> seen;
  std::vector<config::InventoryFile> files;
  for (const auto& config : configs) {
    const auto named = configured(config);
    for (const auto& path : named.control_devices) gathering.add_named(path, "Control Device", false);
    for (const auto& path : named.changer_devices) gathering.add_named(path, "Changer Device", true);
    for (const auto& path : named.files) {
      if (seen.insert(path).second) files.push_back(look_at(path));
    }
  }
  auto gathered = std::move(gathering).finish();
  gathered.inventory.files = std::move(files);
  gathered.inventory.bacula = bacula_version(configs);
  gathered.inventory.initiators = scsi::iscsi_initiators(sources.roots.sys);
  return gathered;
}

}  // namespace shstore::status::inventory
