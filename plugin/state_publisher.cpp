#include "plugin/state_publisher.h"

#include <utility>

#include "plugin/thread_without_signals.h"
#include "reserve/record/state_file.h"

namespace shstore::plugin {
namespace {

constexpr std::chrono::seconds kTryAgain{10};

}  // namespace

std::string StatePublisher::start() {
  const std::lock_guard lock(worker_.mutex);
  if (worker_.running) return {};
  auto none = try_to_start_without_signals(thread_, [this] { work(); });  // it waits for the mutex
  worker_.running = none.empty();
  return none;
}

void StatePublisher::changed() {
  const std::lock_guard lock(worker_.mutex);
  if (!std::exchange(dirty_, true)) worker_.wake.notify_one();  // else it has been woken, and has not collected yet
}

tl::expected<void, std::string> StatePublisher::collect_and_write() {
  try {
    const auto state = collect_();
    observe(state);
    return record::write_state(path_, state);
  } catch (const std::exception& e) {
    return tl::make_unexpected("cannot write " + path_ + ": " + e.what());
  }
}

tl::expected<void, std::string> StatePublisher::write_now() {
  const std::lock_guard lock(writing_);
  const auto written = collect_and_write();
  const std::lock_guard telling(told_);
  state_error_ = written ? std::string{} : written.error();
  return written;
}

// Whatever becomes of the history, the state is published.
void StatePublisher::observe(const record::SdState& state) {
  if (!history_) return;
  std::string error;
  try {
    history_->observe(state);
    error = history_->error();
  } catch (const std::exception& e) {
    error = e.what();
  }
  const std::lock_guard lock(told_);
  history_error_ = error;
}

std::string StatePublisher::history_error() const {
  const std::lock_guard lock(told_);
  return history_error_;
}

std::string StatePublisher::state_error() const {
  const std::lock_guard lock(told_);
  return state_error_;
}

void StatePublisher::work() {
  std::unique_lock lock(worker_.mutex);
  while (!worker_.stop) {
    // The history has a sign of life even when nothing happens. What could not be written is tried again much sooner: nobody
    // should read of a full disk that has had room for minutes.
    const std::chrono::seconds pause = history_error().empty() ? record::kSignOfLife : kTryAgain;
    worker_.wake.wait_for(lock, pause, [&] { return dirty_ || worker_.stop; });
    if (worker_.stop) break;
    dirty_ = false;
    lock.unlock();
    const auto written = write_now();
    lock.lock();
    if (!written) dirty_ = true;  // a full disk may have room again
    worker_.wake.wait_for(lock, record::kPublishedWithin, [&] { return worker_.stop.load(); });
  }
  worker_.has_ended();
}

bool StatePublisher::stop(std::chrono::milliseconds patience) { return worker_.end(thread_, patience); }

}  // namespace shstore::plugin
