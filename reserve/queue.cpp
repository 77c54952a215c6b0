#include "reserve/queue.h"

#include <algorithm>

namespace shstore::reserve {

bool Queue::pending() const {
  return std::any_of(requests.begin(), requests.end(), [](const auto& r) { return !r.second.answer; });
}

bool Queue::answered() const {
  return std::any_of(requests.begin(), requests.end(), [](const auto& r) { return r.second.answer.has_value(); });
}

bool Queue::pending_verify() const {
  return std::any_of(requests.begin(), requests.end(),
                     [](const auto& r) { return !r.second.answer && r.second.verify; });
}

std::map<JobContext, Queue::Waiting>::iterator Queue::longest_waiting(Instant now) {
  auto longest = waiting.end();
  for (auto w = waiting.begin(); w != waiting.end(); ++w) {
    if (w->second.not_before > now) continue;
    if (longest == waiting.end() || w->second.job.since < longest->second.job.since) longest = w;
  }
  return longest;
}

std::optional<Instant> Queue::first_eligible() const {
  std::optional<Instant> first;
  for (const auto& [owner, w] : waiting) {
    if (w.not_before != kUntilItAsks && (!first || w.not_before < *first)) first = w.not_before;
  }
  return first;
}

}  // namespace shstore::reserve
