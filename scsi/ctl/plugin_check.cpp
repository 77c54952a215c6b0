#include "scsi/ctl/plugin_check.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "plugin/abi/load_check.h"

namespace shstore::scsi::ctl {
namespace {

namespace fs = std::filesystem;
using Verdict = Check::Verdict;

constexpr const char* kFileName = "shstore-sd.so";
constexpr std::array kUsual = {"/etc/bacula/bacula-sd.conf", "/opt/bacula/etc/bacula-sd.conf"};

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error) || error == std::errc::permission_denied;
}

Check look(const std::string& folder) {
  const auto file = (fs::path(folder) / kFileName).string();
  const auto program = folder.starts_with("/opt/bacula/") ? "/opt/bacula/bin/bacula-sd" : "/usr/sbin/bacula-sd";
  const auto seen = plugin::check_load(file, plugin::interfaces_of(program));
  if (seen.loads)
    return {Verdict::ok, "plugin", fmt::format("{}: bacula-sd can load it (shstore {})", file, seen.text)};
  return {Verdict::failed, "plugin",
          fmt::format("{}: {}. Without its plugin bacula-sd locks no drive", file, seen.text)};
}

}  // namespace

std::string usual_sd_conf() {
  for (const char* path : kUsual) {
    if (exists(path)) return path;
  }
  return {};
}

SiteConf read_site_conf(const std::string& path) {
  const auto reader = config::disk_reader();
  SiteConf site{path, config::load_sd_config(path, *reader), {}};
  if (site.config.storage) return site;
  if (const auto text = reader->read(path); !text) {
    site.unreadable =
        fmt::format("{} cannot be read: {}. Run this as root or as the user that runs bacula-sd", path, text.error());
  } else {
    site.unreadable =
        path + " is not the configuration of a Storage Daemon: it has no Storage resource that can be understood";
  }
  return site;
}

Check check_plugin(const SiteConf& site) {
  if (!site.unreadable.empty()) return {Verdict::failed, "plugin", site.unreadable};
  const std::string folder(*site.config.storage->plugin_directory);
  if (folder.empty()) {
    return {Verdict::failed, "plugin",
            fmt::format(
                "{}: the Storage resource has no Plugin Directory ({}): bacula-sd loads no plugin and locks no drive",
                site.path, SHSTORE_PLUGIN_DIR)};
  }
  return look(folder);
}

Check check_plugin_of(const std::string& sd_conf) {
  if (!sd_conf.empty()) return check_plugin(read_site_conf(sd_conf));
  if (const auto usual = usual_sd_conf(); !usual.empty()) {
    const auto site = read_site_conf(usual);
    if (site.unreadable.empty()) return check_plugin(site);
  }
  return look(SHSTORE_PLUGIN_DIR);
}

}  // namespace shstore::scsi::ctl
