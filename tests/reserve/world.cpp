#include "world.h"

#include <algorithm>
#include <iterator>

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

constexpr int kStranger = -2;

// Few different lengths, so that few different combinations of remaining times come up.
Timing coarse_timing(const Site& site) {
  Timing t;
  t.refusal_memory = t.watch_first = t.open_poll = t.retry = t.retake = t.verify_closed = 2000ms;
  t.verify = t.watch_longest = t.call_again = 4000ms;
  t.promise = 8000ms;
  t.turn = 16000ms;
  t.recover_longest = 8000ms;
  t.cleared_grace = 8000ms;
  t.turn_order = {6000ms, 34000ms, 40000ms};
  t.open_grace = 4000ms;
  t.open_look = 2000ms;
  t.jitter = 0;
  t.hand_off = site.hand_off;
  if (site.pauses) t.idle_release = 4000ms;
  return t;
}

constexpr Duration kElsewhere = 8000ms;  // a job that was called for another drive has so long to go there

}  // namespace

std::set<Step::Kind> steps_of(const Site& site) {
  using Kind = Step::Kind;
  std::set<Kind> kinds{Kind::act, Kind::finish, Kind::ask, Kind::prove, Kind::end, Kind::time};
  if (site.faults > 0)
    kinds.insert({Kind::crash, Kind::restart, Kind::clear, Kind::preempt, Kind::steal, Kind::leave, Kind::power,
                  Kind::mute, Kind::deaf});
  if (site.stays_open) kinds.insert(Kind::close);
  if (site.changes_volume) kinds.insert({Kind::shut, Kind::reopen, Kind::see});
  if (site.impatient) kinds.insert(Kind::give_up);
  if (site.other_drives) kinds.insert({Kind::depart, Kind::settle, Kind::called});
  if (site.outsiders) kinds.insert({Kind::mount, Kind::enter, Kind::exit, Kind::close});
  return kinds;
}

std::string to_text(const Step& step) {
  static constexpr const char* kWords[] = {"act",     "finish", "ask",     "prove",  "end",   "time",    "crash",
                                           "restart", "clear",  "preempt", "steal",  "leave", "power",   "mute",
                                           "deaf",    "close",  "shut",    "reopen", "see",   "give_up", "depart",
                                           "settle",  "called", "mount",   "enter",  "exit"};
  static_assert(std::size(kWords) == Step::kKinds);
  return std::string(kWords[static_cast<int>(step.kind)]) + ' ' + std::to_string(step.host) + '.' +
         std::to_string(step.job);
}

World::World(const Site& site)
    : site_(site), timing_(coarse_timing(site)), drive_(site.counts_unregistering), faults_left_(site.faults) {
  for (int h = 0; h < site.hosts; ++h) {
    Host host;
    host.engine = make_engine(h);
    host.jobs.resize(static_cast<size_t>(site.jobs));
    // Nothing was left behind: the first look is over.
    host.engine->next_action(now_);
    host.engine->finish({}, now_);
    hosts_.push_back(std::move(host));
  }
}

Drive World::make_engine(int) const { return Drive(timing_, site_.can_look); }

// No job has the device.
bool World::unused(const std::vector<Job>& jobs) {
  return std::all_of(jobs.begin(), jobs.end(), [](const auto& job) {
    return job.state == JobState::idle || job.state == JobState::asking || job.state == JobState::waiting;
  });
}

