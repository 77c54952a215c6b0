#include "plugin/drive_agent.h"

#include <algorithm>
#include <utility>

#include "plugin/drive_worker.h"
#include "plugin/thread_without_signals.h"

namespace shstore::plugin {

using reserve::Action;
using reserve::Answer;
using reserve::JobId;
using reserve::JobContext;
using Clock = std::chrono::steady_clock;

DriveAgent::DriveAgent(std::unique_ptr<reserve::LockPort> port, Listener listener, const reserve::Timing& timing,
                       std::chrono::milliseconds answer_deadline, std::shared_ptr<Common> common)
    : shared_(std::make_shared<Shared>(std::move(port), std::move(listener), timing,
                                       common ? std::move(common) : std::make_shared<Common>())),
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

Answer DriveAgent::wait_for_answer(JobContext owner, std::unique_lock<std::mutex>& lock, reserve::Instant until,
                                   bool opens) {
  if (!shared_->no_worker.empty() && !shared_->stop) start_worker();
  if (!shared_->no_worker.empty()) return shared_->drive.give_up(owner, shared_->no_worker, Clock::now());
  shared_->ring();
  for (bool moved = false;;) {
    if (auto answer = shared_->drive.answer(owner)) return *std::move(answer);
    if (shared_->job_answer.wait_until(lock, until) == std::cv_status::timeout) {
      if (auto answer = shared_->drive.answer(owner)) return *std::move(answer);
      const bool moves = opens && !shared_->port->may_stop_waiting();
      if (std::exchange(moved, moves) || moves) {  // and when it was put back there is time for the answer
        until = Clock::now() + answer_deadline_;
        continue;
      }
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
  auto answer = wait_for_answer(owner, lock, Clock::now() + answer_deadline_, false);
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
  auto answer = wait_for_answer(owner, lock, until, opens);
  constexpr std::chrono::milliseconds kAgain{100};
  while (opens && !shared_->port->may_stop_waiting()) shared_->answered.wait_for(lock, kAgain);
  lock.unlock();
  shared_->listener.changed();
  return answer;
}

void DriveAgent::opens_volume(const std::string& volume, bool appends) { shared_->port->opens_volume(volume, appends); }

Conclusion DriveAgent::concluded(JobContext owner, JobId job) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->drive.claimed_by(owner)) return {};
  }
  const auto answer = verified(owner, job, false);
  if (answer.granted) return {};
  {
    // Whoever took the notices may still be telling it, and what the job is told after its end nobody hears.
    std::unique_lock lock(shared_->mutex);
    shared_->tell_notices(lock);
    shared_->answered.wait_until(lock, Clock::now() + answer_deadline_, [&] { return shared_->telling == 0; });
  }
  return {view().lost ? Conclusion::Kind::lost : Conclusion::Kind::unproven, answer.refusal};
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

std::optional<reserve::LockReading> DriveAgent::read(std::chrono::milliseconds patience) {
  std::unique_lock lock(shared_->mutex);
  const auto wanted = ++shared_->reading_wanted;
  shared_->drive.prove_now(Clock::now());
  shared_->drive.look_now(Clock::now());
  shared_->ring();
  const auto done = [&] { return shared_->reading_done >= wanted; };
  shared_->answered.wait_for(lock, patience, [&] { return done() || shared_->finished; });
  return done() ? shared_->last_reading : std::nullopt;
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

void DriveAgent::path_event() {
  const std::lock_guard lock(shared_->mutex);
  shared_->path_event = true;
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

// At each grant all other drives are told: only one for which the job waits is woken.
void DriveAgent::stop_waiting(JobContext owner) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->drive.waits(owner)) return;
  }
  change([&](reserve::Drive& drive) { drive.stop_waiting(owner, Clock::now()); });
}

void DriveAgent::called_elsewhere(JobContext owner, reserve::Duration time) {
  change([&](reserve::Drive& drive) { drive.called_elsewhere(owner, Clock::now() + time); });
}

void DriveAgent::leave(JobContext owner) {
  change([&](reserve::Drive& drive) { drive.leave(owner, Clock::now()); });
}

void DriveAgent::end(JobContext owner) {
  change([&](reserve::Drive& drive) {
    shared_->learn_length(owner, Clock::now());
    drive.end(owner, Clock::now());
  });
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
