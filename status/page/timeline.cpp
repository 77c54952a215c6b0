#include "status/page/timeline.h"

#include <algorithm>
#include <map>

namespace shstore::status {
namespace {

using Kind = record::HistoryEvent::Kind;

struct Period {
  record::WallTime from{}, until{};
  std::string key{};
  uint32_t job = 0;
  bool lost = false, over = true;
};
using Periods = std::vector<Period>;

/// One daemon's history of one drive, as periods in the order of time.
struct Periodic {
  Periods runs, held, seen, left_behind, uses, waits;
};

class Reading {
 public:
  Reading(const DriveRecord& record, record::WallTime now) : record_(record), now_(now) {}

  Periodic read() && {
    for (const auto& event : record_.events) {
      if (event.kind == Kind::started) begin_life(event.at);
      if (!run_ && event.kind != Kind::stopped) run_ = Period{event.at, {}};
      last_sign_ = std::max(last_sign_, event.at);
      if (event.kind == Kind::stopped) end_life(event.at);
      if (event.drive == record_.drive) apply(event);
    }
    if (run_) end_history();
    return std::move(done_);
  }

 private:
  // Of a life that left no "stopped" nothing is known after its last sign.
  void begin_life(record::WallTime at) {
    if (run_) {
      leave_behind(at);
      end_life(last_sign_);
    }
    close_left_behind(at);
  }

  void end_history() {
    if (record_.runs) return end_life(now_, true);
    last_sign_ = std::max(last_sign_, std::min(record_.last_sign, now_));
    leave_behind(now_);
    end_life(last_sign_);
  }

  void leave_behind(record::WallTime until) {
    if (held_) done_.left_behind.push_back({last_sign_, until, held_->key});
  }

  void close_left_behind(record::WallTime at) {
    if (!done_.left_behind.empty()) done_.left_behind.back().until = std::min(done_.left_behind.back().until, at);
  }

  void end_life(record::WallTime at, bool now = false) {
    close(run_, done_.runs, at);
    close(held_, done_.held, at);
    close(seen_, done_.seen, at);
    for (auto& [job, use] : uses_) close(use, done_.uses, at);
    for (auto& [job, wait] : waits_) {
      if (wait) wait->over = !now;
      close(wait, done_.waits, at);
    }
  }

  static void close(std::optional<Period>& open, Periods& done, record::WallTime at) {
    if (!open) return;
    open->until = std::max(at, open->from + std::chrono::seconds(1));
    done.push_back(std::move(*open));
    open.reset();
  }

  void apply(const record::HistoryEvent& e) {
    switch (e.kind) {
      case Kind::lock_taken: return open(held_, done_.held, e);
      case Kind::lock_lost:
        if (held_) held_->lost = true;
        return close(held_, done_.held, e.at);
      case Kind::lock_released: return close(held_, done_.held, e.at);
      case Kind::blocked: return open(seen_, done_.seen, e);
      case Kind::unblocked: return close(seen_, done_.seen, e.at);
      case Kind::wait_begins: return open(waits_[e.job], done_.waits, e);
      case Kind::wait_ends: return close(waits_[e.job], done_.waits, e.at);
      case Kind::use_begins: return open(uses_[e.job], done_.uses, e);
      case Kind::use_ends: return close(uses_[e.job], done_.uses, e.at);
      default: return;
    }
  }

  static void open(std::optional<Period>& period, Periods& done, const record::HistoryEvent& e) {
    close(period, done, e.at);
    period = Period{e.at, {}, e.key, e.job};
  }

