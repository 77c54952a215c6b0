// Telling states of engines apart by all that is in them. Each kind of state lists its members here by a structured binding,
// which does not compile once a member is added: then say what the new one means to those that come after.
#pragma once

#include <algorithm>
#include <type_traits>

#include "reserve/drive.h"

namespace shstore::reserve {

/// A member that nothing ever depends on: it is only shown.
struct Shown {
  template <class T>
  explicit Shown(const T&) {}
};
/// A moment by which things are put in order.
struct InOrder {
  Since since;
};
/// A PRGENERATION: only how far it is behind the one that was added before it matters, and not beyond 3 (reserve/gap.h).
struct Counted {
  uint32_t generation;
};

// clang-format off
template <class F> void each_member(const Trace& t, F f) { const auto& [generation, registered, others, counts] = t; f(Counted{generation}, registered, others, counts); }
template <class F> void each_member(const LockReading& s, F f) {
  const auto& [holder, ours, registered, others, generation, reset, counts, moved, cut_off, near] = s;
  f(holder, ours, registered, others, Counted{generation}, reset, counts, moved, cut_off, near);
}
template <class F> void each_member(const Refusal& r, F f) { const auto& [kind, holder, reason, job] = r; f(kind, holder, reason, job); }
template <class F> void each_member(const Answer& a, F f) { const auto& [granted, refusal, news, waited, whom] = a; f(granted, refusal, news, Shown(waited), whom); }
template <class F> void each_member(const JobNotice& n, F f) { const auto& [kind, owner, job, holder, found, from, until] = n; f(kind, owner, job, holder, found, Shown(from), Shown(until)); }
template <class F> void each_member(const Outcome& o, F f) { const auto& [kind, holder, text, reading, attentions, gone, here, other, reset] = o; f(kind, holder, text, reading, attentions, gone, here, other, reset); }
template <class F> void each_member(const Away::Cleared& c, F f) { const auto& [holder, until] = c; f(holder, until); }
template <class F> void each_member(const Away& a, F f) { const auto& [registered, next, holder, turn_of, cleared] = a; f(registered, next, holder, turn_of, cleared); }
template <class F> void each_member(const Ours& o, F f) {
  const auto& [since, turn_ends, proven, open_by, closed_by, verify_at, trace, may_be_released] = o;
  f(Shown(since), turn_ends, Shown(proven), open_by, closed_by, verify_at, trace, may_be_released);
}
template <class F> void each_member(const Vanished& v, F f) {
  const auto& [registered, take, retry_at, proven, before, found, reset] = v;
  f(registered, take, retry_at, Shown(proven), found, before, reset);  // in the order in which they are counted back
}
template <class F> void each_member(const Damage& d, F f) { const auto& [kind, by, found] = d; f(kind, by, found); }
template <class F> void each_member(const Device& d, F f) { const auto& [state, seen, closed_since, idle_at] = d; f(state, seen, Shown(closed_since), idle_at); }
template <class F> void each_member(const DeviceUse& u, F f) { const auto& [daemon, other, known, touched] = u; f(daemon, other, known, touched); }
template <class F> void each_member(const Opened& o, F f) {
  const auto& [use, of_job, since, keep_until, look_at, guarded, in_turn] = o;
  f(use, of_job, Shown(since), keep_until, look_at, guarded, in_turn);
}
template <class F> void each_member(const Unrecovered&, F f) { f(); }
template <class F> void each_member(const Recovered&, F f) { f(); }
template <class F> void each_member(const RecoverAgain& r, F f) { const auto& [at, pause] = r; f(at, pause); }
template <class F> void each_member(const Queue::Job& j, F f) { const auto& [id, since] = j; f(id, Shown(since)); }
template <class F> void each_member(const Queue::Request& r, F f) { const auto& [job, verify, opens, answer] = r; f(job, verify, opens, answer); }
template <class F> void each_member(const Queue::Waiting& w, F f) { const auto& [job, told, not_before, called] = w; f(job, InOrder{job.since}, told, not_before, called); }
template <class F> void each_member(const Queue::Promise& p, F f) { const auto& [owner, until, call_at] = p; f(owner, until, call_at); }
template <class F> void each_member(const Queue::Known& k, F f) { const auto& [refusal, until] = k; f(refusal, until); }
template <class F> void each_member(const Queue& q, F f) { const auto& [claims, paused, waiting, requests, promise, known, hung] = q; f(claims, paused, waiting, requests, promise, known, hung); }
template <class F> void each_member(const TurnOrder::Missed& m, F f) { const auto& [again, forgiven_at] = m; f(again, forgiven_at); }
template <class F> void each_member(const TurnOrder& t, F f) { const auto& [timing, ahead, until, missed, beside, known] = t; static_cast<void>(timing); f(ahead, until, missed, beside, known); }
template <class F> void each_member(const DriveState::Watch& w, F f) { const auto& [at, pause, jitter, drives, near_until, spared_at] = w; f(at, pause, jitter, drives, near_until, spared_at); }
template <class F> void each_member(const DriveState::UnderWay& u, F f) { const auto& [action, keeps, opened] = u; f(action, keeps, opened); }
template <class F> void each_member(const DriveState& s, F f) {
  const auto& [recovery, lock, damage, device, opened, queue, turn, others, watch, under_way, not_before, error, unfit, notices] = s;
  f(recovery, lock, damage, device, opened, queue, turn, others, watch, under_way, not_before, Shown(error), unfit, notices);
}
template <class F> void each_member(const Drive& d, F f) { f(d.state()); }
// clang-format on

/// 128 bits of all that was added. Moments that are over are alike, others count from `now`.
class Digest {
 public:
  struct Value {
    uint64_t first, second;
    friend bool operator==(const Value&, const Value&) = default;
  };

