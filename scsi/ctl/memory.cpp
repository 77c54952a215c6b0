#include "scsi/ctl/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "reserve/record/state_file.h"
#include "scsi/device_events.h"

namespace shstore::scsi::ctl {
namespace {

namespace fs = std::filesystem;

bool is_that(const record::DriveState& drive, const std::string& device) {
  if (drive.control_device == device) return true;
  std::error_code error;
  if (fs::equivalent(drive.control_device, device, error)) return true;
  const auto of_kernel = sysfs_device(device);
  return !of_kernel.empty() &&
         (sysfs_device(drive.control_device) == of_kernel || sysfs_device(drive.archive_device) == of_kernel);
}

void learn(const record::SdState& state, const record::DriveState& drive, const std::string& sign,
           PluginMemory& memory) {
  if (const auto& known = drive.locked_drive;
      known && !known->initiator.empty() && !sign.empty() && known->machine == sign) {
    memory.ports.push_back(known->initiator);
  }
  const bool claims = drive.locked || !drive.claims.empty();
  if (!claims || !state.running) return;
  const auto who = fmt::format("{} (bacula-sd, pid {})", state.sd_name, state.pid);
  switch (record::writer_of(state)) {
    case record::Writer::alive: memory.user = who; return;
    case record::Writer::hidden: memory.untold = "this user does not see whether " + who + " still runs"; return;
    case record::Writer::gone: return;
  }
}

}  // namespace

std::vector<std::string> state_files(const std::string& given, const std::string& folder) {
  if (!given.empty()) return {given};
  std::vector<std::string> files;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
    auto path = it->path().string();
    if (path.ends_with(".shstore.json")) files.push_back(std::move(path));
  }
  std::sort(files.begin(), files.end());
  return files;
}

PluginMemory plugin_memory(const std::string& device, const std::vector<std::string>& states, const std::string& sign) {
  PluginMemory memory;
  for (const auto& path : states) {
    const auto state = record::read_state(path);
    if (!state) {
      if (!state.error().missing) memory.untold = state.error().message;
      continue;
    }
    for (const auto& drive : state->drives) {
      if (!is_that(drive, device)) continue;
      memory.states.push_back(path);
      learn(*state, drive, sign, memory);
    }
  }
  memory.states.erase(std::unique(memory.states.begin(), memory.states.end()), memory.states.end());
  return memory;
}

}  // namespace shstore::scsi::ctl
