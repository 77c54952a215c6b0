#include "status/show/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "status/printable.h"
#include "status/problems.h"

namespace shstore::status {
namespace {

struct Finding {
  Severity severity;
  std::string text;
};

const char* name_of(Severity s) {
  constexpr const char* kNames[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  return kNames[static_cast<int>(s)];
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Everything about the daemons that is put together while one goes through them.
class Check {
 public:
  Check(const Thresholds& warning, const Thresholds& critical, bool several)
      : warning_(warning), critical_(critical), several_(several) {}

  // What is wrong, whatever the thresholds are.
  void tell(const std::vector<Problem>& problems) {
    for (const auto& problem : problems) {
      for (const auto& line : problem.lines) add(problem.severity, line);
    }
  }
  void measure(const SdSnapshot& sd) {
    note_limits(sd);
    for (const auto& d : sd.devices) {
      if (d.shared) look_at(sd, d);
    }
  }
  void add(Severity severity, std::string text) { findings_.push_back({severity, std::move(text)}); }

  CheckResult result() {
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const auto& a, const auto& b) { return is_worse(a.severity, b.severity); });
    CheckResult r;
    if (!findings_.empty()) r.severity = findings_.front().severity;
    r.text = fmt::format("SHSTORE {} - {}", name_of(r.severity), summary());
    if (!perfdata_.empty()) r.text += " |" + perfdata_;
    r.text += '\n';
    for (size_t i = 1; i < findings_.size(); ++i) {
      r.text += fmt::format("{}: {}\n", name_of(findings_[i].severity), one_line(findings_[i].text));
    }
    for (const auto& note : notes_) r.text += fmt::format("NOTE: {}\n", one_line(note));
    return r;
  }

 private:
  // A bar or a line end in a name would begin the performance data.
  static std::string one_line(std::string text) {
    for (char& c : text) {
      if (c == '|' || c == '\n') c = ' ';
    }
    return printable(text);
  }

  std::string summary() const {
    if (!findings_.empty()) return one_line(findings_.front().text);
    auto text = fmt::format("{} drive{}, {} locked", drives_.size(), drives_.size() == 1 ? "" : "s", holders_.size());
    for (size_t i = 0; i < holders_.size(); ++i) text += (i == 0 ? " by " : ", ") + holders_[i];
    if (waiting_ > 0) text += fmt::format(", {} job{} waiting", waiting_, waiting_ == 1 ? "" : "s");
    return one_line(text);
  }

  // Two daemons that are looked at may share a drive.
  static std::string identity(const SdSnapshot& sd, const DeviceSnapshot& d) {
    const auto told = d.live.identity();
    return told.empty() ? sd.sd_name + '\n' + d.name : told;
  }

  // What a limit says of a drive itself is not passed over, though it is no alarm.
  void note_limits(const SdSnapshot& sd) {
    if (!sd.state || sd.life != Life::runs) return;
    for (const auto& limit : sd.state->limits) {
      if (limit.starts_with(record::kLimitOfADevice)) notes_.push_back(sd.sd_name + ": " + limit);
    }
  }

  void look_at(const SdSnapshot& sd, const DeviceSnapshot& d) {
    const bool first_look = drives_.insert(identity(sd, d)).second;
    const auto who = several_ ? sd.sd_name + ' ' + d.display() : d.display();
    const auto holder = d.live.locked ? d.key : d.live.blocked_by;
    if (first_look && !holder.empty()) holders_.push_back(named(holder, sd.names));
    look_at_times(sd, d, who, holder);
  }

  void look_at_times(const SdSnapshot& sd, const DeviceSnapshot& d, const std::string& who, const std::string& holder) {
    std::optional<double> age, wait;
    const bool known = d.live.why == LiveLock::Why::known;
    if (known && holder.empty()) age = 0;
    if (d.plugin && d.plugin->locked_since) age = seconds(*d.plugin->locked_since, sd.taken);
    if (d.plugin) {
      wait = 0;
      for (const auto& w : d.plugin->waiting) wait = std::max(*wait, seconds(w.since, sd.taken));
      waiting_ += d.plugin->waiting.size();
    }
    compare(who, "its lock has been held for", age, warning_.lock_age, critical_.lock_age);
    compare(who, "a job has waited for it for", wait, warning_.wait, critical_.wait);
    measure(sd, d, "lock_age", age, warning_.lock_age, critical_.lock_age);
    measure(sd, d, "wait", wait, warning_.wait, critical_.wait);
  }

  void compare(const std::string& who, const char* what, const std::optional<double>& value,
               const std::optional<Range>& warning, const std::optional<Range>& critical) {
    if (!value) return;
    const auto severity = critical && critical->alerts(*value) ? Severity::critical
                          : warning && warning->alerts(*value) ? Severity::warning
                                                               : Severity::ok;
    if (severity == Severity::ok) return;
    add(severity,
        fmt::format("{}: {} {}", who, what, record::age_text(std::chrono::seconds(static_cast<int64_t>(*value)))));
  }

  // 'label'=value[UOM];[warn];[crit];[min]
  void measure(const SdSnapshot& sd, const DeviceSnapshot& d, const char* what, const std::optional<double>& value,
               const std::optional<Range>& warning, const std::optional<Range>& critical) {
    auto label = (several_ ? sd.sd_name + '/' : std::string{}) + d.name + '_' + what;
    std::replace_if(
        label.begin(), label.end(), [](char c) { return c == '\'' || c == '=' || c == '|' || c == '\n'; }, '_');
    label = printable(label);
    perfdata_ += fmt::format(" '{}'={};{};{};0;", label, value ? fmt::format("{:g}s", *value) : "U",
                             warning ? warning->text : "", critical ? critical->text : "");
  }

  static double seconds(record::WallTime from, record::WallTime to) {
    return static_cast<double>(std::max<int64_t>(0, (to - from).count()));
  }

  const Thresholds& warning_;
  const Thresholds& critical_;
  const bool several_;
  std::vector<Finding> findings_;
  std::vector<std::string> notes_;  ///< worth saying, and no alarm
  std::vector<std::string> holders_;
  std::string perfdata_;
  std::set<std::string> drives_;
  size_t waiting_ = 0;
};

}  // namespace

bool Range::alerts(double value) const {
  const bool outside = (!from_minus_infinity && value < start) || (end && value > *end);
  return outside != inside;
}

tl::expected<Range, std::string> parse_range(std::string_view text) {
  const auto wrong = [&] {
    return tl::make_unexpected(fmt::format("\"{}\" is not a range like 3600, 10:3600, ~:3600 or @10:20", text));
  };
  Range range;
  range.text = text;
  auto rest = text;
  if (rest.starts_with('@')) {
    range.inside = true;
    rest.remove_prefix(1);
  }
  const auto colon = rest.find(':');
  const auto from = colon == std::string_view::npos ? std::string_view{} : rest.substr(0, colon);
  const auto to = colon == std::string_view::npos ? rest : rest.substr(colon + 1);
  if (from == "~") {
    range.from_minus_infinity = true;
  } else if (!from.empty()) {
    const auto value = number(from);
    if (!value) return wrong();
    range.start = *value;
  }
  if (!to.empty()) {
    range.end = number(to);
    if (!range.end) return wrong();
  } else if (colon == std::string_view::npos) {
    return wrong();
  }
  if (range.end && !range.from_minus_infinity && range.start > *range.end) return wrong();
  return range;
}

tl::expected<Thresholds, std::string> parse_thresholds(std::string_view text) {
  Thresholds t;
  const auto comma = text.find(',');
  const auto parts = {
      std::pair{text.substr(0, comma), &t.lock_age},
      std::pair{comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1), &t.wait}};
  for (const auto& [part, place] : parts) {
    if (part.empty()) continue;
    auto range = parse_range(part);
    if (!range) return tl::make_unexpected(range.error());
    *place = std::move(*range);
  }
  if (!t.lock_age && !t.wait)
    return tl::make_unexpected(std::string("a threshold is expected: AGE, AGE,WAIT or ,WAIT"));
  return t;
}

CheckResult check(const std::vector<SdSnapshot>& daemons, const Thresholds& warning, const Thresholds& critical,
                  const std::vector<Unreadable>& unreadable) {
  Check c(warning, critical, daemons.size() > 1);
  c.tell(problems_of(daemons, unreadable));
  for (const auto& sd : daemons) c.measure(sd);
  return c.result();
}

}  // namespace shstore::status
