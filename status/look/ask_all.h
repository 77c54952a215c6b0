// Asking many devices at the same time, of which some may never answer.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace shstore::status {

/// `ask(0)` to `ask(count - 1)`, each on a thread of its own; the answers in that order, nothing where there was none at
/// the deadline. A thread that is stuck in a system call is left behind, and with it a copy of `ask`: what `ask` refers to
/// must live as long as the program, which must end with _Exit. `ask` must not throw. `progress` is told from time to time, on
/// the caller's thread, how many have answered. Throws where there are not enough threads.
template <class Answer>
std::vector<std::optional<Answer>> ask_all(size_t count, std::chrono::milliseconds deadline,
                                           std::function<Answer(size_t)> ask,
                                           const std::function<void(size_t answered)>& progress = {}) {
  // Kept alive by every thread that may still add to it.
  struct Round {
    std::mutex mutex;
    std::condition_variable answered;
    std::vector<std::optional<Answer>> answers;
    size_t missing = 0;
    std::function<Answer(size_t)> ask;
  };
  const auto until = std::chrono::steady_clock::now() + deadline;
  const auto round = std::make_shared<Round>();
  round->answers.resize(count);
  round->missing = count;
  round->ask = std::move(ask);
  const auto begin = [&](size_t i) {
    std::thread([round, i] {
      Answer answer = round->ask(i);
      const std::lock_guard lock(round->mutex);
      round->answers[i] = std::move(answer);
      --round->missing;
      round->answered.notify_all();
    }).detach();
  };
  try {
    for (size_t i = 0; i < count; ++i) begin(i);
  } catch (const std::system_error& e) {
    throw std::runtime_error("cannot start a thread for each device that is to be asked: " + e.code().message());
  }
  std::unique_lock lock(round->mutex);
  const auto all_have = [&] { return round->missing == 0; };
  constexpr std::chrono::milliseconds kTold{500};
  while (progress && !all_have() && std::chrono::steady_clock::now() < until) {
    progress(count - round->missing);
    round->answered.wait_until(lock, std::min(until, std::chrono::steady_clock::now() + kTold), all_have);
  }
  round->answered.wait_until(lock, until, all_have);
  // Not moved as a whole: a late answer still finds its place.
  std::vector<std::optional<Answer>> answers(count);
  for (size_t i = 0; i < count; ++i) answers[i] = std::move(round->answers[i]);
  return answers;
}

}  // namespace shstore::status
