#include "plugin/shared_drives.h"

#include <algorithm>
#include <utility>

#include "scsi/reservation_key.h"

namespace shstore::plugin {
namespace {

using Steady = std::chrono::steady_clock;

record::WallTime wall(reserve::Instant t) {
  const auto ago = Steady::now() - t;
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now() -
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
  for (const auto& c : view.paused) s.paused.push_back({c.job, wall(c.since)});
  for (const auto& w : view.waiting) s.waiting.push_back({w.job, wall(w.since), w.refusal});
  return s;
}

}  // namespace

SharedDrives::SharedDrives(const std::vector<config::SharedDevice>& devices, const PortFactory& make_port,
                           Listener listener, const reserve::Timing& timing)
    : devices_(devices),
      make_port_(make_port),
      timing_(timing),
      listener_(std::move(listener)),
      promise_(timing.promise) {
  for (const auto& device : devices_) {
    if (device.problem.empty()) make(device);
  }
}

void SharedDrives::make(const config::SharedDevice& device) {
  if (agents_.contains(device.control_device)) return;
  auto own_timing = timing_;
  own_timing.seed = seed_of(device);
  if (!device.watch_opens) own_timing.open_poll = reserve::Timing{}.open_poll;
  // Only where every open is told is a lock ever given back under a job.
  own_timing.idle_release = device.watch_opens
                                ? std::min<reserve::Duration>(timing_.idle_release, device.idle_lock_release)
                                : reserve::Duration::zero();
  const auto notice = [this, &device](const reserve::JobNotice& n) { pass_on(device, n); };
  agents_[device.control_device] = std::make_unique<DriveAgent>(
      make_port_(device),
      DriveAgent::Listener{listener_.changed, notice,
                           [this, &device](const auto& view) { listener_.opened(device, view); }, listener_.job_name},
      own_timing, DriveAgent::kAnswerDeadline, common_);
}

void SharedDrives::add(const config::SharedDevice& device) {
  DriveAgent* fresh = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const bool known = agents_.contains(device.control_device);
    make(device);
    added_.push_back(&device);
    if (!known) fresh = agents_.at(device.control_device).get();
  }
  if (fresh) fresh->start();
  listener_.changed();
}

std::vector<SharedDrives::Agent> SharedDrives::agents() const {
  const std::lock_guard lock(mutex_);
  std::vector<Agent> all;
  for (const auto& [control, agent] : agents_) all.push_back({control, agent.get()});
  return all;
}

DriveAgent* SharedDrives::find(const std::string& control) const {
  const std::lock_guard lock(mutex_);
  const auto found = agents_.find(control);
  return found == agents_.end() ? nullptr : found->second.get();
}

void SharedDrives::pass_on(const config::SharedDevice& device, const reserve::JobNotice& notice) {
  if (notice.kind == reserve::JobNotice::Kind::come) {
    for (const auto& [control, agent] : agents()) {
      if (control != device.control_device) agent->called_elsewhere(notice.owner, promise_);
    }
  }
  listener_.notice(device, notice);
}

reserve::Answer SharedDrives::request(const config::SharedDevice& device, reserve::JobContext owner,
                                      reserve::JobId job) {
  DriveAgent& wanted = *find(device.control_device);
  const auto answer = wanted.request(owner, job);
  if (!answer.granted) return answer;
  for (const auto& [control, agent] : agents()) {
    if (agent != &wanted) agent->stop_waiting(owner);
  }
  return answer;
}

reserve::Answer SharedDrives::verified(const config::SharedDevice& device, reserve::JobContext owner,
                                       reserve::JobId job) {
  return find(device.control_device)->verified(owner, job);
}

void SharedDrives::leave(const config::SharedDevice& device, reserve::JobContext owner) {
  find(device.control_device)->leave(owner);
}

void SharedDrives::stop_waiting(reserve::JobContext owner) {
  for (const auto& [control, agent] : agents()) agent->stop_waiting(owner);
}