std::vector<Step> World::possible() const {
  using Kind = Step::Kind;
  std::vector<Step> steps;
  const auto add = [&](Kind kind, size_t h = 0, size_t j = 0) {
    steps.push_back({kind, static_cast<uint8_t>(h), static_cast<uint8_t>(j)});
  };
  const bool faults = faults_left_ > 0;
  bool idle = true;
  for (size_t h = 0; h < hosts_.size(); ++h) {
    const auto& host = hosts_[h];
    if (!host.engine) {
      add(Kind::restart, h);
      continue;
    }
    if (faults) add(Kind::crash, h);
    if (host.result) {
      add(Kind::finish, h);
      idle = false;
    } else if (Drive copy = *host.engine; copy.next_action(now_) != Action::none) {
      add(Kind::act, h);
      if (faults) add(Kind::mute, h), add(Kind::deaf, h);
      idle = false;
    }
    if (host.open && unused(host.jobs)) add(Kind::close, h);
    if (site_.outsiders) {
      if (!host.open && unused(host.jobs)) add(Kind::mount, h);
      if (!host.open && !host.visited) add(Kind::enter, h);
      if (host.visited) add(Kind::exit, h);
    }
    if (site_.changes_volume) {
      if (host.open && !unused(host.jobs)) add(Kind::shut, h);
      if (host.shut) add(Kind::reopen, h);
      if (host.engine->in_use()) add(Kind::see, h);
    }
    const auto& queue = host.engine->state().queue;
    for (size_t j = 0; j < host.jobs.size(); ++j) {
      const auto state = host.jobs[j].state;
      const auto owner = owner_of(static_cast<int>(j));
      if (site_.impatient && (state == JobState::asking || state == JobState::proving)) add(Kind::give_up, h, j);
      if (site_.other_drives && state == JobState::writing) add(Kind::depart, h, j);
      if (site_.other_drives && state == JobState::waiting) {
        add(Kind::settle, h, j);
        const auto waiting = queue.waiting.find(owner);
        if (waiting != queue.waiting.end() && waiting->second.not_before <= now_) add(Kind::called, h, j);
      }
      if (state == JobState::idle || state == JobState::waiting) add(Kind::ask, h, j);
      if (state == JobState::writing) add(Kind::prove, h, j);
      if (state != JobState::idle && state != JobState::asking && state != JobState::proving) add(Kind::end, h, j);
    }
    if (faults && drive_.holder() == static_cast<int>(h)) {
      add(Kind::preempt, h);
      add(Kind::steal, h);
    }
  }
  if (faults && !drive_.keys().empty()) {
    add(Kind::clear);
    add(Kind::power);
  }
  if (stranger_) add(Kind::leave);
  if (idle && next_moment()) add(Kind::time);
  return steps;
}

void World::fault() {
  --faults_left_;
  for (auto& host : hosts_) host.proven = host.performed_after_fault = false;
}

void World::apply(const Step& step) {
  using Kind = Step::Kind;
  auto& host = hosts_[step.host];
  const int h = step.host;
  const auto job_id = static_cast<JobId>(10 * h + step.job);
  const auto job = [&]() -> Job& { return host.jobs[step.job]; };
  switch (step.kind) {
    case Kind::act: return act(h, Fault::none);
    case Kind::mute: --faults_left_; return act(h, Fault::mute);
    case Kind::deaf: --faults_left_; return act(h, Fault::deaf);
    case Kind::close:
      host.open = host.stale = host.mounted = false;
      tell(host);
      return collect(h);
    case Kind::shut:
      host.open = host.stale = false;
      host.shut = true;
      tell(host);
      return;
    case Kind::reopen:
      host.open = true;
      host.shut = false;
      tell(host, true);
      see_others();
      return collect(h);
    case Kind::mount:
      host.open = host.mounted = true;
      tell(host, true);
      return collect(h);
    case Kind::enter:
      host.visited = true;
      tell(host, true);
      return collect(h);
    case Kind::exit:
      host.visited = false;
      tell(host);
      return collect(h);
    case Kind::see: host.engine->see_device(host.open, now_); return collect(h);
    case Kind::give_up:
      answered(job(), host, host.engine->give_up(owner_of(step.job), "it has waited too long", now_));
      return collect(h);
    case Kind::depart:
      job() = {};
      end_of_use(host);
      host.engine->leave(owner_of(step.job), now_);
      return collect(h);
    case Kind::settle:
      job() = {};
      host.engine->stop_waiting(owner_of(step.job), now_);
      return collect(h);
    case Kind::called: host.engine->called_elsewhere(owner_of(step.job), now_ + kElsewhere); return collect(h);
    case Kind::finish: return finish(h);
    case Kind::ask:
      job() = {JobState::asking, false, now_};
      host.engine->request(owner_of(step.job), job_id, now_);
      return collect(h);
    case Kind::prove:
      job().state = JobState::proving;
      host.engine->request_verified(owner_of(step.job), job_id, now_);
      return collect(h);
    case Kind::end:
      job() = {};
      end_of_use(host);
      host.engine->end(owner_of(step.job), now_);
      return collect(h);
    case Kind::time: now_ = *next_moment(); return;
    case Kind::crash:
      --faults_left_;  // the lock stays where it is: no fault to the others
      host.engine.reset();
      host.result.reset();
      host.proven = host.performed_after_fault = host.given_back = host.open = host.shut = host.stale = host.mounted =
          false;
      for (auto& j : host.jobs) j = {};
      return;
    case Kind::restart:
      host.engine = make_engine(h);
      tell(host);
      return;
    case Kind::clear:
      fault();
      drive_.register_key(kStranger);
      drive_.clear();
      return;
    case Kind::preempt:
    case Kind::steal:
      fault();
      drive_.register_key(kStranger);
      drive_.preempt(kStranger, h);
      see_others();
      stranger_ = step.kind == Kind::steal;
      if (!stranger_) drive_.unregister(kStranger);
      return;
    case Kind::leave:
      stranger_ = false;
      drive_.unregister(kStranger);
      return;
    case Kind::power:
      fault();
      drive_.power_cycle();
      for (auto& each : hosts_) each.stale = each.open;
      stranger_ = false;
      return;
  }
}