  const DriveRecord& record_;
  const record::WallTime now_;
  Periodic done_;
  record::WallTime last_sign_{};
  std::optional<Period> run_, held_, seen_;
  std::map<uint32_t, std::optional<Period>> uses_, waits_;
};

/// The latest period that has begun by then, if it has not ended. Periods of one kind hardly ever overlap.
const Period* at(const Periods& periods, record::WallTime t) {
  auto after = std::upper_bound(periods.begin(), periods.end(), t,
                                [](record::WallTime x, const Period& p) { return x < p.from; });
  if (after == periods.begin()) return nullptr;
  --after;
  return t < after->until ? &*after : nullptr;
}

/// The moments at which something changes, with both ends of the picture.
std::vector<record::WallTime> moments(const std::vector<Periodic>& all, record::WallTime from, record::WallTime until) {
  std::vector<record::WallTime> edges = {from, until};
  for (const auto& one : all) {
    for (const auto* periods : {&one.runs, &one.held, &one.seen, &one.left_behind}) {
      for (const auto& p : *periods) {
        for (const auto edge : {p.from, p.until}) {
          if (from < edge && edge < until) edges.push_back(edge);
        }
      }
    }
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

std::optional<Stretch> held_by_own_word(const std::vector<Periodic>& all, record::WallTime t) {
  std::optional<Stretch> latest;
  record::WallTime begun{};
  for (size_t i = 0; i < all.size(); ++i) {
    const auto* held = at(all[i].held, t);
    if (held == nullptr || (latest && held->from <= begun)) continue;
    begun = held->from;
    latest = Stretch{Stretch::Kind::held, {}, {}, held->key, i, held->lost};
  }
  return latest;
}

// What was seen of a daemon that was there itself and says otherwise does not count.
std::optional<Stretch> seen_by_another(const std::vector<Periodic>& all, std::span<const DriveRecord> daemons,
                                       record::WallTime t) {
  for (const auto& one : all) {
    const auto* seen = at(one.seen, t);
    if (seen == nullptr) continue;
    bool denied = false;
    for (size_t i = 0; i < all.size(); ++i)
      denied = denied || (daemons[i].key == seen->key && at(all[i].runs, t) != nullptr);
    if (!denied) return Stretch{Stretch::Kind::held, {}, {}, seen->key};
  }
  return std::nullopt;
}

std::optional<Stretch> not_known(const std::vector<Periodic>& all, record::WallTime t) {
  bool somebody_ran = false;
  for (size_t i = 0; i < all.size(); ++i) {
    if (const auto* left = at(all[i].left_behind, t)) return Stretch{Stretch::Kind::unknown, {}, {}, left->key, i};
    somebody_ran = somebody_ran || at(all[i].runs, t) != nullptr;
  }
  if (somebody_ran) return std::nullopt;
  return Stretch{Stretch::Kind::unknown};
}

void add_jobs(const Periods& uses, Stretch& stretch) {
  for (const auto& use : uses) {
    if (use.from >= stretch.until || use.until <= stretch.from) continue;
    if (std::find(stretch.jobs.begin(), stretch.jobs.end(), use.job) == stretch.jobs.end())
      stretch.jobs.push_back(use.job);
  }
}

bool goes_on(const Stretch& before, const Stretch& next) {
  return before.until == next.from && before.kind == next.kind && before.key == next.key &&
         before.daemon == next.daemon && before.lost == next.lost;
}

std::vector<Stretch> stretches(const std::vector<Periodic>& all, std::span<const DriveRecord> daemons,
                               record::WallTime from, record::WallTime until) {
  std::vector<Stretch> result;
  const auto edges = moments(all, from, until);
  for (size_t i = 0; i + 1 < edges.size(); ++i) {
    auto stretch = held_by_own_word(all, edges[i]);
    if (!stretch) stretch = seen_by_another(all, daemons, edges[i]);
    if (!stretch) stretch = not_known(all, edges[i]);
    if (!stretch) continue;
    stretch->from = edges[i];
    stretch->until = edges[i + 1];
    if (!result.empty() && goes_on(result.back(), *stretch)) {
      result.back().until = stretch->until;
    } else {
      result.push_back(std::move(*stretch));
    }
  }
  return result;
}

std::vector<Wait> waits(const std::vector<Periodic>& all, record::WallTime from, record::WallTime until) {
  std::vector<Wait> result;
  for (size_t i = 0; i < all.size(); ++i) {
    for (const auto& w : all[i].waits) {
      if (w.from >= until || w.until <= from) continue;
      result.push_back({i, w.job, w.key, std::max(w.from, from), std::min(w.until, until), w.over});
    }
  }
  std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  return result;
}

}  // namespace

Timeline timeline(std::span<const DriveRecord> daemons, record::WallTime from, record::WallTime until) {
  std::vector<Periodic> all;
  for (const auto& daemon : daemons) {
    auto one = Reading(daemon, until).read();
    const auto begun_first = [](const auto& a, const auto& b) { return a.from < b.from; };
    for (auto* periods : {&one.runs, &one.held, &one.seen, &one.left_behind, &one.uses}) {
      std::stable_sort(periods->begin(), periods->end(), begun_first);
    }
    all.push_back(std::move(one));
  }
  Timeline result{stretches(all, daemons, from, until), waits(all, from, until)};
  for (auto& stretch : result.stretches) {
    if (stretch.kind == Stretch::Kind::held && stretch.daemon) add_jobs(all[*stretch.daemon].uses, stretch);
  }
  return result;
}

}  // namespace shstore::status
