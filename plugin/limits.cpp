#include "plugin/limits.h"

#include <algorithm>

namespace shstore::plugin {
namespace {

using config::SharedDevice;

void add_opens(std::vector<std::string>& limits, const LimitFacts& f) {
  constexpr auto kWhat = "what opens a drive without asking (label and mount in bconsole, btape, mt) is ";
  if (f.no_opens.empty() && !f.missing.opens.empty()) {
    limits.push_back(std::string(kWhat) + "noticed up to a second later: " + f.missing.opens);
  }
  const bool all_watched =
      std::all_of(f.devices.begin(), f.devices.end(), [](const SharedDevice& d) { return d.watch_opens; });
  if (!f.no_opens.empty() || !all_watched) {
    limits.push_back(std::string(kWhat) + "not noticed, and whether a device is open is looked at twice a second: " +
                     (f.no_opens.empty() ? "watch_opens=0 in storage-ctl.conf" : f.no_opens));
  }
  const bool no_idle_release = std::any_of(f.devices.begin(), f.devices.end(), [&](const SharedDevice& d) {
    return d.idle_lock_release.count() != 0 && (!d.watch_opens || !f.no_opens.empty());
  });
  if (no_idle_release) {
    limits.push_back(
        "idle_lock_release is off: it needs to be told of every open of the drive, before anything is written");
  }
}

}  // namespace

std::vector<std::string> limits(const LimitFacts& f) {
  auto limits = f.daemon;
  if (!f.missing.watch.empty()) {
    limits.push_back(
        "a reset of a drive while a job writes is noticed only if a command of the plugin is told of it: " +
        f.missing.watch);
  }
  const auto& no_nodes = f.missing.nodes.empty() ? f.no_nodes : f.missing.nodes;
  if (!no_nodes.empty()) {
    limits.push_back("where the nodes of a drive lead to is looked at twice a second while a job uses it: " + no_nodes);
  }
  limits.insert(limits.end(), f.drives.begin(), f.drives.end());
  add_opens(limits, f);
  for (const auto& [control, note] : f.notes) {
    if (!note.empty()) limits.push_back("device " + names_of(f.devices, control) + ": " + note);
  }
  if (!f.missing.proofs.empty()) {
    limits.push_back(
        "shstore-changer unloads no drive that a job uses, as it cannot ask whether the job still has its lock: " +
        f.missing.proofs);
  }
  if (!f.missing.states.empty()) limits.push_back("shstore-status is not told of what happens: " + f.missing.states);
  if (!f.can_wake) {
    limits.push_back(
        "a job that waits for a drive is not woken when it may have it, but asks again by itself, 30 s later or more: the "
        "kernel does not tell bacula-sd what its threads do (/proc/self/task/N/syscall and wchan)");
  }
  if (!f.notify.empty()) limits.push_back("notify: " + f.notify);
  if (!f.history.empty())
    limits.push_back("shstore-status --html will not show what happened to the locks: " + f.history);
  return limits;
}

std::string names_of(const std::vector<SharedDevice>& devices, const std::string& control) {
  std::string names;
  for (const auto& d : devices) {
    if (d.control_device == control) names += (names.empty() ? "" : ", ") + d.display();
  }
  return names;
}

}  // namespace shstore::plugin
