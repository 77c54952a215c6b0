#include "status/show/prometheus.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "status/printable.h"
#include "status/problems.h"

namespace shstore::status {
namespace {

using Labels = std::vector<std::pair<const char*, std::string>>;

// One byte that is no UTF-8 would make the collector refuse the whole file.
std::string escaped(const std::string& value) {
  std::string out;
  for (const char c : printable_lines(value)) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// One metric: its samples stand together behind its HELP and TYPE. Without samples it is left out.
class Metric {
 public:
  Metric(const char* name, const char* type, const char* help) : name_(name), type_(type), help_(help) {}

  void add(const Labels& labels, const std::string& value) {
    std::string inside;
    for (const auto& [label, text] : labels)
      inside += fmt::format("{}{}=\"{}\"", inside.empty() ? "" : ",", label, escaped(text));
    samples_ += fmt::format("{}{} {}\n", name_, inside.empty() ? inside : '{' + inside + '}', value);
  }
  void add(const Labels& labels, uint64_t value) { add(labels, std::to_string(value)); }

  MetricText about() const { return {name_, type_, help_}; }

  std::string text() const {
    if (samples_.empty()) return {};
    return fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name_, help_, type_) + samples_;
  }

 private:
  const char *name_, *type_, *help_;
  std::string samples_;
};

uint64_t seconds(record::WallTime from, record::WallTime to) {
  return static_cast<uint64_t>(std::max<int64_t>(0, (to - from).count()));
}

struct Metrics {
  Metric up{"shstore_plugin_up", "gauge", "1 if the Storage Daemon runs with the plugin."};
  Metric written{"shstore_state_timestamp_seconds", "gauge",
                 "When the plugin last wrote its state; while it runs, that is at least every ten minutes."};
  Metric errors{"shstore_configuration_errors", "gauge", "1 if something in bacula-sd.conf could not be understood."};
  Metric is_protected{"shstore_drive_protected", "gauge",
                      "1 if the plugin runs in the Storage Daemon and can lock the drive."};
  Metric error{"shstore_drive_error", "gauge", "1 if what the plugin last did with the drive ended in an error."};
  Metric info{"shstore_drive_info", "gauge", "The drives that this host shares."};
  Metric state{"shstore_drive_state_info", "gauge",
               "What the lock amounts to, in the word that shstore-status --json has for it."};
  Metric locked{"shstore_drive_locked", "gauge", "1 if anybody holds the drive's lock."};
  Metric ours{"shstore_drive_locked_by_this_daemon", "gauge", "1 if the lock is held under this daemon's key."};
  Metric owner{"shstore_drive_lock_owner_info", "gauge", "Whose lock is on the drive."};
  Metric age{"shstore_drive_lock_age_seconds", "gauge", "For how long this daemon has held the lock."};
  Metric generation{"shstore_pr_generation", "gauge",
                    "The drive's counter of registrations and preemptions (PRGENERATION)."};
  Metric registrations{"shstore_registrations", "gauge", "How many registrations the drive holds."};
  Metric jobs{"shstore_jobs", "gauge", "Jobs of this daemon that use the drive."};
  Metric waiting{"shstore_jobs_waiting", "gauge", "Jobs of this daemon that wait for the drive's lock."};
  Metric longest{"shstore_jobs_waiting_longest_seconds", "gauge", "For how long the first of them has waited."};
  Metric taken{"shstore_locks_taken_total", "counter", "Locks that the plugin has taken."};
  Metric conflicts{"shstore_lock_conflicts_total", "counter",
                   "Times that a job was told to wait because another host held the lock."};
  Metric lost{"shstore_locks_lost_total", "counter", "Locks that vanished while they were held."};
  Metric waited{"shstore_lock_wait_seconds_total", "counter",
                "How long jobs have waited that then got the drive, together."};
  Metric severity{
      "shstore_severity", "gauge",
      "How bad the worst of all is: 0 ok, 1 warning, 2 critical, 3 unknown, as the exit status of --check without thresholds."};
  Metric problem{"shstore_problem", "gauge",
                 "1 for each thing that is wrong, in the words that shstore-status --json has for it."};
  Metric attentions{"shstore_unit_attentions_total", "counter", "Unit attentions that the plugin's commands met."};

