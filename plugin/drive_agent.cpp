#include "plugin/drive_agent.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include "plugin/thread_without_signals.h"

namespace shstore::plugin {

using reserve::Action;
using reserve::Answer;
using reserve::JobId;
using reserve::JobContext;
using Clock = std::chrono::steady_clock;

struct DriveAgent::Shared {
  Shared(std::unique_ptr<reserve::LockPort> p, Listener l, const reserve::Timing& timing)
      : port(std::move(p)), listener(std::move(l)), device_pause(timing.open_poll), drive(timing, port->can_look()) {}

  // The mutex is not held meanwhile.
  class Telling {
   public:
    Telling(Shared& shared, std::unique_lock<std::mutex>& lock) : shared_(shared), lock_(lock) {
      ++shared_.telling;
      lock_.unlock();
    }
    ~Telling() {
      lock_.lock();
      --shared_.telling;
      shared_.answered.notify_all();
    }
    Telling(const Telling&) = delete;
    Telling& operator=(const Telling&) = delete;

   private:
    Shared& shared_;
    std::unique_lock<std::mutex>& lock_;
  };

  void ring() {
    bell = true;
    wake_worker.notify_all();
  }
  void run() noexcept;
  void work();
  void recover(const char* what);
  void tell_one(const reserve::JobNotice& notice) const;
  void tell_notices(std::unique_lock<std::mutex>& lock);
  bool watches_device() const {
    return drive.in_use() || drive.seen_open() || drive.paused() || !port->opens_are_told();
  }
  std::optional<reserve::Instant> next_moment() const;
  void look_at_path(std::unique_lock<std::mutex>& lock);
  reserve::Instant path_look_at() const;
  void look_at_device(std::unique_lock<std::mutex>& lock);
  void tell_opened(std::unique_lock<std::mutex>& lock);
  void tell_unused(const reserve::DriveView& view, std::unique_lock<std::mutex>& lock);
  bool knows_proof(uint64_t wanted) const;
  void count(const Answer& answer);
  void count(const reserve::Outcome& outcome, const reserve::DriveView& before, const reserve::DriveView& now);

  reserve::Outcome see_closed() const;

  const std::unique_ptr<reserve::LockPort> port;
  const Listener listener;
  const reserve::Duration device_pause;
  mutable std::mutex mutex;
  std::condition_variable wake_worker;
  std::condition_variable answered;
  reserve::Drive drive;
  record::DriveCounters counters;
  bool other_product = false;
  reserve::Instant device_look_at{};
  reserve::Instant path_looked_at{};
  bool device_event = false;                      ///< it was opened or closed
  std::string opened_told{};                      ///< what was told of a device that is open for no job
  std::optional<reserve::Instant> unused_told{};  ///< since when it was not used, as told last
  unsigned telling = 0;                           ///< how many threads are telling notices
  uint64_t begun = 0;                             ///< counts the actions
  uint64_t ended = 0;                             ///< the last of them that has ended
  uint64_t given_up = 0;                          ///< and the last for which nobody waits any more
  uint64_t proof_wanted = 0;                      ///< counts those who ask for a proof
  uint64_t proof_done = 0;                        ///< the last of them whose proof has been tried
  bool bell = false;                              ///< something was asked for since the worker looked
  std::atomic<bool> ending{false};                ///< nobody may listen any more
  bool stop = false;
  bool finished = true;     ///< no worker is running
  std::string no_worker{};  ///< why not, although it was to be started
};

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
  const auto moment = drive.next_moment();
  const auto with_device = watches_device() ? std::min(device_look_at, moment.value_or(device_look_at)) : moment;
  return drive.holds() ? std::min(path_look_at(), with_device.value_or(path_look_at())) : with_device;
}

reserve::Instant DriveAgent::Shared::path_look_at() const {
  constexpr reserve::Duration kInUse{500}, kOpen{5000};
  return path_looked_at + (drive.in_use() ? kInUse : kOpen);
}

