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

std::string DeviceWatch::start(Listener listener, NodesChanged nodes_changed) {
  if (!events_) return unavailable_;
  if (thread_.started()) return {};
  {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
    nodes_changed_ = std::move(nodes_changed);
  }
  return thread_.start(events_->descriptor(), [this] { tell(); });
}

// Whatever was lost may have been about any of them.
DeviceWatch::News DeviceWatch::read_all() {
  News news;
  if (!events_) return news;
  const auto batch = events_->read();
  if (batch.nodes) news.nodes = nodes_changed_;
  if (batch.lost) {
    for (auto& [device, seen] : seen_) ++seen.resets;
    news.devices.emplace_back();
  }
  for (const auto& event : batch.events) {
    const auto found = seen_.find(event.device);
    if (found == seen_.end()) continue;
    if (event.kind == scsi::DeviceEvent::Kind::reset) ++found->second.resets;
    if (event.kind == scsi::DeviceEvent::Kind::gone) found->second.gone = true;
    news.devices.push_back(event.device);
  }
  return news;
}

// What was read here of the nodes the thread will not see.
DeviceWatch::Seen DeviceWatch::take(const std::string& device) {
  std::unique_lock lock(mutex_);
  const auto news = read_all();
  auto seen = std::exchange(seen_[device], {});
  lock.unlock();
  if (news.nodes) news.nodes();
  return seen;
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
  News news;
  {
    const std::lock_guard lock(mutex_);
    news = read_all();
  }
  if (news.nodes) news.nodes();
  for (const auto& device : news.devices) listener_(device);
}

}  // namespace shstore::plugin
