#include "reserve/courtesy.h"

#include <algorithm>

namespace shstore::reserve {

Duration Courtesy::patience_with(const std::string& key, Instant now) const {
  const auto found = missed_.find(key);
  if (found == missed_.end()) return timing_.while_for_watchers;
  if (found->second.times == 1 || now - found->second.last >= timing_.memory) return timing_.while_for_others;
  return Duration::zero();
}

void Courtesy::open_window(Instant now) {
  Duration longest{0};
  for (const auto& key : ahead_) longest = std::max(longest, patience_with(key, now));
  until_ = now + longest;
}

void Courtesy::miss(Instant now) {
  for (const auto& key : ahead_) {
    auto& missed = missed_[key];
    // One that is not waited for any more has not missed anything new.
    if (patience_with(key, now) == Duration::zero()) continue;
    missed = {missed.times + 1, now};
  }
  ahead_.clear();
  until_.reset();
}

void Courtesy::begin(const Sight& sight, Instant now) {
  ahead_.clear();
  until_.reset();
  for (const auto& key : sight.others) {
    if (key != sight.holder) ahead_.insert(key);
  }
  see(sight, now);
}

void Courtesy::see(const Sight& sight, Instant now) {
  const auto there = [&](const std::string& key) {
    return std::find(sight.others.begin(), sight.others.end(), key) != sight.others.end();
  };
  std::erase_if(ahead_, [&](const auto& key) { return !there(key); });
  std::erase_if(missed_, [&](const auto& entry) { return !there(entry.first); });
  if (!sight.holder.empty()) {
    // Whoever took the drive while we let it go first is awake; it has had its turn then.
    if (until_ && ahead_.contains(sight.holder)) missed_.erase(sight.holder);
    ahead_.erase(sight.holder);
    until_.reset();
    return;
  }
  if (!until_) open_window(now);
  if (now >= *until_) miss(now);
}

void Courtesy::stop() {
  ahead_.clear();
  until_.reset();
}

std::optional<std::string> Courtesy::first(Instant now) const {
  if (!until_ || now >= *until_ || ahead_.empty()) return std::nullopt;
  return *ahead_.begin();
}

}  // namespace shstore::reserve