// The last job that had the device is over.
void World::end_of_use(Host& host) {
  if (!unused(host.jobs)) return;
  host.shut = false;
  if (!site_.stays_open) host.open = host.stale = false;
  tell(host);
}

void World::tell(Host& host, bool touched) {
  if (site_.outsiders && host.engine) host.engine->see_use({host.open, host.visited ? "mt" : "", true, touched}, now_);
}

// Whoever has the device open while somebody else has the drive believes wrong things of it from then on.
void World::see_others() {
  for (size_t h = 0; h < hosts_.size(); ++h) {
    const bool somebody_else = drive_.holder() != ModelDrive::kNobody && drive_.holder() != static_cast<int>(h);
    // The moment in which it was opened is too short to be looked at.
    if (hosts_[h].open && somebody_else && !hosts_[h].mounted) hosts_[h].stale = true;
  }
}

void World::act(int h, Fault fault) {
  auto& host = hosts_[static_cast<size_t>(h)];
  const Action action = host.engine->next_action(now_);
  const auto& queue = host.engine->state().queue;
  if (action == Action::join && queue.waiting.empty() && !queue.pending())
    fail("a key is registered for a device that is merely open");
  if (action == Action::release && host.visited) fail("a lock is given back under a program that has the device open");
  if (action == Action::look || action == Action::take) host.mounted = false;
  const bool keep = host.engine->keep_registration();
  host.performed_after_fault = fault == Fault::none;
  const bool sees_it_open =
      action == Action::see_closed || (action == Action::release && host.open);  // that asks the drive nothing
  if (sees_it_open) fault = Fault::none;
  if (fault == Fault::mute) {
    host.result = {action, Outcome{Outcome::Kind::failed, {}, "mute", {}}};
    return;
  }
  const bool before = drive_.others_held_since(h);
  auto outcome = perform(drive_, h, action, keep, host.open);
  host.stale_then = host.stale;
  if (action == Action::release && outcome.kind == Outcome::Kind::done) host.given_back = true;
  see_others();
  if (fault == Fault::deaf) {
    host.proven = host.proven && !host.given_back;
    host.result = {action, Outcome{Outcome::Kind::failed, {}, "deaf", {}}};
    return;
  }
  const bool ours = outcome.reading && outcome.reading->ours && action != Action::release;
  if (ours) host.given_back = false;
  if (!site_.can_look) outcome.reading.reset();
  host.result = {action, outcome};
  if (ours) {
    host.others_held = before;
    drive_.seen_holding(h);
    host.proven = true;
  }
  if (action == Action::release || action == Action::unregister || action == Action::recover) host.proven = false;
}

void World::finish(int h) {
  auto& host = hosts_[static_cast<size_t>(h)];
  const auto [action, outcome] = *host.result;
  host.result.reset();
  host.engine->finish(outcome, now_);
  check(h, action == Action::look || action == Action::take);
  collect(h);
  host.performed_after_fault = host.others_held = host.stale_then = false;  // were of this action
}