  Metric cleaning{"shstore_drive_cleaning", "gauge", "0: the drive does not ask to be cleaned, 1: soon, 2: at once."};
  Metric recovery{"shstore_drive_recovery_requested", "gauge",
                  "1 if the drive has met an error that it does not get over by itself."};
  Metric calibrating{
      "shstore_drive_calibrating", "gauge",
      "1 while the drive calibrates a cartridge, or an LTO-9 drive takes one in: not to be interrupted."};
  Metric alert{"shstore_drive_tape_alert", "gauge",
               "1 for each TapeAlert flag that the drive has raised since the daemon started."};
  Metric health_read{"shstore_drive_health_timestamp_seconds", "gauge", "When the plugin last read how the drive is."};

  Metric when{"shstore_last_check_timestamp_seconds", "gauge", "When this was read."};
  Metric ok{"shstore_check_success", "gauge",
            "1 if every configuration could be read and every drive has told its lock."};

  std::vector<const Metric*> all() const {
    return {&severity, &problem,     &up,    &written,     &errors, &info,       &is_protected,  &error,
            &state,    &locked,      &ours,  &owner,       &age,    &generation, &registrations, &jobs,
            &waiting,  &longest,     &taken, &conflicts,   &lost,   &waited,     &attentions,    &cleaning,
            &recovery, &calibrating, &alert, &health_read, &when,   &ok};
  }
};

// Two daemons of one name, as where a host's configuration was copied: two samples with the same labels would make the
// collector refuse the whole file.
std::vector<std::string> labels_of(const std::vector<SdSnapshot>& daemons) {
  std::map<std::string, size_t> used;
  std::vector<std::string> names;
  for (const auto& sd : daemons) {
    const auto count = ++used[sd.sd_name];
    names.push_back(count == 1 ? sd.sd_name : fmt::format("{} ({})", sd.sd_name, count));
  }
  return names;
}

void add_live(const SdSnapshot& sd, const DeviceSnapshot& d, const Labels& labels, Metrics& m) {
  if (d.live.why != LiveLock::Why::known) return;
  const auto holder = d.live.locked ? d.key : d.live.blocked_by;
  m.locked.add(labels, holder.empty() ? 0 : 1);
  m.ours.add(labels, d.live.locked ? 1 : 0);
  m.generation.add(labels, d.live.generation);
  m.registrations.add(labels, d.live.registrants.size());
  if (holder.empty()) return;
  auto owner = labels;
  owner.emplace_back("key", holder);
  owner.emplace_back("host", name_of(holder, sd.names));
  m.owner.add(owner, 1);
}

void add_counters(const record::DriveCounters& c, const Labels& labels, Metrics& m) {
  m.taken.add(labels, c.locks_taken);
  m.conflicts.add(labels, c.conflicts);
  m.lost.add(labels, c.locks_lost);
  m.waited.add(labels, fmt::format("{:.3f}", static_cast<double>(c.waited.count()) / 1000.0));
  for (const auto& [code, count] : c.unit_attentions) {
    auto with_code = labels;
    with_code.emplace_back("asc", code.substr(0, code.find('/')));
    with_code.emplace_back("ascq", code.substr(code.find('/') + 1));
    m.attentions.add(with_code, count);
  }
}

void add_health(const record::DriveHealth& h, const Labels& labels, Metrics& m) {
  m.cleaning.add(labels, h.cleaning == "required" ? 2 : h.cleaning.empty() ? 0 : 1);
  if (h.page == "11h") {
    m.recovery.add(labels, h.recovery_requested ? 1 : 0);
    m.calibrating.add(labels, h.calibrates ? 1 : 0);
  }
  for (const auto flag : h.alerts) {
    auto with_flag = labels;
    with_flag.emplace_back("flag", std::to_string(flag));
    m.alert.add(with_flag, 1);
  }
  m.health_read.add(labels, static_cast<uint64_t>(h.read.time_since_epoch().count()));
}

void add_plugin(const SdSnapshot& sd, const record::DriveState& p, const Labels& labels, Metrics& m) {
  if (p.locked_since) m.age.add(labels, seconds(*p.locked_since, sd.taken));
  m.jobs.add(labels, p.claims.size());
  m.waiting.add(labels, p.waiting.size());
  uint64_t longest = 0;
  for (const auto& w : p.waiting) longest = std::max(longest, seconds(w.since, sd.taken));
  m.longest.add(labels, longest);
  if (p.counters) add_counters(*p.counters, labels, m);
  if (p.health) add_health(*p.health, labels, m);
}

void add_device(const SdSnapshot& sd, const std::string& sd_label, const DeviceSnapshot& d, Metrics& m) {
  if (!d.shared) return;
  const Labels labels = {{"sd", sd_label}, {"drive", d.name}};
  auto info = labels;
  info.insert(info.end(), {{"serial", d.live.serial},
                           {"vendor", d.live.vendor},
                           {"product", d.live.product},
                           {"control_device", d.control_device}});
  m.info.add(info, 1);
  m.is_protected.add(labels, d.protected_ ? 1 : 0);
  if (d.plugin) m.error.add(labels, d.error.empty() ? 0 : 1);
  auto state = labels;
  state.emplace_back("state", word(condition_of(sd, d)));
  m.state.add(state, 1);
  add_live(sd, d, labels, m);
  if (d.plugin) add_plugin(sd, *d.plugin, labels, m);
}

// Of a file that could not be read the daemon's name is not known: its label is empty.
void add_problems(const std::vector<Problem>& problems, const std::vector<SdSnapshot>& daemons,
                  const std::vector<std::string>& names, Metrics& m) {
  m.severity.add({}, std::to_string(static_cast<int>(worst_of(problems))));
  std::set<std::string> told;  // two samples with the same labels would make the collector refuse the whole file
  const auto add = [&](const Problem& problem, const std::string& sd, const std::string& drive) {
    const Labels labels = {{"sd", sd}, {"drive", drive}, {"code", problem.code}, {"severity", word(problem.severity)}};
    if (told.insert(sd + '\n' + drive + '\n' + problem.code + word(problem.severity)).second) m.problem.add(labels, 1);
  };
  for (const auto& problem : problems) {
    for (const auto i : problem.daemons)
      add(problem, names[i], problem.device ? daemons[i].devices[*problem.device].name : "");
    if (problem.daemons.empty()) add(problem, "", "");
  }
}

}  // namespace

std::string to_prometheus(const std::vector<SdSnapshot>& daemons, record::WallTime taken, bool success,
                          const std::vector<Unreadable>& unreadable) {
  Metrics m;
  bool all_answer = success;
  const auto names = labels_of(daemons);
  add_problems(problems_of(daemons, unreadable), daemons, names, m);
  for (size_t i = 0; i < daemons.size(); ++i) {
    const auto& sd = daemons[i];
    const Labels daemon = {{"sd", names[i]}};
    m.up.add(daemon, sd.plugin_runs() ? 1 : 0);
    if (sd.state) m.written.add(daemon, static_cast<uint64_t>(sd.state->updated.time_since_epoch().count()));
    m.errors.add(daemon, sd.configuration_errors.empty() ? 0 : 1);
    for (const auto& d : sd.devices) {
      add_device(sd, names[i], d, m);
      all_answer = all_answer && (!d.shared || d.live.is_known());
    }
  }
  m.when.add({}, std::to_string(taken.time_since_epoch().count()));
  m.ok.add({}, all_answer ? 1 : 0);
  std::string text;
  for (const auto* metric : m.all()) text += metric->text();
  return text;
}

std::vector<MetricText> all_metrics() {
  const Metrics m;
  std::vector<MetricText> all;
  for (const auto* metric : m.all()) all.push_back(metric->about());
  return all;
}

}  // namespace shstore::status
