#include "reserve/record/history.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "reserve/record/times.h"
#include "scsi/base/printable.h"

namespace shstore::record {
namespace {

using Kind = HistoryEvent::Kind;

struct Row {
  Kind kind;
  const char* word;
};

constexpr std::array kWords = {
    Row{Kind::started, "started"},
    Row{Kind::stopped, "stopped"},
    Row{Kind::running, "running"},
    Row{Kind::lock_taken, "lock-taken"},
    Row{Kind::lock_released, "lock-released"},
    Row{Kind::lock_lost, "lock-lost"},
    Row{Kind::blocked, "blocked"},
    Row{Kind::unblocked, "unblocked"},
    Row{Kind::wait_begins, "wait-begins"},
    Row{Kind::wait_ends, "wait-ends"},
    Row{Kind::use_begins, "use-begins"},
    Row{Kind::use_ends, "use-ends"},
};

// The same moment, told twice: wall clock times are worked out anew for each state from a steady clock, and rounded.
constexpr std::chrono::seconds kSameMoment{2};

bool same_moment(WallTime a, WallTime b) { return std::chrono::abs(a - b) <= kSameMoment; }

template <class Job>
const Job* find_same(const std::vector<Job>& jobs, const Job& job) {
  const auto found = std::find_if(jobs.begin(), jobs.end(), [&](const auto& other) {
    return other.job == job.job && same_moment(other.since, job.since);
  });
  return found == jobs.end() ? nullptr : &*found;
}

/// What happened to one drive between two states.
class Comparison {
 public:
  Comparison(const DriveState& before, const DriveState& after, WallTime now)
      : before_(before), after_(after), now_(now) {}

  History events() && {
    ended_jobs();
    lock();
    blocked();
    begun_jobs();
    return std::move(events_);
  }

 private:
  void add(WallTime at, Kind kind, const std::string& key, uint32_t job = 0, const std::string& by = {}) {
    events_.push_back({std::min(at, now_), kind, after_.name, key, by, job});
  }

  bool more(uint64_t DriveCounters::*count) const {
    return before_.counters && after_.counters && (*after_.counters).*count > (*before_.counters).*count;
  }

  void ended_jobs() {
    for (const auto& claim : before_.claims) {
      if (find_same(after_.claims, claim) == nullptr) add(now_, Kind::use_ends, {}, claim.job);
    }
    for (const auto& wait : before_.waiting) {
      if (find_same(after_.waiting, wait) == nullptr) add(now_, Kind::wait_ends, {}, wait.job);
    }
  }

  void lock() {
    const auto taken = after_.locked_since.value_or(now_);
    const bool between = more(&DriveCounters::locks_taken);
    const bool anew = before_.locked && after_.locked &&
                      (between || (before_.locked_since && !same_moment(*before_.locked_since, taken)));
    if ((after_.lost && !before_.lost) || (anew && more(&DriveCounters::locks_lost))) {
      add(anew ? taken : now_, Kind::lock_lost, after_.key, 0, after_.blocked_by);
    } else if (before_.locked && (!after_.locked || anew)) {
      add(anew ? taken : now_, Kind::lock_released, after_.key);
    }
    if (after_.locked && (!before_.locked || anew)) add(taken, Kind::lock_taken, after_.key);
    // One that came and went between the two states.
    if (between && !before_.locked && !after_.locked && !after_.lost) {
      add(now_, Kind::lock_taken, after_.key);
      add(now_, Kind::lock_released, after_.key);
    }
  }

  void blocked() {
    if (before_.blocked_by == after_.blocked_by) return;
    if (!before_.blocked_by.empty()) add(now_, Kind::unblocked, before_.blocked_by);
    if (!after_.blocked_by.empty()) add(now_, Kind::blocked, after_.blocked_by);
  }

  void begun_jobs() {
    for (const auto& wait : after_.waiting) {
      if (find_same(before_.waiting, wait) == nullptr)
        add(wait.since, Kind::wait_begins, wait.refusal.holder, wait.job);
    }
    for (const auto& claim : after_.claims) {
      if (find_same(before_.claims, claim) == nullptr) add(claim.since, Kind::use_begins, {}, claim.job);
    }
  }

