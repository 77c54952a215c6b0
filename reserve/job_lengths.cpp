#include "reserve/job_lengths.h"

#include <algorithm>
#include <string_view>

namespace shstore::reserve {
namespace {

constexpr size_t kLengths = 3;
/// A shorter one is over before anybody has heard of it.
constexpr Duration kShortest{5000};
/// Those who wait look every half second or so before they have heard, and a job takes some per cent more or less than the last one.
constexpr Duration kShortestLead{1500}, kLongestLead{6000};
constexpr int kLeadPart = 25;
/// For so long one telling is believed, about (Timing::near).
constexpr Duration kOneTelling{8000};

}  // namespace

std::string name_without_moment(const std::string& unique_name) {
  constexpr std::string_view kMoment =
      ".dddd-dd-dd_dd.dd.dd_";  // stored by dird/job.c, create_unique_job_name(); a counter follows
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto counter = unique_name.rfind('_') + 1;
  if (counter == 0 || counter == unique_name.size() || counter < kMoment.size()) return unique_name;
  if (!std::all_of(unique_name.begin() + static_cast<std::ptrdiff_t>(counter), unique_name.end(), digit))
    return unique_name;
  const auto begin = counter - kMoment.size();
  for (size_t i = 0; i < kMoment.size(); ++i) {
    const char c = unique_name[begin + i];
    if (kMoment[i] == 'd' ? !digit(c) : c != kMoment[i]) return unique_name;
  }
  return unique_name.substr(0, begin);
}

void JobLengths::add(const std::string& name, Duration length) {
  if (!known_.contains(name) && known_.size() >= kNames) {
    known_.erase(std::min_element(known_.begin(), known_.end(),
                                  [](const auto& a, const auto& b) { return a.second.added < b.second.added; }));
  }
  auto& known = known_[name];
  known.added = ++added_;
  known.lengths.push_back(length);
  if (known.lengths.size() > kLengths) known.lengths.pop_front();
}

std::vector<Duration> JobLengths::tell_after(const std::string& name) const {
  const auto known = known_.find(name);
  if (known == known_.end()) return {};
  auto lengths = known->second.lengths;
  std::sort(lengths.begin(), lengths.end());
  std::vector<Duration> moments;
  for (const auto length : lengths) {
    if (length < kShortest) continue;
    const auto moment = length - std::clamp(length / kLeadPart, kShortestLead, kLongestLead);
    if (moments.empty() || moment >= moments.back() + kOneTelling) moments.push_back(moment);
  }
  return moments;
}

}  // namespace shstore::reserve
