#include "config/lint/program/disk_surroundings.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace shstore::config::lint {
namespace {

std::vector<std::string> entries_of(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class DiskSurroundings final : public Surroundings {
 public:
  FileFacts file(const std::string& path) const override {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    FileFacts facts;
    facts.exists = true;
    facts.is_directory = S_ISDIR(info.st_mode);
    facts.mode = info.st_mode & 07777U;
    facts.owner = user(info.st_uid);
    facts.group = group(info.st_gid);
    if (facts.is_directory) facts.entries = entries_of(path);
    return facts;
  }

  tl::expected<std::string, std::string> conf_of(const StorageCtl& command) const override {
    return config::conf_of(command);
  }

 private:
  // A name may come from a directory service, so each is asked for once.
  std::string user(uid_t id) const {
    const auto [entry, is_new] = users_.try_emplace(id);
    if (!is_new) return entry->second;
    const passwd* const found = ::getpwuid(id);
    return entry->second = found ? found->pw_name : std::to_string(id);
  }

  std::string group(gid_t id) const {
    const auto [entry, is_new] = groups_.try_emplace(id);
    if (!is_new) return entry->second;
    const ::group* const found = ::getgrgid(id);
    return entry->second = found ? found->gr_name : std::to_string(id);
  }

  mutable std::map<uid_t, std::string> users_;
  mutable std::map<gid_t, std::string> groups_;
};

}  // namespace

std::unique_ptr<Surroundings> disk_surroundings() { return std::make_unique<DiskSurroundings>(); }

}  // namespace shstore::config::lint