void World::collect(int h) {
  auto& host = hosts_[static_cast<size_t>(h)];
  for (const auto& notice : host.engine->take_notices()) {
    auto& job = host.jobs[static_cast<size_t>(notice.owner - 1)];
    if (notice.kind == JobNotice::Kind::come) job.called = true;
    if (notice.kind == JobNotice::Kind::regained && host.others_held)
      fail("a job goes on although somebody had its drive");
    if (notice.fatal()) job.state = JobState::failed;
  }
  for (size_t j = 0; j < host.jobs.size(); ++j) {
    auto& job = host.jobs[j];
    const auto answer = host.engine->answer(owner_of(static_cast<int>(j)));
    if (!answer || job.state == JobState::failed) continue;
    const bool opens = job.state == JobState::proving && answer->granted;
    answered(job, host, *answer);
    if (!opens) continue;
    if (host.stale && host.stale_then && site_.can_look)
      fail("a job opens a device of which its daemon believes wrong things");
    host.open = true;
    host.shut = host.mounted = false;
    tell(host, true);
  }
  check(h, false);
  check_rest(h);
}

void World::answered(Job& job, const Host& host, const Answer& answer) {
  if (job.state == JobState::asking && answer.granted && answer.news && host.visited)
    fail("a job gets a drive that another program has open");
  if (job.state == JobState::asking) job.state = answer.granted ? JobState::writing : JobState::waiting;
  if (job.state == JobState::proving) {
    const bool fails = host.engine->view().lost || host.engine->paused();  // an open that is refused
    job.state = answer.granted || !fails ? JobState::writing : JobState::failed;
  }
}

// An engine that has nothing to do now must not ask to be looked at now.
void World::check_rest(int h) {
  const auto& host = hosts_[static_cast<size_t>(h)];
  if (host.result) return;
  Drive copy = *host.engine;
  if (copy.next_action(now_) != Action::none) return;
  if (copy.paused() && host.open) fail("a job goes on without the lock that was given back under it");
  const auto moment = copy.next_moment();
  if (moment && *moment <= now_) fail("host " + std::to_string(h) + " would spin");
}

// With the device closed nothing is written, and in the moment after it was opened the label is read.
bool World::writes_now(const Host& host) const {
  if (!host.open || (host.result && host.result->first == Action::release)) return false;
  const auto* lock = std::get_if<Ours>(&host.engine->state().lock);
  const bool told = !host.engine->paused() && !(lock && lock->may_be_released);
  return told || (!host.result && Drive(*host.engine).next_action(now_) == Action::none);
}

// Whatever the order was: a job that writes has the lock, unless it was taken from it and its host could not
// know yet.
void World::check(int h, bool finished) {
  const auto& host = hosts_[static_cast<size_t>(h)];
  const bool writes = std::any_of(host.jobs.begin(), host.jobs.end(), [](const auto& j) {
    return j.state == JobState::writing || j.state == JobState::proving;
  });
  if (!writes || (site_.pauses && !writes_now(host))) return;
  if (host.given_back) fail("host " + std::to_string(h) + " writes under a lock that it has given back");
  if (host.proven && drive_.holder() != h) fail("host " + std::to_string(h) + " writes and does not have the lock");
  const bool knows = finished && host.performed_after_fault && drive_.holder() != h;
  if (knows && !host.engine->view().lost && !host.result)
    fail("host " + std::to_string(h) + " was told nothing of its lost lock");
}

std::optional<Instant> World::next_moment() const {
  std::optional<Instant> next;
  for (const auto& host : hosts_) {
    const auto moment = host.engine ? host.engine->next_moment() : std::nullopt;
    if (moment && *moment > now_ && (!next || *moment < *next)) next = moment;
  }
  return next;
}

Digest::Value World::digest() const {
  Digest digest(now_, drive_.generation());
  digest.add(drive_);
  digest.add(stranger_);
  digest.add(faults_left_);
  for (const auto& host : hosts_) {
    std::vector<Since> order;
    if (host.engine) {
      for (const auto& [owner, w] : host.engine->state().queue.waiting) order.push_back(w.job.since);
    }
    digest.rank(std::move(order));
    digest.count_from(drive_.generation());
    digest.add(host);
  }
  return digest.value();
}

}  // namespace shstore::reserve
