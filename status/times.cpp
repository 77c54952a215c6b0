#include "status/times.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace shstore::status {

std::string time_text(WallTime t) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(t)));
}

std::string age_text(std::chrono::seconds age) {
  constexpr int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  const auto s = age.count();
  if (s < 2 * kMinute) return fmt::format("{} s", s);
  if (s < 2 * kHour) return fmt::format("{} min", s / kMinute);
  if (s < kDay) return fmt::format("{} h {} min", s / kHour, s % kHour / kMinute);
  return fmt::format("{} d {} h", s / kDay, s % kDay / kHour);
}

}  // namespace shstore::status
