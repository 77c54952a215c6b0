#include "reserve/turn_order.h"

#include <algorithm>

namespace shstore::reserve {

Duration TurnOrder::patience_with(const HostKey& key, Instant now) const {
  const auto found = missed.find(key);
  if (found == missed.end()) return timing.while_for_watchers;
  return !found->second.again || now >= found->second.forgiven_at ? timing.while_for_others : Duration::zero();
}

void TurnOrder::open_window(Instant now) {
  Duration longest{0};
  for (const auto& key : ahead) longest = std::max(longest, patience_with(key, now));
  until = now + longest;
}

void TurnOrder::miss(Instant now) {
  for (const auto& key : ahead) {
    // One that is not waited for any more has not missed anything new.
    if (!is_awake(key, now)) continue;
    const bool again = missed.contains(key);
    missed[key] = {again, now + timing.memory};
  }
  ahead.clear();
  until.reset();
}

void TurnOrder::begin(const Sight& sight, Instant now) {
  ahead.clear();
  until.reset();
  for (const auto& key : sight.others) {
    if (key != sight.holder) ahead.insert(key);
  }
  see(sight, now);
}

void TurnOrder::see(const Sight& sight, Instant now) {
  const auto there = [&](const HostKey& key) {
    return std::find(sight.others.begin(), sight.others.end(), key) != sight.others.end();
  };
  std::erase_if(ahead, [&](const auto& key) { return !there(key); });
  std::erase_if(missed, [&](const auto& entry) { return !there(entry.first); });
  if (!sight.holder.empty()) {
    // Whoever took the drive while we let it go first is awake; it has had its turn then.
    if (until && ahead.contains(sight.holder)) missed.erase(sight.holder);
    ahead.erase(sight.holder);
    until.reset();
    return;
  }
  if (!until) open_window(now);
  if (now >= *until) miss(now);
}

void TurnOrder::stop() {
  ahead.clear();
  until.reset();
}

std::optional<HostKey> TurnOrder::first(Instant now) const {
  if (!until || now >= *until || ahead.empty()) return std::nullopt;
  return *ahead.begin();
}

}  // namespace shstore::reserve