// And where the nodes lead to by now, before the next job asks for it.
// However seldom the device is looked at because its opens are told: an outage of the path is told by nobody, and what guards the
// tape against the writes that wait it out must come before the path is back.
void DriveAgent::Shared::look_at_path(std::unique_lock<std::mutex>& lock) {
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

void DriveAgent::Shared::look_at_device(std::unique_lock<std::mutex>& lock) {
  device_event = false;
  const auto before = drive.view();
  lock.unlock();
  const auto use = port->device_use();
  lock.lock();
  const auto now = Clock::now();
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
  answered.notify_all();
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
    const Action action = drive.next_action(Clock::now());
    tell_notices(lock);
    tell_opened(lock);
    if (action == Action::none) {
      if (bell || stop) continue;  // while the notices were told
      if (drive.holds() && Clock::now() >= path_look_at()) {
        look_at_path(lock);
        continue;
      }
      if (device_event || (watches_device() && Clock::now() >= device_look_at)) {
        look_at_device(lock);
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
    ++begun;
    lock.unlock();
    const auto outcome = action == Action::see_closed ? see_closed() : port->perform(action, keep);
    const auto unfit = port->unfit();
    lock.lock();
    ended = begun;
    drive.see_unfit(unfit, Clock::now());
    drive.finish(outcome, Clock::now());
    const auto now = drive.view();
    count(outcome, before, now);
    const bool only_looked = action == Action::look || outcome.kind == reserve::Outcome::Kind::still_open;
    const bool changed = !only_looked || now != before || !outcome.attentions.empty();
    answered.notify_all();
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

DriveAgent::DriveAgent(std::unique_ptr<reserve::LockPort> port, Listener listener, const reserve::Timing& timing,
                       std::chrono::milliseconds answer_deadline)
    : shared_(std::make_shared<Shared>(std::move(port), std::move(listener), timing)),
      answer_deadline_(answer_deadline) {}

DriveAgent::~DriveAgent() {
  stop(std::chrono::milliseconds::zero());
  shared_->ending = true;
  if (worker_.joinable()) worker_.detach();
}

void DriveAgent::start() {
  const std::lock_guard lock(shared_->mutex);
  start_worker();
}

void DriveAgent::start_worker() {
  if (!shared_->finished) return;
  shared_->stop = false;
  shared_->device_event = true;  // it may be open already
  shared_->no_worker =
      try_to_start_without_signals(worker_, [shared = shared_] { shared->run(); });  // it waits for the mutex
  shared_->finished = !shared_->no_worker.empty();
}

bool DriveAgent::stop(std::chrono::milliseconds patience) {
  std::unique_lock lock(shared_->mutex);
  shared_->stop = true;
  shared_->wake_worker.notify_all();
  if (!shared_->answered.wait_for(lock, patience, [&] { return shared_->finished; })) return false;
  lock.unlock();
  if (worker_.joinable()) worker_.join();
  return true;
}

bool DriveAgent::release_now() {
  const auto view = this->view();
  if (!view.locked && !view.registered) return true;
  const auto outcome = shared_->port->perform(view.locked ? Action::release : Action::unregister, false);
  return outcome.kind == reserve::Outcome::Kind::done;
}

Answer DriveAgent::wait_for_answer(JobContext owner, std::unique_lock<std::mutex>& lock, reserve::Instant until) {
  if (!shared_->no_worker.empty() && !shared_->stop) start_worker();
  if (!shared_->no_worker.empty()) return shared_->drive.give_up(owner, shared_->no_worker, Clock::now());
  shared_->ring();
  for (;;) {
    if (auto answer = shared_->drive.answer(owner)) return *std::move(answer);
    if (shared_->answered.wait_until(lock, until) == std::cv_status::timeout) {
      if (auto answer = shared_->drive.answer(owner)) return *std::move(answer);
      shared_->given_up = shared_->begun;
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(answer_deadline_).count();
      return shared_->drive.give_up(
          owner, "its control device has not answered within " + std::to_string(seconds) + " s", Clock::now());
    }
  }
}

Answer DriveAgent::request(JobContext owner, JobId job) {
  std::unique_lock lock(shared_->mutex);
  shared_->drive.request(owner, job, Clock::now());
  auto answer = wait_for_answer(owner, lock, Clock::now() + answer_deadline_);
  shared_->count(answer);
  lock.unlock();
  shared_->listener.changed();
  return answer;
}

// What was sent before knows neither what has happened since nor what the job has written.
Answer DriveAgent::verified(JobContext owner, JobId job, bool opens) {
  const auto until = Clock::now() + answer_deadline_;
  std::unique_lock lock(shared_->mutex);
  shared_->answered.wait_until(
      lock, until, [&, before = shared_->begun] { return std::max(shared_->ended, shared_->given_up) >= before; });
  shared_->drive.request_verified(owner, job, Clock::now(), opens);
  auto answer = wait_for_answer(owner, lock, until);
  lock.unlock();
  shared_->listener.changed();
  return answer;
}

void DriveAgent::opens_volume(const std::string& volume) { shared_->port->opens_volume(volume); }

Conclusion DriveAgent::concluded(JobContext owner, JobId job) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->drive.claimed_by(owner)) return {};
  }
  const auto answer = verified(owner, job, false);
  if (answer.granted) return {};
  return {view().lost ? Conclusion::Kind::lost : Conclusion::Kind::unproven, answer.refusal};
}

// Either the drive has answered since, or there is nothing more to be learned from it.
bool DriveAgent::Shared::knows_proof(uint64_t wanted) const {
  return !drive.lost_reason().empty() || drive.view().claims.empty() || (proof_done >= wanted && drive.settled());
}

Proof DriveAgent::prove(std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kAgain{500};
  const auto until = Clock::now() + patience;
  std::unique_lock lock(shared_->mutex);
  const auto wanted = ++shared_->proof_wanted;
  const auto known = [&] { return shared_->knows_proof(wanted); };
  while (!known() && Clock::now() < until) {
    shared_->drive.prove_now(Clock::now());
    shared_->ring();
    shared_->answered.wait_until(lock, std::min(until, Clock::now() + kAgain), known);
  }
  if (!known()) {
    const auto view = shared_->drive.view();
    const auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(patience).count());
    shared_->drive.unproven(view.error.empty() ? "the drive has not answered within " + seconds + " s" : view.error,
                            Clock::now());
    shared_->ring();
  }
  // Whoever took the notices may still be telling it.
  const bool unclaimed = shared_->drive.view().claims.empty();
  const auto why = shared_->drive.lost_reason();
  shared_->tell_notices(lock);
  shared_->answered.wait_until(lock, until + kAgain, [&] { return shared_->telling == 0; });
  lock.unlock();
  if (unclaimed) return {};
  return why.empty() ? Proof{Proof::Kind::proven} : Proof{Proof::Kind::failed, why};
}

