// What the plugins of this host's Storage Daemons have written down of a drive (reserve/record/state.h).
#pragma once

#include <string>
#include <vector>

namespace shstore::scsi::ctl {

struct PluginMemory {
  std::vector<std::string> ports{};  ///< text() of TransportIDs by which this very machine has locked it
  std::string user{};    ///< a living daemon that uses it: "cibou-sd (bacula-sd, pid 812)"; empty: none is known
  std::string untold{};  ///< why it cannot be told whether one does
  std::vector<std::string> states{};  ///< the files that know it
};

/// `given`, or else every state file in the folder that Bacula's packages work in.
std::vector<std::string> state_files(const std::string& given, const std::string& folder = "/var/lib/bacula");

/// `device` by its name, or by another name of the same device. What one of several files knows counts. `sign`: this machine's
/// (scsi/machine_sign.h); what another machine has written of its ports is not believed.
PluginMemory plugin_memory(const std::string& device, const std::vector<std::string>& states, const std::string& sign);

}  // namespace shstore::scsi::ctl
