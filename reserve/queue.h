// The jobs of this daemon that use one drive, ask for it or wait for it.
#pragma once

#include <map>

#include "reserve/types.h"

namespace shstore::reserve {

struct Queue {
  /// As Waiting::not_before: no lock is taken ahead for the job until it asks again.
  static constexpr Instant kUntilItAsks = Instant::max();

  struct Job {
    JobId id = 0;
    Since since{};
    friend bool operator==(const Job&, const Job&) = default;
  };
  struct Request {
    JobId job = 0;
    bool verify = false;
    bool opens = false;  ///< with `verify`: the device is about to be opened
    std::optional<Answer> answer{};
    friend bool operator==(const Request&, const Request&) = default;
  };
  struct Waiting {
    Job job{};
    std::optional<Refusal> told{};  ///< what the job's log says already
    Instant not_before{};           ///< no lock is taken ahead for it before this
    bool called = false;            ///< it was told to come and has not asked since
    friend bool operator==(const Waiting&, const Waiting&) = default;
  };
  /// The lock was taken ahead for a job, or is kept for it.
  struct Promise {
    JobContext owner = 0;
    Instant until{}, call_at{};
    friend bool operator==(const Promise&, const Promise&) = default;
  };
  /// A refusal that holds for whoever asks next, too.
  struct Known {
    Refusal refusal{};
    Instant until{};
    friend bool operator==(const Known&, const Known&) = default;
  };

  std::map<JobContext, Job> claims{};
  /// Those had claims when the lock was given back, because the device had been closed for so long (Timing::idle_release): they
  /// have them again when it is opened.
  std::map<JobContext, Job> paused{};
  std::map<JobContext, Waiting> waiting{};
  std::map<JobContext, Request> requests{};
  std::optional<Promise> promise{};
  std::optional<Known> known{};
  std::optional<Refusal> hung{};  ///< somebody gave up waiting for the action that is under way

  bool pending() const;         ///< a request has no answer yet
  bool answered() const;        ///< a request has one that was not fetched
  bool pending_verify() const;  ///< one that wants the lock proven
  bool promised_to(JobContext owner) const { return promise && promise->owner == owner; }
  bool empty() const { return claims.empty() && waiting.empty() && !pending(); }
  /// Of those for whom a lock may be taken now; end(): none.
  std::map<JobContext, Waiting>::iterator longest_waiting(Instant now);
  /// From then on a lock may be taken for somebody.
  std::optional<Instant> first_eligible() const;

  friend bool operator==(const Queue&, const Queue&) = default;
};

}  // namespace shstore::reserve
