#include "status/look/condition.h"

#include <fmt/format.h>

#include <array>

namespace shstore::status {
namespace {

using Why = LiveLock::Why;

struct Row {
  Condition condition;
  const char* word;
  Severity severity;
};

constexpr std::array kRows = {
    Row{Condition::not_shared, "not-shared", Severity::ok},
    Row{Condition::free, "free", Severity::ok},
    Row{Condition::locked, "locked", Severity::ok},
    Row{Condition::kept, "kept-for-open-device", Severity::ok},
    Row{Condition::promised, "promised", Severity::ok},
    Row{Condition::blocked, "blocked", Severity::ok},
    Row{Condition::other_product, "other-product", Severity::critical},
    Row{Condition::yielding, "yielding", Severity::ok},
    Row{Condition::lost, "lost", Severity::critical},
    Row{Condition::must_close, "must-close", Severity::warning},
    Row{Condition::contradicts, "contradicts", Severity::warning},
    Row{Condition::unprotected, "unprotected", Severity::critical},
    Row{Condition::left_behind, "left-behind", Severity::critical},
    Row{Condition::holder_unknown, "holder-unknown", Severity::unknown},
    Row{Condition::not_ours, "held-under-our-key", Severity::warning},
    Row{Condition::duplicate_key, "duplicate-key", Severity::critical},
    Row{Condition::misconfigured, "misconfigured", Severity::critical},
    Row{Condition::own_command, "own-command", Severity::ok},
    Row{Condition::unsupported, "unsupported", Severity::unknown},
    Row{Condition::spc2_reserved, "spc2-reserved", Severity::critical},
    Row{Condition::no_answer, "no-answer", Severity::unknown},
    Row{Condition::cannot_be_asked, "cannot-be-asked", Severity::unknown},
};

const Row& row_of(Condition condition) {
  for (const auto& row : kRows) {
    if (row.condition == condition) return row;
  }
  return kRows[0];
}

Condition without_answer(Why why) {
  switch (why) {
    case Why::misconfigured: return Condition::misconfigured;
    case Why::own_command: return Condition::own_command;
    case Why::unsupported: return Condition::unsupported;
    case Why::spc2_reserve: return Condition::spc2_reserved;
    case Why::no_answer: return Condition::no_answer;
    case Why::cannot_be_asked:
    case Why::known: break;
  }
  return Condition::cannot_be_asked;
}

Condition held_under_our_key(const SdSnapshot& sd, const DeviceSnapshot& d) {
  if (sd.life == Life::ended) return Condition::left_behind;
  if (!sd.plugin_runs()) return Condition::holder_unknown;
  if (!d.plugin || !d.plugin->locked) return Condition::not_ours;
  if (!d.claims.empty()) return Condition::locked;
  if (d.plugin->promised_to) return Condition::promised;
  return d.plugin->kept_for_open_device ? Condition::kept : Condition::locked;
}

// A daemon that started before the device had a Lock Command does not know that it is shared.
bool is_unprotected(const SdSnapshot& sd, const DeviceSnapshot& d) {
  return sd.life == Life::without_plugin || (sd.plugin_runs() && !d.plugin);
}

// "JobId=2 relies on it", "2 jobs rely on it"; empty: none does.
std::string who_relies(const DeviceSnapshot& d) {
  if (d.claims.empty()) return {};
  if (d.claims.size() == 1) return fmt::format(", and JobId={} relies on it", d.claims.front().job);
  return fmt::format(", and {} jobs rely on it", d.claims.size());
}

std::string unknown_lock(const DeviceSnapshot& d) { return "The lock is not known: " + d.live.error; }

}  // namespace

Condition condition_of(const SdSnapshot& sd, const DeviceSnapshot& d) {
  if (!d.shared) return Condition::not_shared;
  if (d.plugin && d.plugin->lost) return d.plugin->claims.empty() ? Condition::must_close : Condition::lost;
  if (d.plugin && !d.plugin->problem.empty()) return Condition::misconfigured;
  if (is_unprotected(sd, d) && d.live.why != Why::misconfigured) return Condition::unprotected;
  if (!d.live.error.empty()) return without_answer(d.live.why);
  if (d.live.duplicate_key) return Condition::duplicate_key;
  if (d.live.other_product) return Condition::other_product;
  if (d.live.locked) return held_under_our_key(sd, d);
  if (d.plugin && d.plugin->locked) return Condition::contradicts;
  if (!d.live.blocked_by.empty()) return Condition::blocked;
  return d.plugin && !d.plugin->yielding_to.empty() ? Condition::yielding : Condition::free;
}

std::string word(Condition condition) { return row_of(condition).word; }

Severity severity_of(Condition condition) { return row_of(condition).severity; }

Severity severity_of(const SdSnapshot& sd, const DeviceSnapshot& d) {
  const auto condition = condition_of(sd, d);
  if (condition == Condition::contradicts && !d.claims.empty()) return Severity::critical;
  return severity_of(condition);
}

bool is_worse(Severity a, Severity b) {
  const auto rank = [](Severity severity) {
    switch (severity) {
      case Severity::ok: return 0;
      case Severity::unknown: return 1;
      case Severity::warning: return 2;
      case Severity::critical: break;
    }
    return 3;
  };
  return rank(a) > rank(b);
}

const char* word(Severity severity) {
  switch (severity) {
    case Severity::ok: return "ok";
    case Severity::warning: return "warning";
    case Severity::critical: return "critical";
    case Severity::unknown: break;
  }
  return "unknown";
}

std::vector<Condition> all_conditions() {
  std::vector<Condition> all;
  for (const auto& row : kRows) all.push_back(row.condition);
  return all;
}

std::vector<std::string> remarks_on(const SdSnapshot& sd, const DeviceSnapshot& d) {
  switch (condition_of(sd, d)) {
    case Condition::not_shared:
    case Condition::free:
    case Condition::locked:
    case Condition::blocked: return {};
    case Condition::kept:
      return {
          "The lock is kept although no job uses the drive: bacula-sd still has it open. It is given back "
          "when bacula-sd "
          "closes the drive (AlwaysOpen = no, or the console's unmount)"};
    case Condition::promised:
      return {fmt::format("The lock has been taken for JobId={}, which has been told to come", *d.plugin->promised_to)};
    case Condition::yielding:
      return {
          fmt::format("The drive is free, and left to {}, whose turn it is", named(d.plugin->yielding_to, sd.names))};
    case Condition::lost: {
      std::vector<std::string> remarks = {
          "The lock is LOST while jobs rely on it. They fail, their logs say since when; check their volumes "
          "before you use "
          "them again"};
      if (!d.live.error.empty()) remarks.push_back(unknown_lock(d));
      return remarks;
    }
    case Condition::must_close:
      return {
          "The lock was lost or in doubt while bacula-sd had the device open, and it still has: it would write where it believes "
          "the tape to stand. No job gets the device before it was closed: release it in bconsole (with Always "
          "Open = yes: unmount it and mount it again), or restart bacula-sd"};
    case Condition::contradicts:
      return {fmt::format(
          "The plugin says that it holds the lock{}, and the drive says that {} holds it: if that stays so for longer than "
          "ten seconds, end the jobs and look at the drive with \"storage-ctl {} explain\"",
          who_relies(d), d.live.blocked_by.empty() ? "nobody" : named(d.live.blocked_by, sd.names), d.control_device)};
    case Condition::unprotected: {
      std::vector<std::string> remarks = {
          sd.plugin_runs()
              ? "bacula-sd runs and does not know that this device is shared, so its jobs use it without a lock: it "
                "was started before the device had its Lock Command. Start it again"
              : "bacula-sd runs without the plugin, so its jobs use this device without a lock"};
      if (!d.live.error.empty()) remarks.push_back(unknown_lock(d));
      return remarks;
    }
    case Condition::holder_unknown:
      return {fmt::format(
          "The lock is held under this host's key {}, and it is not known whether the daemon that took it runs. "
          "Find that out before you touch the lock: a job may be using it",
          d.key)};
    case Condition::left_behind:
      return {fmt::format(
          "The lock is held under this host's key {}, and the daemon that took it does not run: start it, "
          "which gives the lock back, or run \"storage-ctl {} reclaim\", only while no bacula-sd runs on this host",
          d.key, d.control_device)};
    case Condition::not_ours:
      return {fmt::format(
          "The lock is held under this host's key {}, and the plugin has not taken it: somebody locked it by "
          "hand (\"storage-ctl {} explain\" tells more), or another host uses the same key",
          d.key, d.control_device)};
    case Condition::duplicate_key:
      return {
          fmt::format("Another host uses this host's key {}, and each takes the other's lock for its own: "
                      "give every host "
                      "a key of its own in storage-ctl.conf",
                      d.key)};
    case Condition::misconfigured:
      return {"The device cannot be locked, and every job that wants it is refused: " +
              (d.plugin && !d.plugin->problem.empty() ? d.plugin->problem : d.live.error)};
    case Condition::other_product:
      return {
          fmt::format("The reservation, of type {} by {}, is none that a Storage Daemon makes: another "
                      "product uses the drive. "
                      "Find out which one before you touch it (\"storage-ctl {} query\")",
                      d.live.type, d.live.blocked_by.empty() ? d.key : d.live.blocked_by, d.control_device)};
    case Condition::unsupported:
      return {"The drive knows no persistent reservations, so it cannot be shared: " + d.live.error};
    case Condition::spc2_reserved:
      return {unknown_lock(d), "End the program or unload the tape driver that sent it, or reset the drive"};
    case Condition::own_command:
    case Condition::no_answer:
    case Condition::cannot_be_asked: break;
  }
  return {unknown_lock(d)};
}

}  // namespace shstore::status
