#include "status/look/mutual_wait_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace shstore::status {

std::vector<record::MutualWait> mutual_waits_of(const SdSnapshot& sd) {
  return sd.plugin_runs() && sd.state ? sd.state->mutual_waits : std::vector<record::MutualWait>{};
}

std::string ring_words(const SdSnapshot& sd, const record::MutualWait& wait) {
  std::string text;
  for (const auto& link : wait.ring) {
    text += fmt::format("{}{} has \"{}\" and waits for \"{}\"", text.empty() ? "" : "; ", named(link.key, sd.names),
                        link.has, link.waits_for);
  }
  return text;
}

std::string mutual_wait_end(const record::MutualWait& wait) {
  const auto command = fmt::format("\"cancel jobid={}\" in bconsole", wait.job);
  if (!wait.gives_in_at) return "If that stays so, no job of the ring ever goes on: end one with " + command;
  return fmt::format(
      "If nothing changes, this host fails JobId={} itself on {}, so that the others go on; {} does it now", wait.job,
      record::moment_in_words(*wait.gives_in_at), command);
}

std::vector<std::string> mutual_wait_words(const SdSnapshot& sd, const record::MutualWait& wait) {
  const auto lasts = std::max(std::chrono::seconds(0), std::chrono::seconds(sd.taken - wait.since));
  const bool itself = wait.having == std::vector<uint32_t>{wait.job};
  const auto having = itself ? fmt::format("JobId={} has a drive, waits for another one, and has not begun", wait.job)
                             : fmt::format("JobId={} has a drive and has not begun, JobId={} waits for another one",
                                           fmt::join(wait.having, ", "), wait.job);
  return {fmt::format("Perhaps a mutual wait, for {}: {}", record::age_text(lasts), ring_words(sd, wait)),
          "On this host " + having, mutual_wait_end(wait)};
}

}  // namespace shstore::status
