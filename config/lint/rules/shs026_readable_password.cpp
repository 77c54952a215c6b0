#include <fmt/format.h>

#include <set>

#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr uint32_t kOthersRead = 0004;
constexpr uint32_t kOthersWrite = 0002;

template <class Config>
void check_password(const Config& config, const TextValue& password, std::set<std::string>& seen,
                    const Surroundings& around, Reporter& report) {
  if (!password.given || password->empty() || password.at.file >= config.files.size()) return;
  const std::string& file = config.files[password.at.file];
  if (!seen.insert(file).second) return;
  const FileFacts facts = around.file(file);
  if (!facts.exists || (facts.mode & kOthersRead) == 0) return;
  report.add(name_place(config, password),
             fmt::format("{} holds a password, and every user of this host may read it (mode {:04o})", file,
                         facts.mode & 07777),
             fmt::format("chmod o-rwx {}", file));
}

void check_storage_ctl(const StorageCtlText& text, const Surroundings& around, Reporter& report) {
  const FileFacts facts = around.file(text.path);
  if (!facts.exists || (facts.mode & kOthersWrite) == 0) return;
  Finding& finding = report.add(
      {text.path, 0, 0, 0},
      fmt::format("every user of this host may write {} (mode {:04o}): it is refused, and with it every job that "
                  "needs a lock",
                  text.path, facts.mode & 07777),
      fmt::format("chown root:tape {0}; chmod 640 {0}", text.path));
  finding.level = Level::error;
}

void check(const Site& site, const Surroundings& around, Reporter& report) {
  std::set<std::string> seen;
  bool is_here = false;
  for (const SiteSd& sd : site.sds) {
    if (!sd.is_here) continue;
    is_here = true;
    for (const SdDirector& director : sd.config.directors) {
      check_password(sd.config, director.password, seen, around, report);
    }
    if (sd.storage_ctl) check_storage_ctl(*sd.storage_ctl, around, report);
  }
  if (!is_here || !site.director) return;
  for (const DirStorage& storage : site.director->storages) {
    check_password(*site.director, storage.password, seen, around, report);
  }
}

}  // namespace

const Rule shs026{
    "SHS026", Level::warning, "other users may read a password or change the key", check,
    R"(What: Only for the host that the linter runs on: a configuration file with a Password is readable by
everybody, or storage-ctl.conf is writable by everybody (an error).

Why: Whoever has the Storage Daemon's password can read and overwrite every tape. storage-ctl.conf holds the
key that decides who has which drive; storage-ctl and the plugin refuse to use one that everybody may write.

Example:
    -rw-r--r-- 1 root root 2514 bacula-sd.conf

Fix: Let only root and the daemon's group read them:
    chown root:bacula bacula-sd.conf; chmod 640 bacula-sd.conf
    chown root:tape storage-ctl.conf; chmod 640 storage-ctl.conf)"};

}  // namespace shstore::config::lint
