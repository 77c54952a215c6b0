#include "plugin/device_watch.h"

#include <poll.h>

#include <utility>

namespace shstore::plugin {

DeviceWatch::DeviceWatch(scsi::Result<scsi::DeviceEvents> events) {
  if (events) {
    events_.emplace(std::move(*events));
  } else {
    unavailable_ = events.error().message;
  }
}

std::string DeviceWatch::start(Listener listener) {
  if (!events_) return unavailable_;
  if (thread_.started()) return {};
  listener_ = std::move(listener);
  return thread_.start(events_->descriptor(), [this] { tell(); });
}

// Whatever was lost may have been about any of them.
std::vector<std::string> DeviceWatch::read_all() {
  std::vector<std::string> devices;
  if (!events_) return devices;
  const auto batch = events_->read();
  if (batch.lost) {
    for (auto& [device, seen] : seen_) ++seen.resets;
    devices.emplace_back();
  }
  for (const auto& event : batch.events) {
    const auto found = seen_.find(event.device);
    if (found == seen_.end()) continue;
    if (event.kind == scsi::DeviceEvent::Kind::reset) ++found->second.resets;
    if (event.kind == scsi::DeviceEvent::Kind::gone) found->second.gone = true;
    devices.push_back(event.device);
  }
  return devices;
}

DeviceWatch::Seen DeviceWatch::take(const std::string& device) {
  const std::lock_guard lock(mutex_);
  (void)read_all();
  return std::exchange(seen_[device], {});
}

DeviceWatch::Seen DeviceWatch::take_after_reset(const std::string& device, std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  Seen all;
  for (const auto until = Clock::now() + patience;;) {
    const auto seen = take(device);
    all.resets += seen.resets;
    all.gone = all.gone || seen.gone;
    if (all.resets != 0 || !events_ || Clock::now() >= until) return all;
    // Our own thread may read the message first: it is looked for again soon.
    constexpr int kSoonMs = 5;
    pollfd waiting{events_->descriptor(), POLLIN, 0};
    ::poll(&waiting, 1, kSoonMs);
  }
}

void DeviceWatch::tell() {
  std::vector<std::string> devices;
  {
    const std::lock_guard lock(mutex_);
    devices = read_all();
  }
  for (const auto& device : devices) listener_(device);
}

}  // namespace shstore::plugin