void DriveAgent::prove_soon() {
  const std::lock_guard lock(shared_->mutex);
  shared_->drive.prove_now(Clock::now());
  shared_->ring();
}

void DriveAgent::device_event() {
  const std::lock_guard lock(shared_->mutex);
  shared_->device_event = true;
  shared_->ring();
}

template <class Change>
void DriveAgent::change(Change change) {
  {
    const std::lock_guard lock(shared_->mutex);
    change(shared_->drive);
    shared_->ring();
  }
  shared_->listener.changed();
}

void DriveAgent::stop_waiting(JobContext owner) {
  change([&](reserve::Drive& drive) { drive.stop_waiting(owner, Clock::now()); });
}

void DriveAgent::called_elsewhere(JobContext owner, reserve::Duration time) {
  change([&](reserve::Drive& drive) { drive.called_elsewhere(owner, Clock::now() + time); });
}

void DriveAgent::leave(JobContext owner) {
  change([&](reserve::Drive& drive) { drive.leave(owner, Clock::now()); });
}

void DriveAgent::end(JobContext owner) {
  change([&](reserve::Drive& drive) { drive.end(owner, Clock::now()); });
}

record::DriveCounters DriveAgent::counters() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->counters;
}

bool DriveAgent::other_product() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->other_product;
}

std::string DriveAgent::limit() const { return shared_->port->limit(); }

reserve::DriveView DriveAgent::view() const {
  const std::lock_guard lock(shared_->mutex);
  auto view = shared_->drive.view();
  if (!shared_->no_worker.empty()) view.error = shared_->no_worker;
  return view;
}

}  // namespace shstore::plugin
