#include "status/live.h"

#include <future>

#include "scsi/drive_lock.h"
#include "scsi/transport.h"

namespace shstore::status {
namespace {

LiveLock read_one(const changer::SharedDevice& device) {
  LiveLock live;
  if (!device.problem.empty()) {
    live.error = device.problem;
    return live;
  }
  if (!device.command.empty()) {
    live.error = "it is locked by " + device.command.front() + ", whose key is not known here";
    return live;
  }
  const auto transport = scsi::open_transport(device.control_device);
  if (!transport) {
    live.error = transport.error().message;
    return live;
  }
  scsi::LogicalUnit unit(**transport);
  const auto state = scsi::DriveLock(unit, device.key).read();
  if (!state) {
    live.error = state.error().message;
    return live;
  }
  live.generation = state->generation;
  live.registered = state->registrations_of(device.key) > 0;
  live.locked = state->held_by(device.key);
  if (state->reservation && !live.locked) live.blocked_by = scsi::to_text(state->reservation->key);
  return live;
}

}  // namespace

std::vector<LiveLock> read_live(const std::vector<changer::SharedDevice>& devices) {
  std::vector<std::future<LiveLock>> answers;
  for (const auto& device : devices) answers.push_back(std::async(std::launch::async, read_one, std::cref(device)));
  std::vector<LiveLock> all;
  for (auto& answer : answers) all.push_back(answer.get());
  return all;
}

}  // namespace shstore::status