SharedDrives::Conclusions SharedDrives::concluded(reserve::JobContext owner, reserve::JobId job) {
  Conclusions doubtful;
  std::vector<const config::SharedDevice*> all;
  for (const auto& device : devices_) all.push_back(&device);
  {
    const std::lock_guard lock(mutex_);
    all.insert(all.end(), added_.begin(), added_.end());
  }
  for (const auto* device : all) {
    auto* const agent = find(device->control_device);
    const bool first = std::none_of(doubtful.begin(), doubtful.end(), [&](const auto& entry) {
      return entry.first->control_device == device->control_device;
    });
    if (!device->problem.empty() || !first || agent == nullptr) continue;
    if (auto end = agent->concluded(owner, job); end.kind != Conclusion::Kind::held) {
      doubtful.emplace_back(device, std::move(end));
    }
  }
  return doubtful;
}

void SharedDrives::end(reserve::JobContext owner) {
  for (const auto& [control, agent] : agents()) agent->end(owner);
}

std::optional<Proof> SharedDrives::prove(const std::string& control_device, std::chrono::milliseconds patience) {
  auto* const agent = find(control_device);
  return agent == nullptr ? std::nullopt : std::optional(agent->prove(patience));
}

std::optional<reserve::LockReading> SharedDrives::read(const std::string& control_device,
                                                       std::chrono::milliseconds patience) {
  auto* const agent = find(control_device);
  return agent == nullptr ? std::nullopt : agent->read(patience);
}

void SharedDrives::prove_soon(const std::function<bool(const std::string&)>& is_it) {
  for (const auto& [control, agent] : agents()) {
    if (is_it(control)) agent->prove_soon();
  }
}

void SharedDrives::device_event(const std::string& control_device) {
  if (auto* const agent = find(control_device)) agent->device_event();
}

void SharedDrives::path_event(const std::string& control_device) {
  if (auto* const agent = find(control_device)) agent->path_event();
}

void SharedDrives::start() {
  for (const auto& [control, agent] : agents()) agent->start();
}

void SharedDrives::stop(std::chrono::milliseconds patience) {
  const auto until = Steady::now() + patience;
  for (const auto& [control, agent] : agents()) {
    const auto left = std::max(Steady::duration::zero(), until - Steady::now());
    if (agent->stop(std::chrono::duration_cast<std::chrono::milliseconds>(left))) stopped_.push_back(agent);
  }
}

bool SharedDrives::release_all() {
  bool all = stopped_.size() == agents().size();
  for (auto* agent : stopped_) all = agent->release_now() && all;
  return all;
}

std::vector<std::string> SharedDrives::limits() const {
  std::vector<std::string> limits;
  for (const auto& [control, agent] : agents()) {
    if (auto limit = agent->limit(); !limit.empty()) limits.push_back(std::move(limit));
  }
  return limits;
}

std::vector<reserve::JobOnDrives> SharedDrives::jobs() const {
  std::map<reserve::JobContext, reserve::JobOnDrives> all;
  const auto entry = [&](reserve::JobContext owner, reserve::JobId id) -> reserve::JobOnDrives& {
    auto& job = all[owner];
    job.context = owner;
    job.job = id;
    return job;
  };
  for (const auto& [control, agent] : agents()) {
    const auto view = agent->view();
    for (const auto& claim : view.claims) {
      auto& job = entry(claim.owner, claim.job);
      job.has.insert(control);
      job.since[control] = claim.since;
    }
    for (const auto& waiting : view.waiting) entry(waiting.owner, waiting.job).waits_for.insert(control);
  }
  std::vector<reserve::JobOnDrives> jobs;
  for (auto& [owner, job] : all) jobs.push_back(std::move(job));
  return jobs;
}

std::vector<record::DriveState> SharedDrives::state() const {
  std::map<std::string, const config::SharedDevice*> added;  // by name
  {
    const std::lock_guard lock(mutex_);
    for (const auto* device : added_) added[device->name] = device;
  }
  std::vector<record::DriveState> states;
  for (const auto& configured : devices_) {
    const auto mended = added.find(configured.name);
    const auto& device = mended == added.end() ? configured : *mended->second;
    states.push_back(describe(device, device.problem.empty() ? find(device.control_device) : nullptr));
  }
  return states;
}

}  // namespace shstore::plugin
