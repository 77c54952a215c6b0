#include "status/meanings.h"

#include <array>

namespace shstore::status {
namespace {

struct Text {
  const char *what, *action;
};

// No default: a condition without a text does not compile.
Text text_of(Condition condition) {
  switch (condition) {
    case Condition::not_shared:
      return {"The Device has no Lock Command. shstore does not look at it, and jobs use it without a lock.",
              "If other hosts see the drive, give the Device Control Device, Lock Command and AlwaysOpen = no."};
    case Condition::free: return {"Nobody holds the drive's lock.", ""};
    case Condition::locked:
      return {"Jobs of this daemon use the drive, under this host's lock. Jobs of other hosts wait.", ""};
    case Condition::kept:
      return {
          "No job uses the drive, but bacula-sd still has it open, and so the lock is kept. Other hosts wait.",
          "Set AlwaysOpen = no. To free the drive now: unmount it in bconsole. With Bacula's virtual changer unmount does not close "
          "the device: restart bacula-sd when no job runs."};
    case Condition::promised:
      return {"The plugin has taken the lock for a job that waited, and has woken that job. It comes within seconds.",
              ""};
    case Condition::blocked:
      return {
          "Another host's key holds the lock. Jobs of this daemon wait and begin when it is given back.",
          "Nothing, as long as that host's job writes. If that host is dead for good: storage-ctl DEVICE preempt KEY."};
    case Condition::other_product:
      return {
          "A reservation is on the drive that no Storage Daemon makes: another product, or a person, uses the drive.",
          "Find out which one before you touch it: storage-ctl DEVICE query shows its type and initiator."};
    case Condition::yielding: return {"The drive is free, and another host, which has waited longer, goes first.", ""};
    case Condition::lost:
      return {
          "Jobs rely on a lock that is gone. They fail, and their logs say since when and by whom.",
          "Check the Volumes of these jobs before you use them again. A Volume that Bacula marked Full or Error is no bad medium."};
    case Condition::must_close:
      return {
          "The lock was lost or in doubt, no job is left, and bacula-sd still has the device open: it would write where it believes "
          "the tape to stand. No job gets the device before it was closed.",
          "In bconsole unmount the device and mount it again, or restart bacula-sd when no job runs."};
    case Condition::contradicts:
      return {
          "The plugin says that it holds the lock, and the drive says that it does not. That is so for up to five seconds after "
          "somebody has cleared the lock. CRITICAL while jobs rely on it.",
          "If it stays so for longer than ten seconds, cancel the jobs and look at the drive: storage-ctl DEVICE explain."};
    case Condition::unprotected:
      return {
          "The daemon runs and its jobs use the drive without a lock: it has not loaded the plugin, or it was started before the "
          "Device had its Lock Command.",
          "When no job runs, restart bacula-sd. If that does not help: shstore-status --check-plugin --sd FILE says why."};
    case Condition::left_behind:
      return {
          "The lock is held under this host's key, and the daemon that took it does not run. Other hosts wait in vain.",
          "Start bacula-sd, which gives the lock back; or, only while no bacula-sd runs on this host, storage-ctl DEVICE reclaim."};
    case Condition::holder_unknown:
      return {
          "The lock is held under this host's key, and it is not known whether the daemon that took it runs: its state cannot be "
          "read, or this user does not see its process.",
          "Run shstore-status as root or as the daemon's user. Never break the lock before you know."};
    case Condition::not_ours:
      return {
          "The lock is held under this host's key, and not by the plugin: somebody locked it by hand, or another host has the "
          "same key.",
          "storage-ctl DEVICE explain tells the two apart. Locked by hand: storage-ctl DEVICE unlock."};
    case Condition::duplicate_key:
      return {"Another host uses this host's key: each takes the other's lock for its own. Jobs are refused.",
              "Give every host a key of its own in storage-ctl.conf, and restart its bacula-sd when no job runs."};
    case Condition::misconfigured:
      return {
          "The Device cannot be locked as it is configured, and every job that wants it is refused with 3614 and the reason.",
          "shstore-status shows the reason; shstore-lint shows the line. A key that is missing or wrong is the usual one."};
    case Condition::own_command:
      return {
          "The drive is locked by a Lock Command of the site's own, whose key is not known here: shstore-status cannot say who "
          "holds it.",
          ""};
    case Condition::unsupported:
      return {
          "The drive knows no persistent reservations, so it cannot be shared.",
          "Take Lock Command out of the Device and let one host use it, or set the drive's firmware or emulation right."};
    case Condition::spc2_reserved:
      return {
          "Another host holds the drive by the old RESERVE command (SPC-2), which shuts out persistent reservations.",
          "End the program, or unload the tape driver, that sent it; a reset of the drive ends it as well."};
    case Condition::no_answer:
      return {
          "The drive did not answer within the deadline (6 s unless --deadline says otherwise).",
          "Look at the SAN and at the drive. Jobs that want it are refused until it answers; no other drive is held up."};
    case Condition::cannot_be_asked:
      return {
          "The control device cannot be opened, or the drive answers with an error.",
          "storage-ctl DEVICE doctor, run as the daemon's user, says why: a missing node, a missing group tape, a dead path."};
  }
  return {"", ""};
}

const char* name_of(Severity severity) {
  switch (severity) {
    case Severity::ok: return "OK";
    case Severity::warning: return "WARNING";
    case Severity::critical: return "CRITICAL";
    case Severity::unknown: break;
  }
  return "UNKNOWN";
}

Text text_of(Life life) {
  switch (life) {
    case Life::runs: return {"The Storage Daemon runs with the plugin.", ""};
    case Life::ended:
      return {"The process that wrote the plugin's state is gone.",
              "Start bacula-sd. It gives back what a crash left behind."};
    case Life::without_plugin:
      return {"A bacula-sd runs with this configuration, and the plugin is not in it: nothing is locked for its jobs.",
              "shstore-status --check-plugin --sd FILE says why; mend that, and restart bacula-sd when no job runs."};
    case Life::unknown: break;
  }
  return {"There is no state of the plugin, it cannot be read, or its writer's process cannot be seen from here.",
          "Run shstore-status as root or as the daemon's user, on the daemon's host."};
}

}  // namespace

std::vector<Meaning> meanings() {
  std::vector<Meaning> all;
  for (const auto condition : all_conditions()) {
    const auto text = text_of(condition);
    all.push_back({"state of a drive", word(condition), name_of(severity_of(condition)), text.what, text.action});
  }
  for (const auto life : {Life::runs, Life::ended, Life::without_plugin, Life::unknown}) {
    const auto text = text_of(life);
    all.push_back({"state of a daemon", word(life), "", text.what, text.action});
  }
  return all;
}

}  // namespace shstore::status
