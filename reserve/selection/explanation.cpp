// Obstacles in an administrator's words.
#include "reserve/selection/selection.h"

namespace shstore::reserve {
namespace {

std::string in_quotes(const std::string& text) { return '"' + text + '"'; }

std::string count(uint32_t n, const char* one, const char* many) {
  return std::to_string(n) + ' ' + (n == 1 ? one : many);
}

// "2 jobs write to it", "1 job reads from it", "1 job has reserved it"
std::string who_uses(const DriveUse& use) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (use.reading) add("a job reads from it");
  if (use.writers != 0) add(count(use.writers, "job writes", "jobs write") + " to it");
  if (use.reserved != 0) add(count(use.reserved, "job has", "jobs have") + " reserved it");
  return text.empty() ? "nobody uses it" : text;
}

std::string names_of_pools(const JobWish& wish) {
  std::string text;
  for (const auto& s : wish.storages) text += (text.empty() ? "" : " or ") + in_quotes(s.pool);
  return text;
}

std::string names_of_media(const JobWish& wish) {
  std::string text;
  for (const auto& s : wish.storages) text += (text.empty() ? "" : " or ") + in_quotes(s.media_type);
  return text;
}

std::string changer_name(const SdModel& model, size_t drive) {
  for (const auto& c : model.changers) {
    for (const auto d : c.drives) {
      if (d == drive) return in_quotes(c.name);
    }
  }
  return "its changer";
}

Explanation lock_explanation(const DriveFacts& facts, const DriveUse& use) {
  const auto tool = "storage-ctl " + (facts.control_device.empty() ? "CONTROL-DEVICE" : facts.control_device) + ' ';
  if (use.lock && use.lock->kind == Refusal::Kind::held_by_other) {
    return {"another Storage Daemon holds the drive: its key is " + use.lock->holder,
            "Nothing: the job gets the drive when the other daemon gives it back. If that daemon is dead, "
            "remove its lock alone with " +
                tool + "preempt " + use.lock->holder};
  }
  if (use.lock && use.lock->kind == Refusal::Kind::yielding) {
    return {
        "it is the turn of another Storage Daemon, which waits for the drive; its key is " + use.lock->holder,
        "Nothing: jobs that use the drive now end first; if that daemon does not take it then, the job gets it within a minute"};
  }
  if (use.lock && use.lock->kind == Refusal::Kind::promised) {
    return {"the drive is kept for JobId=" + std::to_string(use.lock->job) + ", which has waited longer",
            "Nothing: it waits for that job"};
  }
  return {
      "the drive's lock could not be taken: " + (use.lock ? use.lock->reason : std::string("for an unknown reason")),
      "Look at the drive with " + tool + "doctor"};
}

}  // namespace

Explanation explain(const Try& t, const SdModel& model, const SdUse& all, const JobWish& wish) {
  const auto& facts = model.drives[t.drive];
  const auto& use = all.drives[t.drive];
  switch (t.obstacle) {
    case Obstacle::none: return {"the job gets this drive", ""};
    case Obstacle::read_only:
      return {"it has Read Only = yes, and the job writes", "Nothing, if the drive is meant for restores"};
    case Obstacle::not_auto_select:
      return {"it has Auto Select = no: a job that asks for " + changer_name(model, t.drive) + " never gets it",
              "Nothing, if the drive is meant for restores. Otherwise remove Auto Select = no, or let the job "
              "use a Storage whose Device is " +
                  in_quotes(facts.name)};
    case Obstacle::media_type:
      return {"its Media Type is " + in_quotes(facts.media_type) + ", the job wants " + names_of_media(wish),
              "Make the Media Type of the Director's Storage and of the Device the same, letter by letter"};
    case Obstacle::missing:
      return {"bacula-sd could not set up " + facts.archive_device, "See the Storage Daemon's messages at its start"};
    case Obstacle::disabled:
      return {"it is disabled", "Enable it with the console's command enable, or remove Enabled = no from the Device"};
    case Obstacle::volume_elsewhere:
      return {"the Volume that the job would use is in another drive that is busy", "Nothing: it waits for that drive"};
    case Obstacle::no_usable_volume:
      return {
          "no Volume of Pool " + names_of_pools(wish) + " is left for it: those that the Director offers are in use",
          "Add a Volume to the Pool if the jobs are to run side by side"};
    case Obstacle::drive_keeps_volume:
      return {"another job has reserved the Volume " + in_quotes(use.volume) + " in it",
              "Nothing: it waits for that job"};
    case Obstacle::unmounted:
      return {"somebody unmounted it with the console's command unmount",
              "Give it back to the jobs with the command mount"};
    case Obstacle::busy:
      return {"a job that reads needs the drive for itself, and " + who_uses(use), "Nothing: it waits for them to end"};
    case Obstacle::reading: return {"a job reads from it or is about to", "Nothing: it waits for that job"};
    case Obstacle::not_free:
      return {"the job has Prefer Mounted Volumes = no and looks for a free drive first, but " + who_uses(use), ""};
    case Obstacle::nothing_mounted: return {"the job prefers a drive with a Volume in it, and this one has none", ""};
    case Obstacle::other_volume: return {"the job prefers a Volume that is in another drive", ""};
    case Obstacle::other_pool:
      return {who_uses(use) + " for Pool " + in_quotes(use.pool) + ", and the job wants Pool " + names_of_pools(wish),
              "Nothing: it waits for them to end. A drive writes for one Pool at a time"};
    case Obstacle::max_jobs:
      return {"it takes " + count(facts.max_jobs, "job", "jobs") + " at a time (Maximum Concurrent Jobs), and " +
                  who_uses(use),
              "Nothing: it waits for one of them to end. Or raise Maximum Concurrent Jobs of the Device"};
    case Obstacle::volume_max_jobs:
      return {"its Volume takes no further job (Maximum Volume Jobs), and " + who_uses(use),
              "Nothing: it waits for one of them to end"};
    case Obstacle::lock: return lock_explanation(facts, use);
    case Obstacle::misconfigured:
      return {"it is configured for locking, but " + use.misconfigured,
              "Correct that in bacula-sd.conf; shstore-lint shows the place"};
  }
  return {};
}

}  // namespace shstore::reserve
