// Is the plugin there that is to use the lock? Without it bacula-sd runs on, and nothing protects its drives.
#pragma once

#include <string>
#include <vector>

#include "config/reading.h"
#include "config/sd_config.h"
#include "scsi/ctl/json.h"

namespace shstore::scsi::ctl {

/// Where a bacula-sd.conf is looked for if none is given: /etc/bacula, /opt/bacula/etc. Empty: there is none.
std::string usual_sd_conf();

/// bacula-sd.conf, and why it is none.
struct SiteConf {
  std::string path;
  config::SdConfig config;
  std::string unreadable;  ///< empty: it could be read
};
SiteConf read_site_conf(const std::string& path);

/// Looks at shstore-sd.so in the Plugin Directory of that configuration and loads it as bacula-sd would, in a process of its own.
Check check_plugin(const SiteConf& site);

/// The same for `sd_conf`, or if that is empty for the usual one; where there is none that can be read, the folder is looked at into which
/// this program's package puts the plugin.
Check check_plugin_of(const std::string& sd_conf);

}  // namespace shstore::scsi::ctl
