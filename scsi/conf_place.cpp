#include "scsi/conf_place.h"

#include <fmt/format.h>
#include <sys/auxv.h>

#include <array>
#include <filesystem>
#include <vector>

#include "scsi/settings_file.h"

namespace shstore::scsi {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "storage-ctl.conf";
constexpr int kMostLinks = 40;  // as the kernel follows (path_resolution(7))
constexpr std::array kScriptsFolders = {"/etc/bacula/scripts", "/opt/bacula/scripts"};

fs::path folder_of(const fs::path& program) {
  return program.has_parent_path() ? program.parent_path() : fs::path(".");
}

/// The program, and each that a link leads to.
std::vector<fs::path> names_of(fs::path program) {
  std::vector<fs::path> names{program};
  std::error_code error;
  for (int i = 0; i < kMostLinks; ++i) {
    const auto target = fs::read_symlink(program, error);
    if (error) break;
    program = target.is_absolute() ? target : folder_of(program) / target;
    names.push_back(program);
  }
  return names;
}

class Found {
 public:
  /// Takes the file if it is there. An error: it is another one than that which was found before.
  Result<void> add(const std::string& path) {
    std::error_code error;
    if (!fs::exists(path, error) && !error) return {};
    if (path_.empty()) {
      path_ = path;
      return {};
    }
    if (fs::equivalent(path, path_, error)) return {};
    const auto one = read_settings_file(path_), other = read_settings_file(path);
    if (one && other && *one == *other) return {};
    return fail(Error::Kind::config,
                fmt::format("there are two storage-ctl.conf that are not the same, {} and {}: remove one, so that "
                            "it is certain which key counts",
                            path_, path));
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

Result<std::string> conf_of_program(const std::string& program) {
  const auto names = names_of(program);
  Found found;
  for (const auto& name : names) {
    if (auto added = found.add((folder_of(name) / kName).string()); !added) return tl::make_unexpected(added.error());
  }
  const auto last = folder_of(names.back()).filename();
  if (found.path().empty() && (last == "bin" || last == "sbin")) {
    for (const auto* folder : kScriptsFolders) {
      if (auto added = found.add((fs::path(folder) / kName).string()); !added)
        return tl::make_unexpected(added.error());
    }
    if (found.path().empty()) return (fs::path(kScriptsFolders.front()) / kName).string();
  }
  return found.path().empty() ? (folder_of(names.front()) / kName).string() : found.path();
}

std::string own_program() {
  std::error_code error;
  const auto self = fs::read_symlink("/proc/self/exe", error);
  const auto* started_as = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  // Of a program that another one loaded (ld.so PROGRAM) that is the other one's name.
  if (started_as != nullptr && (error || fs::equivalent(started_as, "/proc/self/exe", error))) return started_as;
  return self.string();
}

}  // namespace shstore::scsi
