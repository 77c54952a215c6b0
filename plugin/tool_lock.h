// btape, bls, bscan, bextract and bcopy: they load the plugin, ask it nothing, and use a drive. The one thing they send is the
// global event DeviceInit, with the DEVRES of just the device that they will use: there the lock is taken.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/shared/shared_devices.h"

namespace shstore::plugin {

/// What a DEVRES (stored/stored_conf.h) says of itself. Its layout is that of 9.6 to 15 on amd64; nothing that it points to is
/// relied on to be there. Nothing: it cannot be read.
struct DeviceResource {
  std::string name, archive_device;
};
std::optional<DeviceResource> read_device_resource(const void* devres);

/// Which device a tool is about to use: believed only where a Device resource of its configuration has that name and that archive
/// device.
struct ToolDevice {
  const config::SharedDevice* shared = nullptr;  ///< null: it is not shared
  std::string problem{};                         ///< why the tool must not use it
};
ToolDevice tool_device(const std::optional<DeviceResource>& told, const config::SharedDevices& shared,
                       const std::vector<std::pair<std::string, std::string>>& all_devices);

/// Takes the lock of the drive for this process and keeps it until its end, whatever that is: a child process of ours gives it
/// back. Waits up to `patience` while another host or another program of this host has it, with one line on standard error; not
/// for this host's own daemon. What this process runs below (storage-ctl exec) is joined, a lock taken by hand too. Empty: it is
/// ours; otherwise the sentence with which the tool should end.
/// `daemon_uses_it`: what this host's daemon says of a lock that it has; false: it gives it back in a moment, which is waited for.
std::string keep_tool_lock(const config::SharedDevice& device, std::chrono::seconds patience,
                           const std::function<bool()>& daemon_uses_it);

/// max_lock_wait, or what the environment's SHSTORE_WAIT says, in seconds.
std::chrono::seconds tool_patience(const config::SharedDevice& device);

}  // namespace shstore::plugin
