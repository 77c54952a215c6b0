#include "plugin/daemon_state.h"

#include <unistd.h>

#include <chrono>

#include "plugin/parts.h"

namespace shstore::plugin {
namespace {

Missing missing_of(const Plugin& p) {
  const std::lock_guard lock(p.missing_mutex);
  return p.missing;
}

record::WallTime wall_time(reserve::Instant t) {
  const auto from_now =
      std::chrono::duration_cast<std::chrono::system_clock::duration>(t - reserve::Instant::clock::now());
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now() + from_now);
}

std::vector<record::MutualWait> mutual_waits(const Plugin& p) {
  std::vector<record::MutualWait> all;
  for (const auto& standing : p.mutual->waits()) {
    record::MutualWait m{wall_time(standing.since.at)};
    for (const auto& link : standing.wait.ring)
      m.ring.push_back({link.host, name_of(p, link.has), name_of(p, link.waits_for)});
    m.job = standing.wait.job;
    m.having = standing.wait.having;
    m.proven = standing.wait.proven;
    if (standing.gives_in_at) m.gives_in_at = wall_time(*standing.gives_in_at);
    all.push_back(std::move(m));
  }
  return all;
}

}  // namespace

std::vector<std::string> limits_of(const Plugin& p) {
  LimitFacts facts{p.shared.devices,  missing_of(p),     p.opens.unavailable(), p.nodes.unavailable(),
                   p.jobs.can_wake(), p.daemon.limits(), p.drives->limits()};
  for (const auto& [control, identity] : p.identities) facts.notes.emplace_back(control, identity->note());
  facts.notify = p.notifier->trouble();
  facts.history = p.publisher->history_error();
  return limits(facts);
}

record::SdState collect_state(const Plugin& p) {
  record::SdState s;
  s.sd_name = p.shared.sd_name;
  s.plugin_version = p.version;
  s.bacula_version = p.daemon.version();
  s.pid = ::getpid();
  s.pid_started = record::process_start(s.pid);
  s.pid_namespace = record::pid_namespace();
  s.running = !p.ended;
  s.started = p.started;
  s.updated = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  s.limits = limits_of(p);
  s.plugin_file = p.file;
  s.plugin_file_id = p.file_id;
  s.drives = p.drives->state();
  s.mutual_waits = mutual_waits(p);
  s.unended = p.unended->all();
  const auto names = p.jobs.names();
  for (auto& drive : s.drives) {
    drive.health = p.health->health(drive.control_device);
    const auto identity = p.identities.find(drive.control_device);
    if (identity != p.identities.end()) drive.locked_drive = identity->second->remembered();
    for (auto& claim : drive.claims) {
      if (const auto name = names.find(claim.job); name != names.end()) claim.name = name->second;
    }
  }
  return s;
}

}  // namespace shstore::plugin