  Digest(Instant now, uint32_t generation) : now_(now), generation_(generation) {}

  /// From here on generations count back from this one.
  void count_from(uint32_t generation) { generation_ = generation; }
  void rank(std::vector<Since> all) {
    std::sort(all.begin(), all.end());
    order_ = std::move(all);
  }
  Value value() const { return {a_, b_}; }

  template <class T>
  void add(const T& t) {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>)
      word(static_cast<uint64_t>(t));
    else
      each_member(t, [this](const auto&... member) { (add(member), ...); });
  }
  void add(const Shown&) {}
  void add(const InOrder& o) {
    word(static_cast<uint64_t>(std::lower_bound(order_.begin(), order_.end(), o.since) - order_.begin()));
  }
  void add(const Counted& c) {
    const int64_t behind = static_cast<int64_t>(generation_) - c.generation;
    word(static_cast<uint64_t>(std::min<int64_t>(behind, 3)));
    generation_ = c.generation;
  }
  void add(const Instant& t) {
    word(t == Instant::max() ? ~0ull : t <= now_ ? 0 : static_cast<uint64_t>((t - now_).count()));
  }
  void add(const Duration& d) { word(static_cast<uint64_t>(d.count())); }
  void add(const std::string& s) {
    word(s.size());
    for (const char c : s) word(static_cast<unsigned char>(c));
  }
  template <class T>
  void add(const std::optional<T>& o) {
    word(o.has_value());
    if (o) add(*o);
  }
  template <class... T>
  void add(const std::variant<T...>& v) {
    word(v.index());
    std::visit([this](const auto& each) { add(each); }, v);
  }
  template <class A, class B>
  void add(const std::pair<A, B>& p) {
    add(p.first);
    add(p.second);
  }
  template <class T>
  void add(const std::vector<T>& all) {
    add_all(all);
  }
  template <class T>
  void add(const std::set<T>& all) {
    add_all(all);
  }
  template <class K, class T>
  void add(const std::map<K, T>& all) {
    add_all(all);
  }

 private:
  template <class T>
  void add_all(const T& all) {
    word(all.size());
    for (const auto& each : all) add(each);
  }
  void word(uint64_t w) {
    a_ = (a_ ^ w) * 0x9e3779b97f4a7c15ull;
    a_ ^= a_ >> 32;
    b_ = (b_ + w) * 0xd6e8feb86659fd93ull;
    b_ ^= b_ >> 29;
  }

  Instant now_;
  uint32_t generation_;
  std::vector<Since> order_;
  uint64_t a_ = 1, b_ = 2;
};

}  // namespace shstore::reserve