  const DriveState& before_;
  const DriveState& after_;
  const WallTime now_;
  History events_;
};

const DriveState* find_drive(const SdState* state, const std::string& name) {
  if (state == nullptr) return nullptr;
  const auto found =
      std::find_if(state->drives.begin(), state->drives.end(), [&](const auto& d) { return d.name == name; });
  return found == state->drives.end() ? nullptr : &*found;
}

bool of_daemon(Kind kind) { return kind == Kind::started || kind == Kind::stopped || kind == Kind::running; }
bool of_job(Kind kind) { return kind >= Kind::wait_begins; }
bool ends_something(Kind kind) {
  return kind == Kind::lock_released || kind == Kind::lock_lost || kind == Kind::unblocked || kind == Kind::wait_ends ||
         kind == Kind::use_ends;
}

/// What an event is about: only the last one about a subject tells how things are.
using Subject = std::tuple<Kind, std::string, uint32_t>;

Subject subject_of(const HistoryEvent& e) {
  const auto opening = [&] {
    if (of_daemon(e.kind)) return Kind::started;
    switch (e.kind) {
      case Kind::lock_released:
      case Kind::lock_lost: return Kind::lock_taken;
      case Kind::unblocked: return Kind::blocked;
      case Kind::wait_ends: return Kind::wait_begins;
      case Kind::use_ends: return Kind::use_begins;
      default: return e.kind;
    }
  };
  return {opening(), e.drive, of_job(e.kind) ? e.job : 0};
}

}  // namespace

History changes(const SdState* before, const SdState& after) {
  History events;
  if (before == nullptr) events.push_back({after.started, Kind::started});
  for (const auto& drive : after.drives) {
    if (!drive.problem.empty()) continue;
    const auto* earlier = find_drive(before, drive.name);
    auto more = Comparison(earlier ? *earlier : DriveState{}, drive, after.updated).events();
    for (auto& event : more) events.push_back(std::move(event));
  }
  // What ended did so before what began at the same moment.
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  if (!after.running && (before == nullptr || before->running)) events.push_back({after.updated, Kind::stopped});
  return events;
}

std::string to_line(const HistoryEvent& e) {
  const auto row = std::find_if(kWords.begin(), kWords.end(), [&](const auto& r) { return r.kind == e.kind; });
  nlohmann::ordered_json line = {{"at", time_text(e.at)}, {"event", row->word}};
  if (!e.drive.empty()) line["drive"] = e.drive;
  if (!e.key.empty()) line["key"] = e.key;
  if (!e.by.empty()) line["by"] = e.by;
  if (of_job(e.kind)) line["job"] = e.job;
  return base::printable_json(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) + '\n';
}

std::optional<HistoryEvent> parse_line(std::string_view text) {
  try {
    const auto line = nlohmann::json::parse(text);
    const auto word = line.at("event").get<std::string>();
    const auto row = std::find_if(kWords.begin(), kWords.end(), [&](const auto& r) { return word == r.word; });
    if (row == kWords.end()) return std::nullopt;
    const auto at = parse_time(line.at("at").get<std::string>());
    if (!at) return std::nullopt;
    HistoryEvent e{*at, row->kind};
    e.drive = line.value("drive", std::string{});
    e.key = line.value("key", std::string{});
    e.by = line.value("by", std::string{});
    e.job = line.value("job", uint32_t{0});
    if (e.drive.empty() && !of_daemon(e.kind)) return std::nullopt;
    return e;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

History parse_history(std::string_view text) {
  History events;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (auto event = parse_line(text.substr(0, end))) events.push_back(std::move(*event));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return events;
}

History since(const History& history, WallTime oldest) {
  std::map<Subject, size_t> last;  // of each subject, before `oldest`
  for (size_t i = 0; i < history.size(); ++i) {
    if (history[i].at >= oldest) continue;
    // A life that begins knows nothing of what a killed one left open.
    if (history[i].kind == Kind::started) last.clear();
    last[subject_of(history[i])] = i;
  }
  History kept;
  for (size_t i = 0; i < history.size(); ++i) {
    const auto& event = history[i];
    const auto latest = last.find(subject_of(event));
    const bool stands = latest != last.end() && latest->second == i && !ends_something(event.kind);
    if (event.at >= oldest || stands) kept.push_back(event);
  }
  return kept;
}

}  // namespace shstore::record
