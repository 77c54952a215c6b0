#include "plugin/dcr_moves.h"

#include <algorithm>
#include <utility>

namespace shstore::plugin {

const config::SharedDevice* DcrMoves::to(const void* dcr, const config::SharedDevice* device) {
  const auto* before = std::exchange(on_[dcr], device);
  if (before == nullptr) return nullptr;
  const bool still_on = std::any_of(on_.begin(), on_.end(), [&](const auto& entry) {
    return entry.second != nullptr && entry.second->control_device == before->control_device;
  });
  return still_on ? nullptr : before;
}

}  // namespace shstore::plugin
