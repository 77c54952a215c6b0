#include "plugin/drive_worker.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

namespace shstore::plugin {

using reserve::Action;
using reserve::Answer;
using Clock = std::chrono::steady_clock;

// It may be that a job's lock is gone: a moment without memory must not keep that from it.
void DriveAgent::Shared::tell_one(const reserve::JobNotice& notice) const {
  constexpr int kTries = 50;
  constexpr std::chrono::milliseconds kPause{100};
  for (int i = 0; i < kTries && !ending; ++i) {
    try {
      return listener.notice(notice);
    } catch (const std::exception&) {
      std::this_thread::sleep_for(kPause);
    }
  }
}

void DriveAgent::Shared::tell_notices(std::unique_lock<std::mutex>& lock) {
  for (auto all = drive.take_notices(); !all.empty(); all = drive.take_notices()) {
    const Telling now(*this, lock);
    for (const auto& notice : all) tell_one(notice);
  }
}

std::optional<reserve::Instant> DriveAgent::Shared::next_moment() const {
  auto moment = drive.next_moment();
  if (at_work && !at_work->tell_at.empty())
    moment = std::min(at_work->tell_at.front(), moment.value_or(at_work->tell_at.front()));
  const auto with_device = watches_device() ? std::min(device_look_at, moment.value_or(device_look_at)) : moment;
  return drive.holds() ? std::min(path_look_at(), with_device.value_or(path_look_at())) : with_device;
}

reserve::Instant DriveAgent::Shared::path_look_at() const {
  constexpr reserve::Duration kInUse{500}, kOpen{5000};
  return path_looked_at + (drive.in_use() && !port->path_is_told() ? kInUse : kOpen);
}

// Where the nodes lead to by now, before the next job asks for it. And whether the path is down: however seldom the device is looked at
// because its opens are told, nobody tells of that, and what guards the tape against the writes that wait it out must come before the
// path is back.
void DriveAgent::Shared::look_at_path(std::unique_lock<std::mutex>& lock) {
  path_event = false;
  const bool used = drive.in_use();
  const auto before = drive.view();
  lock.unlock();
  const bool back = used && port->path_is_back();
  const auto unfit = port->unfit();
  lock.lock();
  path_looked_at = Clock::now();
  if (back) drive.prove_now(path_looked_at);
  drive.see_unfit(unfit, path_looked_at);
  if (drive.view() == before) return;
  lock.unlock();
  listener.changed();
  lock.lock();
}

// What it closes for the end of its job it may give back soon; what it closes to change the Volume, not.
void DriveAgent::Shared::see_closed_for_last(const reserve::DeviceUse& use) {
  const bool closed = std::exchange(daemon_has_it_open, use.daemon) && !use.daemon;
  const auto& state = drive.state();
  if (closed && drive.in_use() && state.queue.claims.size() == 1 && !state.others.empty()) port->release_is_near();
}

// Those who wait hear of it by the next look at our lock (reserve/job_lengths.h).
void DriveAgent::Shared::foretell(std::unique_lock<std::mutex>& lock) {
  constexpr std::chrono::seconds kTooLate{10};
  const auto alone = [this] { return port->can_look() && drive.in_use() && drive.state().queue.claims.size() == 1; };
  if (!alone()) return at_work.reset();
  const auto [owner, job] = *drive.state().queue.claims.begin();
  if (!at_work || at_work->owner != owner) {
    lock.unlock();
    AtWork fresh{owner, reserve::name_without_moment(ending ? std::string() : listener.job_name(owner)), {}, false};
    {
      const std::lock_guard known(common->mutex);
      for (const auto after : common->lengths.tell_after(fresh.name)) fresh.tell_at.push_back(job.since.at + after);
    }
    lock.lock();
    at_work = std::move(fresh);
    return ring();  // much may have happened meanwhile
  }
  auto& tell_at = at_work->tell_at;
  const auto now = Clock::now();
  while (!tell_at.empty() && tell_at.front() + kTooLate < now) tell_at.pop_front();
  if (tell_at.empty() || now < tell_at.front()) return;
  // A job that has not begun (the half of a Copy that reads, before the other one has its drive) does not end; and hosts that wait for each
  // other are known by a PRGENERATION that stands still.
  if (!daemon_has_it_open) return tell_at.pop_front();
  const bool somebody = !drive.state().others.empty();
  // One who has come since the last look is seen by one more.
  const bool looks_first = !somebody && !at_work->looked;
  if (somebody) port->release_is_near();
  if (somebody || looks_first) drive.prove_now(now);
  if (!looks_first) tell_at.pop_front();
  at_work->looked = looks_first;
}

// Under the mutex. Of one that has the drive with others it is their end that counts.
void DriveAgent::Shared::learn_length(reserve::JobContext owner, reserve::Instant now) {
  const auto& claims = drive.state().queue.claims;
  const auto claim = claims.find(owner);
  if (!at_work || at_work->owner != owner || at_work->name.empty() || claim == claims.end()) return;
  const std::lock_guard known(common->mutex);
  common->lengths.add(at_work->name, std::chrono::duration_cast<reserve::Duration>(now - claim->second.since.at));
}

void DriveAgent::Shared::share_looks() {
  if (drive.watches() != looks) {
    looks = !looks;
    common->looked_at += looks ? 1u : -1u;
  }
  drive.share_looks(std::max(1u, common->looked_at.load()));
}

void DriveAgent::Shared::look_at_device(std::unique_lock<std::mutex>& lock) {
  device_event = false;
  const auto before = drive.view();
  lock.unlock();
  const auto use = port->device_use();
  lock.lock();
  const auto now = Clock::now();
  see_closed_for_last(use);
  drive.see_use(use, now);
  drive.touch_device(now);
  // Of another program it is not certain that its end is told.
  constexpr reserve::Duration kOtherPause{2000}, kUntoldPause{1000};
  constexpr reserve::Duration kPausedPause{500};  // should an open not be told, its writes have no lock
  auto pause = device_pause;
  if (!use.other.empty() || !use.known) pause = std::min(pause, kOtherPause);
  if (!port->opens_are_told()) pause = std::min(pause, kUntoldPause);
  if (drive.paused()) pause = std::min(pause, kPausedPause);
  device_look_at = now + pause;
  if (drive.view() == before) return;
  lock.unlock();
  listener.changed();
  lock.lock();
}

// Once for each time that its jobs wait with the device closed.
void DriveAgent::Shared::tell_unused(const reserve::DriveView& view, std::unique_lock<std::mutex>& lock) {
  constexpr std::chrono::minutes kUnused{1};  // as shstore-status has it
  if (!view.unused_since || Clock::now() - *view.unused_since < kUnused || unused_told == view.unused_since) return;
  unused_told = view.unused_since;
  lock.unlock();
  if (!ending) listener.opened(view);
  lock.lock();
}

// Of a lock that is on its way to be ours, or another host's, nothing yet.
void DriveAgent::Shared::tell_opened(std::unique_lock<std::mutex>& lock) {
  const auto view = drive.view();
  tell_unused(view, lock);
  if (view.opened_by.empty()) return opened_told.clear();
  const auto& drive_says = view.locked ? std::string("ours")
                           : view.lost ? view.error + " lost"
                                       : view.blocked_by + view.yielding_to;
  if (drive_says.empty()) return;
  const auto what = std::to_string(view.opened_since->time_since_epoch().count()) + drive_says;
  if (std::exchange(opened_told, what) == what) return;
  lock.unlock();
  if (!ending) listener.opened(view);
  lock.lock();
}

void DriveAgent::Shared::note_reading(const reserve::Outcome& outcome, uint64_t wanted) {
  last_reading = outcome.kind == reserve::Outcome::Kind::done ? outcome.reading : std::nullopt;
  reading_done = wanted;
}

// The engine has no use for a look now. With a lock of ours it has, and hears what the drive said of its tape.
void DriveAgent::Shared::read_for_others(std::unique_lock<std::mutex>& lock) {
  const auto wanted = reading_wanted;
  reserve::Outcome outcome;
  if (drive.settled() && port->can_look()) {
    lock.unlock();
    outcome = port->perform(Action::look, false);
    lock.lock();
  }
  for (const auto& code : outcome.attentions) ++counters.unit_attentions[code];
  note_reading(outcome, wanted);
  answered.notify_all();
}

reserve::Outcome DriveAgent::Shared::see_closed() const {
  reserve::Outcome outcome;
  if (port->device_open()) outcome.kind = reserve::Outcome::Kind::still_open;
  return outcome;
}

void DriveAgent::Shared::count(const Answer& answer) {
  const bool held = !answer.granted && answer.refusal.kind == reserve::Refusal::Kind::held_by_other;
  if (held && answer.news) ++counters.conflicts;
  if (answer.granted) counters.waited += answer.waited.value_or(reserve::Duration::zero());
}

void DriveAgent::Shared::count(const reserve::Outcome& outcome, const reserve::DriveView& before,
                               const reserve::DriveView& now) {
  if (!before.locked && now.locked) ++counters.locks_taken;
  if (!before.lost && now.lost) ++counters.locks_lost;
  for (const auto& code : outcome.attentions) ++counters.unit_attentions[code];
  if (outcome.kind == reserve::Outcome::Kind::blocked || outcome.reading) other_product = outcome.other_product;
  if (now.blocked_by.empty()) other_product = false;
}

// Out of memory, or a defect: what was under way has failed, and the next action finds out what the drive says. A worker that
// ended would keep the lock for ever.
void DriveAgent::Shared::recover(const char* what) {
  std::unique_lock lock(mutex);
  ended = begun;
  try {
    drive.finish({reserve::Outcome::Kind::failed, {}, what}, Clock::now());
  } catch (const std::exception&) {
    // It is nothing under way any more.
  }
  tell_answers();
  constexpr std::chrono::seconds kPause{1};
  wake_worker.wait_for(lock, kPause, [&] { return stop; });
}

void DriveAgent::Shared::run() noexcept {
  for (;;) {
    try {
      work();
      return;
    } catch (const std::exception& e) {
      recover(e.what());
    }
  }
}

// The mutex is not held while the port is at work.
void DriveAgent::Shared::work() {
  std::unique_lock lock(mutex);
  while (!stop) {
    bell = false;
    if (device_event) {
      look_at_device(lock);
      bell = false;
    }
    share_looks();
    foretell(lock);
    const Action action = drive.next_action(Clock::now());
    tell_notices(lock);
    tell_opened(lock);
    if (action == Action::none) {
      if (bell || stop) continue;  // while the notices were told
      if (drive.holds() && (path_event || Clock::now() >= path_look_at())) {
        look_at_path(lock);
        continue;
      }
      if (device_event || (watches_device() && Clock::now() >= device_look_at)) {
        look_at_device(lock);
        continue;
      }
      if (reading_done < reading_wanted && !drive.holds()) {
        read_for_others(lock);
        continue;
      }
      if (const auto moment = next_moment()) {
        wake_worker.wait_until(lock, *moment);
      } else {
        wake_worker.wait(lock);
      }
      continue;
    }
    const bool keep = drive.keep_registration();
    const auto before = drive.view();
    const auto wanted = proof_wanted;
    const auto readers = reading_wanted;
    ++begun;
    lock.unlock();
    const auto outcome = action == Action::see_closed ? see_closed() : port->perform(action, keep);
    const auto unfit = port->unfit();
    lock.lock();
    ended = begun;
    drive.see_unfit(unfit, Clock::now());
    share_looks();
    drive.finish(outcome, Clock::now());
    if (action == Action::look) note_reading(outcome, readers);
    const auto now = drive.view();
    count(outcome, before, now);
    const bool only_looked = action == Action::look || outcome.kind == reserve::Outcome::Kind::still_open;
    const bool changed = !only_looked || now != before || !outcome.attentions.empty();
    tell_answers();
    tell_notices(lock);
    tell_opened(lock);
    const bool proof = action == Action::look || action == Action::take;
    if (proof && outcome.kind != reserve::Outcome::Kind::failed) proof_done = wanted;
    answered.notify_all();
    lock.unlock();
    if (changed) listener.changed();
    lock.lock();
  }
  finished = true;
  answered.notify_all();
}

// Either the drive has answered since, or there is nothing more to be learned from it.
bool DriveAgent::Shared::knows_proof(uint64_t wanted) const {
  return !drive.lost_reason().empty() || drive.view().claims.empty() || (proof_done >= wanted && drive.settled());
}

}  // namespace shstore::plugin
