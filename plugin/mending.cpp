#include "plugin/mending.h"

#include <algorithm>

namespace shstore::plugin {
namespace {

constexpr std::chrono::seconds kPause{1};

}  // namespace

config::Verdict Mending::judge(std::string_view archive, std::string_view control, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto it_is = [&](const auto& d) { return d.archive_device == archive && d.control_device == control; };
  if (const auto known = std::find_if(mended_.begin(), mended_.end(), it_is); known != mended_.end()) return &*known;
  if (now >= next_) {
    latest_ = read_();
    next_ = now + kPause;
  }
  auto verdict = config::judge(latest_, archive, control);
  if (const auto* usable = std::get_if<const config::SharedDevice*>(&verdict)) {
    auto& device = mended_.emplace_back(**usable);
    device.watch_opens = false;  // who opens devices is watched from the daemon's start on, or not at all
    add_(device);
    return &device;
  }
  return verdict;
}

bool Mending::is_mended(std::string_view device) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(mended_.begin(), mended_.end(), [&](const auto& d) { return d.name == device; });
}

}  // namespace shstore::plugin
