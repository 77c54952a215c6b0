// Snapshots as a Nagios plugin shows them (Monitoring Plugins Development Guidelines). No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "status/look/condition.h"

namespace shstore::status {

/// "10" (alert outside 0 to 10), "10:" (below 10), "~:10" (above 10), "10:20" (outside), "@10:20" (inside).
struct Range {
  double start = 0;
  std::optional<double> end{};  ///< nothing: infinity
  bool from_minus_infinity = false;
  bool inside = false;
  std::string text{};  ///< as it was written, for the performance data
  bool alerts(double value) const;
};
tl::expected<Range, std::string> parse_range(std::string_view text);

/// In seconds; nothing: no such threshold.
struct Thresholds {
  std::optional<Range> lock_age, wait;
};
/// "AGE", "AGE,WAIT" or ",WAIT", as the options -w and -c have it.
tl::expected<Thresholds, std::string> parse_thresholds(std::string_view text);

struct CheckResult {
  Severity severity = Severity::ok;
  std::string text;  ///< the line with the performance data, then one line for each further finding, and NOTE lines
};

/// problems_of() all of them, and what the thresholds find.
CheckResult check(const std::vector<SdSnapshot>& daemons, const Thresholds& warning, const Thresholds& critical,
                  const std::vector<Unreadable>& unreadable);

}  // namespace shstore::status
