#include "status/look/health_words.h"
#include "status/watch/table.h"

#include <fmt/format.h>
#include <string.h>  // strverscmp

#include <algorithm>
#include <map>
#include <set>

#include "status/printable.h"
#include "status/problems.h"
#include "reserve/record/times.h"

namespace shstore::status::watch {
namespace {

using std::chrono::seconds;

// Clocks are set back now and then.
seconds since(const SdSnapshot& sd, record::WallTime moment) {
  return std::max(seconds(0), seconds(sd.taken - moment));
}

std::optional<seconds> lock_age(const SdSnapshot& sd, const DeviceSnapshot& d) {
  if (!d.live.locked || !d.plugin || !d.plugin->locked_since) return std::nullopt;
  return since(sd, *d.plugin->locked_since);
}

// The drive's word; the host's own key where it is locked and the drive has not told by whom else.
std::string holder(const SdSnapshot& sd, const DeviceSnapshot& d) {
  if (!d.live.error.empty()) return "?";
  if (!d.live.blocked_by.empty()) return named(d.live.blocked_by, sd.names);
  return d.live.locked ? named(d.key, sd.names) : "-";
}

std::string jobs(const DeviceSnapshot& d) {
  std::string text;
  for (const auto& claim : d.claims) text += (text.empty() ? "" : ", ") + std::to_string(claim.job);
  return text.empty() ? "-" : text;
}

// The one that has waited longest first.
std::vector<record::JobWaiting> waiting_for(const SdSnapshot& sd, const DeviceSnapshot& d) {
  if (!sd.plugin_runs() || !d.plugin) return {};
  auto waiting = d.plugin->waiting;
  std::stable_sort(waiting.begin(), waiting.end(), [](const auto& a, const auto& b) { return a.since < b.since; });
  return waiting;
}

Row row_of(const SdSnapshot& sd, const DeviceSnapshot& d, Severity severity) {
  const auto condition = condition_of(sd, d);
  Row row;
  row.severity = severity;
  row.age = lock_age(sd, d);
  std::string waiting;
  for (const auto& w : waiting_for(sd, d)) {
    const auto age = since(sd, w.since);
    if (!row.longest_wait) row.longest_wait = age;
    waiting += fmt::format("{}{} ({})", waiting.empty() ? "" : ", ", w.job, record::age_text(age));
  }
  row.cells = {d.name,
               sd.sd_name,
               word(condition),
               holder(sd, d),
               jobs(d),
               row.age ? record::age_text(*row.age) : "-",
               waiting.empty() ? "-" : waiting};
  for (auto& cell : row.cells) cell = printable(cell);
  return row;
}

std::string counted(size_t n, const char* one, const char* many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

// "2 free, 1 blocked", in the order of the conditions.
std::string counts(const std::map<Condition, size_t>& by_condition) {
  std::string text;
  for (const auto& [condition, n] : by_condition)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, word(condition));
  return text;
}

bool is_condition(const std::string& code) {
  const auto all = all_conditions();
  return std::any_of(all.begin(), all.end(), [&](Condition condition) { return word(condition) == code; });
}

// A drive's state stands in its row.
std::vector<Remark> remarks_of(const Reading& reading, const std::vector<Problem>& problems) {
  std::vector<Remark> remarks;
  std::set<std::string> told;
  const auto add = [&](const std::string& text, Severity severity) {
    const auto shown = printable(text);
    if (told.insert(shown).second) remarks.push_back({shown, severity});
  };
  for (const auto& problem : problems) {
    const bool in_its_row = problem.device && is_condition(problem.code);
    for (const auto& sentence : problem.in_full) {
      if (!in_its_row) add(problem.where + ": " + sentence, problem.severity);
    }
  }
  for (const auto& sd : reading.daemons) {
    const auto is_told = [&](const std::string& note) {
      return std::any_of(problems.begin(), problems.end(), [&](const Problem& p) {
        return std::find(p.in_full.begin(), p.in_full.end(), note) != p.in_full.end();
      });
    };
    for (const auto& note : sd.notes) {
      if (!is_told(note)) add(sd.sd_name + ": " + note, Severity::ok);
    }
    for (const auto& d : sd.devices) {
      const auto activity = d.plugin && d.plugin->health ? health_activity(*d.plugin->health) : std::string{};
      if (!activity.empty()) add(sd.sd_name + ": " + d.display() + ' ' + activity, Severity::ok);
    }
  }
  return remarks;
}

}  // namespace

const char* title(Column column) {
  static constexpr std::array kTitles = {"DRIVE", "SD", "LOCK", "HOLDER", "JOBS", "AGE", "WAITING"};
  static_assert(kTitles.size() == kColumns);
  return kTitles[static_cast<size_t>(column)];
}

Table table_of(const Reading& reading) {
  Table table;
  std::map<Condition, size_t> by_condition;
  size_t wait = 0;
  const auto problems = problems_of(reading.daemons, reading.unreadable);
  for (size_t i = 0; i < reading.daemons.size(); ++i) {
    const auto& sd = reading.daemons[i];
    table.taken = std::max(table.taken, sd.taken);
    for (size_t j = 0; j < sd.devices.size(); ++j) {
      const auto& d = sd.devices[j];
      if (!d.shared) continue;
      ++by_condition[condition_of(sd, d)];
      wait += waiting_for(sd, d).size();
      table.rows.push_back(row_of(sd, d, severity_of(problems, i, j)));
    }
  }
  table.remarks = remarks_of(reading, problems);
  table.summary = counted(table.rows.size(), "drive", "drives");
  if (!by_condition.empty()) table.summary += ": " + counts(by_condition);
  if (wait > 0) table.summary += "; " + counted(wait, "wait of a job", "waits of jobs");
  return table;
}

std::vector<Row> sorted(std::vector<Row> rows, Column by, bool reverse) {
  const auto names = [](const Row& a, const Row& b, Column c) {
    return ::strverscmp(a.cell(c).c_str(), b.cell(c).c_str());
  };
  // Below 0: a comes first. std::nullopt is less than every age.
  const auto longest_first = [](const auto& a, const auto& b) { return a == b ? 0 : a > b ? -1 : 1; };
  const auto compare = [&](const Row& a, const Row& b) {
    switch (by) {
      case Column::lock:
        if (a.severity != b.severity) return is_worse(a.severity, b.severity) ? -1 : 1;
        return names(a, b, by);
      case Column::age: return longest_first(a.age, b.age);
      case Column::waiting: return longest_first(a.longest_wait, b.longest_wait);
      default: return names(a, b, by);
    }
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    const int order = compare(a, b);
    if (order != 0) return reverse ? order > 0 : order < 0;
    return names(a, b, Column::drive) < 0;
  });
  return rows;
}

}  // namespace shstore::status::watch
