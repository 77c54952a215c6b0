// storage-ctl doctor --all.
#pragma once

#include <atomic>
#include <functional>
#include <iosfwd>
#include <string>

#include "scsi/base/progress.h"
#include "scsi/ctl/context.h"
#include "scsi/ctl/plugin_check.h"

namespace shstore::scsi::ctl {

struct SiteDoctor {
  std::string sd_conf;  ///< empty: the usual one
  bool json = false;
  std::string sysfs = "/sys";
  LocalPorts ports;
  const std::atomic<bool>* stop = nullptr;  ///< as LogicalUnit has it
  std::function<Check(const SiteConf&)> plugin = check_plugin;
  base::ShowProgress progress{};  ///< which drive is being asked: one that does not answer takes its time
};

/// Examines the plugin and every Device that has a Lock Command, as doctor does, and prints one verdict at the end. An ExitStatus:
/// refused if anything failed. Nothing on the drives changes.
int site_doctor(const SiteDoctor& how, std::ostream& out);

}  // namespace shstore::scsi::ctl
