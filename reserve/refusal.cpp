#include "reserve/refusal.h"

namespace shstore::reserve {
namespace {

std::string beginning(const char* code, JobId job) { return std::string(code) + " JobId=" + std::to_string(job) + ' '; }

// A Lock Command of the site's own may not tell whose the lock is.
std::string name_of(const HostKey& holder) { return holder.empty() ? "another host" : holder; }

}  // namespace

std::string refusal_text(JobId job, const std::string& device, const Refusal& refusal) {
  switch (refusal.kind) {
    case Refusal::Kind::held_by_other:
      return beginning("3612", job) + "waiting because device " + device +
             " is reserved by: " + name_of(refusal.holder) + '.';
    case Refusal::Kind::yielding:
      return beginning("3615", job) + "waiting because it is the turn of " + refusal.holder + " to use device " +
             device + '.';
    case Refusal::Kind::promised:
      return beginning("3616", job) + "waiting because device " + device +
             " is kept for JobId=" + std::to_string(refusal.job) + ", which has waited longer.";
    case Refusal::Kind::error: break;
  }
  return beginning("3613", job) + "cannot lock device " + device + ": " + refusal.reason + '.';
}

std::string misconfigured_text(JobId job, const std::string& device, const std::string& reason) {
  return beginning("3614", job) + "may not use device " + device + ", which is configured for locking: " + reason + '.';
}

std::string ring_text(const std::vector<MutualWait::Link>& ring) {
  std::string text;
  for (const auto& link : ring)
    text += (text.empty() ? "" : "; ") + link.host + " has " + link.has + " and waits for " + link.waits_for;
  return text;
}

std::string gives_in_text(JobId job, const std::string& device, const std::vector<MutualWait::Link>& ring, JobId half,
                          Duration still) {
  const auto seconds = std::to_string(std::chrono::round<std::chrono::seconds>(still).count());
  return beginning("3617", job) + "gives up device " + device +
         ", because hosts wait for each other: " + ring_text(ring) + ". Nothing has changed for " + seconds +
         " s, and this job" + (half == 0 ? std::string() : "'s other half, JobId=" + std::to_string(half) + ',') +
         " has a drive that the others wait for. It is failed so that they go on; run it again when they have ended "
         "(mutual_wait in storage-ctl.conf).";
}

std::string damage_text(const Damage& damage, bool only_device) {
  const auto what = [&]() -> std::string {
    switch (damage.kind) {
      case Damage::Kind::reset: return "the drive was reset or switched off: where its tape stands is unknown";
      case Damage::Kind::doubtful:
        return "the lock was gone for a while, and somebody else may have used the drive meanwhile";
      case Damage::Kind::gone: return "this host has lost its path to the drive, and with it the lock";
      case Damage::Kind::unproven:
        return "its lock could not be proven when the Volume was to be changed: " + damage.found;
      case Damage::Kind::cut_off: return damage.found;
      case Damage::Kind::moved: return "the tape moved under us: " + damage.found;
      case Damage::Kind::foreign:
        return damage.by +
               " had the drive while the device was open in this daemon, which believes what it read of the tape before";
      case Damage::Kind::taken: break;
    }
    return "the lock was lost: " + name_of(damage.by) + " has taken the drive";
  };
  return what() + (only_device
                       ? "; the device is still open in this daemon: release it in bconsole (with Always Open = yes: "
                         "unmount it and mount it again), or restart bacula-sd"
                       : "");
}

std::string granted_text(const std::string& device, const std::string& key, const Answer& answer) {
  std::string text = "shstore: device " + device + " is locked" + (key.empty() ? "" : " with key " + key);
  if (answer.waited) {
    text +=
        ", after waiting " + std::to_string(std::chrono::round<std::chrono::seconds>(*answer.waited).count()) + " s";
    if (!answer.waited_for.empty()) text += " for " + answer.waited_for;
  }
  return text + '.';
}

std::pair<std::string, bool> opened_text(const DriveView& view, const std::string& device, const std::string& key) {
  if (view.opened_by.empty() && view.unused_since) {
    std::string jobs;
    for (const auto& claim : view.claims) jobs += (jobs.empty() ? "" : ", ") + std::to_string(claim.job);
    return {"device " + device + " is closed and locked for JobId " + jobs +
                ", which waits for a Volume: no other host gets the drive meanwhile.",
            true};
  }
  const auto begin = "device " + device + " was opened by " + view.opened_by + " and not by a job";
  if (view.locked && !view.lost) {
    return {begin + ": it is locked" + (key.empty() ? "" : " with key " + key) + " while it is open.", false};
  }
  if (!view.yielding_to.empty())
    return {begin + ", and it is the turn of " + view.yielding_to + " to use it: it is not locked.", true};
  const auto holder = view.blocked_by.empty() ? std::string("another host") : view.blocked_by;
  return {begin + ", while " + holder + " holds it: the drive refuses what needs the lock, and nothing is registered.",
          true};
}

std::string conclusion_text(const std::string& device, const Refusal& why, bool lost) {
  if (lost) return "shstore: device " + device + ": " + why.reason + ". The job is failed.";
  return "shstore: device " + device + ": at the end of the job its lock could not be proven: " + why.reason + '.';
}

std::string notice_text(const JobNotice& notice, const std::string& device, const std::string& from,
                        const std::string& until) {
  // Bacula takes what the drive refuses for the end of the tape, or for an error of it. If it does not, it appends to the Volume later, behind
  // blocks that no filemark ends: there it counts the blocks from 0, and a restore goes by that (seen in the lab, docs/mid-write.md).
  constexpr const char* kNoFault =
      " If Bacula has marked the Volume Full or Error, that is not a fault of the medium; if it has not, set it to Used: what is "
      "appended behind data that no filemark ends is not restored whole.";
  const std::string subject = "shstore: device " + device;
  const std::string interval = "between " + from + " and " + until;
  switch (notice.kind) {
    case JobNotice::Kind::come: return {};
    case JobNotice::Kind::regained:
      return subject + " was without its lock for some time " + interval +
             ": its reservation had been cleared. No other host has locked it meanwhile; it is locked again.";
    case JobNotice::Kind::doubtful:
      return subject + " was without its lock for some time " + interval +
             ", and another host may have used it: the volume must be checked. The job is failed." + kNoFault;
    case JobNotice::Kind::lost:
      return subject + ": the lock was lost " + interval + ": " + name_of(notice.holder) +
             " has taken the drive. What was written since is not to be relied on. The job is failed." + kNoFault;
    case JobNotice::Kind::reset:
      return subject + " was reset or switched off " + interval +
             ": where its tape stands since is unknown, and what is on the Volume may have been written over, backups of before as "
             "well: it must be checked. The job is failed." +
             kNoFault;
    case JobNotice::Kind::gone:
      return subject + ": this host lost its path to the drive " + interval +
             ", and with it the lock: another host may have used the drive. The job is failed." + kNoFault +
             " The job ends once bacula-sd has given up opening the device (Maximum Open Wait).";
    case JobNotice::Kind::unproven:
      return subject + ": its lock was proven last at " + from +
             ", and could not be proven when the Volume was to be changed: " + notice.found + ". The job is failed." +
             kNoFault;
    case JobNotice::Kind::not_retaken:
      return subject +
             ": its lock was given back while this job waited for a Volume (idle_lock_release in storage-ctl.conf), and cannot "
             "be had again now that the device is open: " +
             (notice.holder.empty() ? notice.found : "it is locked by " + notice.holder) +
             ". The job is failed. If Bacula has marked the Volume Full or Error, that is not a fault of the medium.";
    case JobNotice::Kind::cut_off:
      return subject + ": " + notice.found +
             ": bacula-sd counts what is appended from block 0 all the same, and a restore of it would end short. The job is failed. Set "
             "the Volume to Used (update volume=NAME volstatus=Used), so that the next job takes another.";
    case JobNotice::Kind::moved:
      return subject + ": the tape moved under us " + interval + ": " + notice.found +
             ". What is on the Volume may have been written over, backups of before as well: it must be checked. The job is "
             "failed." +
             kNoFault;
  }
  return {};
}

}  // namespace shstore::reserve
