#include "plugin/notices.h"

#include <algorithm>

namespace shstore::plugin {
namespace {

constexpr std::chrono::seconds kSameTaking{2};  // wall clock times are worked out anew for each state

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string first_job(const record::DriveState& d) {
  if (!d.claims.empty()) return std::to_string(d.claims.front().job);
  return d.promised_to ? std::to_string(*d.promised_to) : "-";
}

bool taken_anew(const record::DriveState& before, const record::DriveState& now) {
  return before.locked && now.locked && before.locked_since && now.locked_since &&
         std::chrono::abs(*before.locked_since - *now.locked_since) > kSameTaking;
}

void compare(const record::DriveState& before, const record::DriveState& now, std::vector<Notice>& notices) {
  const auto add = [&](const char* event, const std::string& holder, const std::string& job) {
    notices.push_back({event, now.control_device, or_dash(now.key), or_dash(holder), job});
  };
  const bool anew = taken_anew(before, now);
  if (now.lost && !before.lost) {
    for (const auto& claim : now.claims) add("lost", now.blocked_by, std::to_string(claim.job));
    if (now.claims.empty()) add("lost", now.blocked_by, "-");
  } else if (before.locked && (!now.locked || anew)) {
    add("unlocked", now.blocked_by, first_job(before));
  }
  if (now.locked && (!before.locked || anew)) add("locked", now.key, first_job(now));
  if (now.other_product && !before.other_product) {
    add("blocked", now.blocked_by, now.waiting.empty() ? "-" : std::to_string(now.waiting.front().job));
  }
}

}  // namespace

std::vector<Notice> Notices::observe(const record::SdState& state) {
  std::vector<Notice> notices;
  std::set<std::string> seen;
  std::set<Waiter> waiters;
  for (const auto& drive : state.drives) {
    if (!drive.problem.empty() || !waits_.contains(drive.control_device) || !seen.insert(drive.control_device).second)
      continue;
    auto& before = drives_[drive.control_device];
    compare(before, drive, notices);
    before = drive;
    for (const auto& waiting : drive.waiting) waiters.insert({drive.control_device, waiting.job});
  }
  std::erase_if(told_, [&](const Waiter& waiter) { return !waiters.contains(waiter); });
  return notices;
}

std::vector<Notice> Notices::overdue(record::WallTime now) {
  std::vector<Notice> notices;
  for (const auto& [control, drive] : drives_) {
    for (const auto& waiting : drive.waiting) {
      if (now - waiting.since < waits_.at(control) || !told_.insert({control, waiting.job}).second) continue;
      const auto& holder = waiting.refusal.holder.empty() ? drive.blocked_by : waiting.refusal.holder;
      notices.push_back({"waiting", control, or_dash(drive.key), or_dash(holder), std::to_string(waiting.job)});
    }
  }
  return notices;
}

std::optional<record::WallTime> Notices::next() const {
  std::optional<record::WallTime> next;
  for (const auto& [control, drive] : drives_) {
    for (const auto& waiting : drive.waiting) {
      if (told_.contains({control, waiting.job})) continue;
      const auto at = waiting.since + waits_.at(control);
      if (!next || at < *next) next = at;
    }
  }
  return next;
}

}  // namespace shstore::plugin
