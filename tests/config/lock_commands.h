// What each Lock Command is. The tests of config/shared, of the linter and of the plugin all run these rows, so that none of
// them can call a set-up broken that another one supports, or the other way round.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace shstore::config::testing {

enum class Is { storage_ctl, site_program, unusable };

struct LockCommandRow {
  std::string_view command;  ///< as bacula-sd has it: what the configuration's quotes and backslashes leave
  Is is;
  /// Its storage-ctl.conf; its words, joined by '|'; or a part of the reason for which every job is refused.
  std::string_view detail;
};

inline constexpr std::array kLockCommands = {
    LockCommandRow{"/opt/bacula/scripts/storage-ctl %l %o", Is::storage_ctl, "/opt/bacula/scripts/storage-ctl.conf"},
    LockCommandRow{"/etc/bacula/scripts/storage-ctl  %o %l", Is::storage_ctl, "/etc/bacula/scripts/storage-ctl.conf"},
    LockCommandRow{"\"/srv/my scripts/storage-ctl\" '%l' \"%o\"", Is::storage_ctl, "/srv/my scripts/storage-ctl.conf"},
    LockCommandRow{"storage-ctl --config /etc/key.conf %l %o", Is::storage_ctl, "/etc/key.conf"},
    LockCommandRow{"/opt/x/storage-ctl %l %o --config /etc/key.conf", Is::storage_ctl, "/etc/key.conf"},
    LockCommandRow{"/usr/local/bin/site-lock %o %l", Is::site_program, "/usr/local/bin/site-lock|%o|%l"},
    LockCommandRow{"/usr/local/bin/my-lock --device=%l '%o' \"a b\"", Is::site_program,
                   "/usr/local/bin/my-lock|--device=%l|%o|a b"},
    LockCommandRow{"/usr/local/bin/my-lock do=%o drive=%d", Is::site_program, "/usr/local/bin/my-lock|do=%o|drive=%d"},
    LockCommandRow{"site-lock %o %a", Is::site_program, "site-lock|%o|%a"},
    LockCommandRow{"/usr/bin/sudo /opt/bacula/scripts/storage-ctl %l %o", Is::site_program,
                   "/usr/bin/sudo|/opt/bacula/scripts/storage-ctl|%l|%o"},
    LockCommandRow{"/srv/lock\"it up\" %o", Is::site_program, "/srv/lock\"it|up\"|%o"},
    LockCommandRow{" \t ", Is::unusable, "is empty"},
    LockCommandRow{"storage-ctl %l %o", Is::unusable, "without its whole path"},
    LockCommandRow{"bin/storage-ctl %l %o", Is::unusable, "without its whole path"},
    LockCommandRow{"/opt/bacula/scripts/storage-ctl %o", Is::unusable,
                   "must be \"/opt/bacula/scripts/storage-ctl %l %o\""},
    LockCommandRow{"/opt/bacula/scripts/storage-ctl %l", Is::unusable,
                   "must be \"/opt/bacula/scripts/storage-ctl %l %o\""},
    LockCommandRow{"/opt/bacula/scripts/storage-ctl %1 %0", Is::unusable,
                   "must be \"/opt/bacula/scripts/storage-ctl %l %o\""},
    LockCommandRow{"/opt/bacula/scripts/storage-ctl %l%o", Is::unusable,
                   "must be \"/opt/bacula/scripts/storage-ctl %l %o\""},
    LockCommandRow{"/usr/local/bin/my-lock %l", Is::unusable, "\"%o\" is missing"},
    LockCommandRow{"/usr/local/bin/my-lock %l %%o", Is::unusable, "\"%o\" is missing"},
};

/// A bacula-sd.conf of one drive with this Lock Command.
inline std::string configuration_with(const LockCommandRow& row) {
  std::string value;
  for (const char c : row.command) {
    if (c == '"' || c == '\\') value += '\\';
    value += c;
  }
  return "Storage { Name = cibou-sd; Working Directory = /var/lib/bacula; Pid Directory = /run }\n"
         "Director { Name = dir; Password = x }\n"
         "Messages { Name = Standard; director = dir = all }\n"
         "Device { Name = Drive-0; Media Type = LTO-9; Archive Device = /dev/nst0; AlwaysOpen = no\n"
         "  Control Device = /dev/sg0; Lock Command = \"" +
         value + "\" }\n";
}

inline std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : "|") + word;
  return text;
}

}  // namespace shstore::config::testing
