#include "status/look/drive_use.h"

#include <fmt/format.h>

#include "status/look/peer_names.h"

namespace shstore::status {
namespace {

using std::chrono::seconds;

seconds age(const SdSnapshot& sd, const std::optional<record::WallTime>& since) {
  return since ? std::max(seconds(0), seconds(sd.taken - *since)) : seconds(0);
}

std::string opened(const SdSnapshot& sd, const record::DriveState& p) {
  const auto begin = fmt::format("It was opened by {} and not by a job, {} ago", p.opened_by,
                                 record::age_text(age(sd, p.opened_since)));
  if (p.locked) return begin + ": its lock is kept while it is open";
  if (!p.yielding_to.empty()) return begin + ", and it is the turn of " + named(p.yielding_to, sd.names);
  if (!p.blocked_by.empty())
    return begin + ", while " + named(p.blocked_by, sd.names) + " holds it: the drive refuses what needs the lock";
  return begin + ": it is not locked";
}

std::string unused(const SdSnapshot& sd, const record::DriveState& p) {
  std::string jobs;
  for (const auto& claim : p.claims) jobs += fmt::format("{}{}", jobs.empty() ? "" : ", ", claim.job);
  const bool one = p.claims.size() == 1;
  // stored: tape_dev::rewind at the close opens the device anew, for as long as that takes.
  if (p.lost)
    return fmt::format(
        "JobId{} {} {} been failed and not ended yet, {} after the device was closed: where its name is gone, bacula-sd goes on "
        "looking for it until Maximum Open Wait is over",
        one ? "" : "s", jobs, one ? "has" : "have", record::age_text(age(sd, p.unused_since)));
  return fmt::format(
      "JobId{} {} hold{} it and wait{} for a Volume: the device has been closed for {}, and no other host gets the drive",
      one ? "" : "s", jobs, one ? "s" : "", one ? "s" : "", record::age_text(age(sd, p.unused_since)));
}

// No warning: it is what the administrator has asked for.
std::string paused(const record::DriveState& p) {
  std::string jobs;
  for (const auto& job : p.paused) jobs += fmt::format("{}{}", jobs.empty() ? "" : ", ", job.job);
  const bool one = p.paused.size() == 1;
  return fmt::format(
      "JobId{} {} wait{} for a Volume with the device closed: the lock was given back meanwhile (idle_lock_release), and is "
      "taken again when the device is opened",
      one ? "" : "s", jobs, one ? "s" : "");
}

bool is_unused(const SdSnapshot& sd, const record::DriveState& p) {
  return p.locked && !p.claims.empty() && p.unused_since && age(sd, p.unused_since) >= kUnusedByJob;
}

}  // namespace

std::vector<std::string> use_remarks(const SdSnapshot& sd, const DeviceSnapshot& d) {
  std::vector<std::string> remarks;
  if (!d.plugin || !sd.plugin_runs()) return remarks;
  if (!d.plugin->opened_by.empty()) remarks.push_back(opened(sd, *d.plugin));
  if (is_unused(sd, *d.plugin)) remarks.push_back(unused(sd, *d.plugin));
  if (!d.plugin->paused.empty()) remarks.push_back(paused(*d.plugin));
  return remarks;
}

std::vector<std::string> use_warnings(const SdSnapshot& sd, const DeviceSnapshot& d) {
  std::vector<std::string> warnings;
  if (!d.plugin || !sd.plugin_runs()) return warnings;
  const auto& p = *d.plugin;
  if (!p.opened_by.empty() && age(sd, p.opened_since) >= kOpenForNoJob) warnings.push_back(opened(sd, p));
  if (is_unused(sd, p)) warnings.push_back(unused(sd, p));
  return warnings;
}

}  // namespace shstore::status
