#include "reserve/turn_order.h"

#include <algorithm>

namespace shstore::reserve {

Duration longest_pause(size_t waiting) {
  constexpr size_t kFew = 3;
  constexpr Duration kForEach{1250}, kOfMost{80000};
  if (waiting <= kFew) return Duration::zero();
  return std::min(kForEach * static_cast<int64_t>(waiting - 1), kOfMost);
}

Duration TurnOrder::patience_with(const HostKey& key, Instant now) const {
  const auto found = missed.find(key);
  if (found == missed.end()) return timing.while_for_watchers;
  return !found->second.again || now >= found->second.forgiven_at ? timing.while_for_others : Duration::zero();
}

// One that is not next may have to be found out of a pause, which varies by a quarter, and need a moment.
void TurnOrder::open_window(Instant now, size_t waiting) {
  constexpr Duration kMoment{1500};
  Duration longest{0};
  for (const auto& key : ahead) longest = std::max(longest, patience_with(key, now));
  const auto pause = longest_pause(waiting);
  if (longest > Duration::zero() && pause > Duration::zero()) longest = std::max(longest, pause * 5 / 4 + kMoment);
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

void TurnOrder::begin(const LockReading& reading, Instant now) {
  ahead.clear();
  until.reset();
  for (const auto& key : reading.others) {
    if (key != reading.holder) ahead.insert(key);
  }
  beside.clear();
  beside_known = reading.registered;
  see(reading, now);
}

void TurnOrder::see(const LockReading& reading, Instant now) {
  const auto there = [&](const HostKey& key) {
    return std::find(reading.others.begin(), reading.others.end(), key) != reading.others.end();
  };
  std::erase_if(ahead, [&](const auto& key) { return !there(key); });
  std::erase_if(missed, [&](const auto& entry) { return !there(entry.first); });
  if (!beside_known && reading.registered) {
    beside_known = true;
    beside.insert(reading.others.begin(), reading.others.end());
    std::erase_if(beside, [&](const auto& key) { return ahead.contains(key); });
  }
  std::erase_if(beside, [&](const auto& key) { return !there(key) || key == reading.holder; });
  if (!reading.holder.empty()) {
    // Whoever took the drive while we let it go first is awake; it has had its turn then.
    if (until && ahead.contains(reading.holder)) missed.erase(reading.holder);
    ahead.erase(reading.holder);
    until.reset();
    return;
  }
  if (!until) open_window(now, reading.others.size() + 1);
  if (now >= *until) miss(now);
}

void TurnOrder::stop() {
  ahead.clear();
  beside.clear();
  beside_known = true;
  until.reset();
}

std::optional<HostKey> TurnOrder::first(Instant now) const {
  if (!until || now >= *until || ahead.empty()) return std::nullopt;
  return *ahead.begin();
}

}  // namespace shstore::reserve
