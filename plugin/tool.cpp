#include "plugin/tool.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugin/drive_identity.h"
#include "plugin/tool_lock.h"
#include "reserve/record/state_file.h"
#include "scsi/base/printable.h"

namespace shstore::plugin {
namespace {

using config::SharedDevice;

constexpr uint32_t kGlobalDeviceInit = 1;  // bsdGlobalEventDeviceInit (stored/sd_plugins.h)

/// A tool that has loaded us. Never destroyed.
struct Tool {
  std::string program;
  config::SharedDevices shared;
  std::vector<std::pair<std::string, std::string>> all_devices{};  ///< name and archive device of every Device resource
  std::vector<const SharedDevice*> locked{};
};

Tool* g_tool = nullptr;

// Before it touches the tape.
[[noreturn]] void end_tool(const Tool& tool, const std::string& why) {
  constexpr int kConflict = 24;  // as storage-ctl's
  std::fflush(nullptr);
  std::fprintf(stderr, "shstore: %s ends, and has not touched the drive: %s.\n", tool.program.c_str(),
               base::printable(why).c_str());
  ::_exit(kConflict);
}

void lock_for_tool(Tool& tool, const void* devres) {
  const auto device = tool_device(read_device_resource(devres), tool.shared, tool.all_devices);
  if (!device.problem.empty()) end_tool(tool, device.problem);
  const auto* shared = device.shared;
  if (shared == nullptr || std::find(tool.locked.begin(), tool.locked.end(), shared) != tool.locked.end()) return;
  // A lock that is kept for a device which was closed a moment ago is nobody's use. What the daemon says is half a second old.
  const auto daemon_uses_it = [&] {
    const auto state = record::read_state(record::state_path(tool.shared.working_directory, tool.shared.sd_name));
    if (!state) return true;
    return std::any_of(state->drives.begin(), state->drives.end(), [&](const record::DriveState& d) {
      return d.control_device == shared->control_device &&
             (!d.claims.empty() || d.promised_to || d.kept_for_open_device);
    });
  };
  // As for a job: on the drive that is written, through the port that writes it.
  const auto drive = DriveIdentity(DriveNames{{shared->archive_device}, shared->control_device}).look(true);
  if (!drive.usable()) end_tool(tool, "device " + shared->display() + ": " + drive.text);
  auto locked = *shared;
  locked.control_device = drive.lock_through;
  const auto why = keep_tool_lock(locked, tool_patience(*shared), daemon_uses_it);
  if (!why.empty()) end_tool(tool, "device " + shared->display() + " is not to be had: " + why);
  tool.locked.push_back(shared);
}

}  // namespace

void tool_event(uint32_t type, const void* value) {
  if (g_tool == nullptr || type != kGlobalDeviceInit) return;
  try {
    lock_for_tool(*g_tool, value);
  } catch (const std::exception& e) {
    end_tool(*g_tool, e.what());
  }
}

void set_up_tool(const Daemon& daemon) {
  auto tool = std::make_unique<Tool>();
  tool->program = daemon.program();
  if (daemon.config_path().empty()) {
    tool->shared.unreadable = "the path of its configuration file is not known";
  } else {
    const auto reader = config::disk_reader();
    const auto config = config::load_sd_config(daemon.config_path(), *reader);
    tool->shared = config::shared_devices(config, config::disk_conf_loader());
    for (const auto& d : config.devices) tool->all_devices.emplace_back(*d.name, *d.archive_device);
  }
  g_tool = tool.release();
}

}  // namespace shstore::plugin
