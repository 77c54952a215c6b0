#include "plugin/shared_drives.h"

#include <algorithm>
#include <utility>

#include "scsi/reservation_key.h"

namespace shstore::plugin {
namespace {

using Steady = std::chrono::steady_clock;

record::WallTime wall(reserve::Instant t) {
  const auto ago = Steady::now() - t;
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::system_clock::now() -
      std::chrono::duration_cast<std::chrono::system_clock::duration>(ago));
}

// So that hosts, and the drives of one host, do not look in step.
uint32_t seed_of(const config::SharedDevice& device) {
  return static_cast<uint32_t>(std::hash<std::string>{}(device.key_text() + ' ' + device.control_device));
}

record::DriveState describe(const config::SharedDevice& device, const DriveAgent* agent) {
  record::DriveState s;
  s.name = device.name;
  s.archive_device = device.archive_device;
  s.control_device = device.control_device;
  s.media_type = device.media_type;
  s.autochanger = device.autochanger;
  s.drive_index = device.drive_index;
  s.problem = device.problem;
  if (agent == nullptr) return s;
  s.key = device.key_text();
  const auto view = agent->view();
  s.registered = view.registered;
  s.locked = view.locked;
  s.kept_for_open_device = view.kept_for_open_device;
  if (view.locked_since) s.locked_since = wall(*view.locked_since);
  s.lost = view.lost;
  s.promised_to = view.promised_to;
  s.yielding_to = view.yielding_to;
  s.blocked_by = view.blocked_by;
  s.opened_by = view.opened_by;
  if (view.opened_since) s.opened_since = wall(*view.opened_since);
  if (view.unused_since) s.unused_since = wall(*view.unused_since);
  s.error = view.error;
  s.counters = agent->counters();
  s.other_product = agent->other_product();
  for (const auto& c : view.claims) s.claims.push_back({c.job, wall(c.since)});
  for (const auto& w : view.waiting) s.waiting.push_back({w.job, wall(w.since), w.refusal});
  return s;
}

}  // namespace

SharedDrives::SharedDrives(const std::vector<config::SharedDevice>& devices, const PortFactory& make_port,
                           Listener listener, const reserve::Timing& timing)
    : devices_(devices), listener_(std::move(listener)), promise_(timing.promise) {
  for (const auto& device : devices_) {
    if (!device.problem.empty() || agents_.contains(device.control_device)) continue;
    auto own_timing = timing;
    own_timing.seed = seed_of(device);
    if (!device.watch_opens) own_timing.open_poll = reserve::Timing{}.open_poll;
    const auto news = [this, &device](const reserve::News& n) { pass_on(device, n); };
    agents_[device.control_device] = std::make_unique<DriveAgent>(
        make_port(device), DriveAgent::Listener{listener_.changed, news, [this, &device](const auto& view) { listener_.opened(device, view); }},
        own_timing);
  }
}

void SharedDrives::pass_on(const config::SharedDevice& device, const reserve::News& news) {
  if (news.kind == reserve::News::Kind::come) {
    for (const auto& [control, agent] : agents_) {
      if (control != device.control_device) agent->called_elsewhere(news.owner, promise_);
    }
  }
  listener_.news(device, news);
}

reserve::Answer SharedDrives::request(const config::SharedDevice& device, reserve::Owner owner,
                                      reserve::JobId job) {
  auto& wanted = *agents_.at(device.control_device);
  const auto answer = wanted.request(owner, job);
  if (!answer.granted) return answer;
  for (const auto& [control, agent] : agents_) {
    if (agent.get() != &wanted) agent->stop_waiting(owner);
  }
  return answer;
}

reserve::Answer SharedDrives::verified(const config::SharedDevice& device, reserve::Owner owner,
                                       reserve::JobId job) {
  return agents_.at(device.control_device)->verified(owner, job);
}

void SharedDrives::leave(const config::SharedDevice& device, reserve::Owner owner) {
  agents_.at(device.control_device)->leave(owner);
}

void SharedDrives::stop_waiting(reserve::Owner owner) {
  for (const auto& [control, agent] : agents_) agent->stop_waiting(owner);
}

SharedDrives::Conclusions SharedDrives::concluded(reserve::Owner owner, reserve::JobId job) {
  Conclusions doubtful;
  for (const auto& device : devices_) {
    const auto agent = agents_.find(device.control_device);
    const bool first = std::none_of(doubtful.begin(), doubtful.end(), [&](const auto& entry) {
      return entry.first->control_device == device.control_device;
    });
    if (!first || agent == agents_.end()) continue;
    if (auto end = agent->second->concluded(owner, job); end.kind != Conclusion::Kind::held) {
      doubtful.emplace_back(&device, std::move(end));
    }
  }
  return doubtful;
}

void SharedDrives::end(reserve::Owner owner) {
  for (const auto& [control, agent] : agents_) agent->end(owner);
}

std::optional<Proof> SharedDrives::prove(const std::string& control_device, std::chrono::milliseconds patience) {
  const auto agent = agents_.find(control_device);
  return agent == agents_.end() ? std::nullopt : std::optional(agent->second->prove(patience));
}

void SharedDrives::prove_soon(const std::function<bool(const std::string&)>& is_it) {
  for (const auto& [control, agent] : agents_) {
    if (is_it(control)) agent->prove_soon();
  }
}

void SharedDrives::device_event(const std::string& control_device) {
  if (const auto agent = agents_.find(control_device); agent != agents_.end()) agent->second->device_event();
}

void SharedDrives::start() {
  for (const auto& [control, agent] : agents_) agent->start();
}

void SharedDrives::stop(std::chrono::milliseconds patience) {
  const auto until = Steady::now() + patience;
  for (const auto& [control, agent] : agents_) {
    const auto left = std::max(Steady::duration::zero(), until - Steady::now());
    if (agent->stop(std::chrono::duration_cast<std::chrono::milliseconds>(left)))
      stopped_.push_back(agent.get());
  }
}

bool SharedDrives::release_all() {
  bool all = stopped_.size() == agents_.size();
  for (auto* agent : stopped_) all = agent->release_now() && all;
  return all;
}

std::vector<std::string> SharedDrives::limits() const {
  std::vector<std::string> limits;
  for (const auto& [control, agent] : agents_) {
    if (auto limit = agent->limit(); !limit.empty()) limits.push_back(std::move(limit));
  }
  return limits;
}

std::vector<record::DriveState> SharedDrives::state() const {
  std::vector<record::DriveState> states;
  for (const auto& device : devices_) {
    const auto found = agents_.find(device.control_device);
    const bool known = device.problem.empty() && found != agents_.end();
    states.push_back(describe(device, known ? found->second.get() : nullptr));
  }
  return states;
}

}  // namespace shstore::plugin
