// A Storage Daemon with one shared drive, into which what others say is put.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/sd_config.h"
#include "config/shared/shared_devices.h"
#include "status/look/snapshot.h"

namespace shstore::fuzzing {

class OneText final : public config::FileReader {
 public:
  explicit OneText(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string&) override { return text_; }

 private:
  std::string text_;
};

inline const config::SdConfig& sample_config() {
  static const config::SdConfig one = [] {
    OneText reader(R"(Storage { Name = cibou-sd; Working Directory = /w; Pid Directory = /p }
Director { Name = d; Password = x }
Messages { Name = m; director = d = all }
Autochanger { Name = tape; Device = Drive-0, Drive-1; Changer Device = /dev/sg9; Changer Command = "" }
Device { Name = Drive-0; Media Type = tape; Archive Device = /dev/nst0; Control Device = /dev/sg0; Autochanger = yes
  Lock Command = "/etc/bacula/scripts/storage-ctl %l %o" }
Device { Name = Drive-1; Media Type = tape; Archive Device = /dev/nst1; Control Device = /dev/sg1; Autochanger = yes
  Drive Index = 1 }
)");
    return config::load_sd_config("bacula-sd.conf", reader);
  }();
  return one;
}

inline const config::SharedDevices& sample_shared() {
  static const config::SharedDevices one = config::shared_devices(sample_config(), [](const std::string& path) {
    return scsi::parse_storage_ctl_conf("key=bac001\npeer_bac999=dir\n", path);
  });
  return one;
}

inline status::SdSnapshot sample_snapshot(const status::KnownState& known,
                                          const status::BaculaStatus* bacula = nullptr) {
  const std::vector<status::LiveLock> live(sample_shared().devices.size());
  const record::WallTime now{std::chrono::seconds(1795344532)};
  return status::join(sample_config(), sample_shared(), known, live, {now, {{"0xbac999", "dir"}}, bacula});
}

}  // namespace shstore::fuzzing
