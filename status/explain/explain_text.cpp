// A JobExplanation for people and for programs.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "status/explain/explain_job.h"
#include "status/printable.h"

namespace shstore::status {
namespace {

using Json = nlohmann::ordered_json;

std::string drive_text(const DriveExplanation& d) {
  auto text = fmt::format("  {}: {}{}.\n", printable(d.device), printable(d.why),
                          d.since ? ", since " + record::moment_in_words(*d.since) : "");
  for (const auto& other : d.also) text += fmt::format("      Also: {}.\n", printable(other));
  if (!d.line.empty()) text += fmt::format("      {}\n", printable(d.line));
  if (!d.what_to_do.empty()) text += fmt::format("      What to do: {}.\n", printable(d.what_to_do));
  return text;
}

const char* state_name(JobExplanation::State state) {
  switch (state) {
    case JobExplanation::State::unknown: return "unknown";
    case JobExplanation::State::ended: return "ended";
    case JobExplanation::State::has_drive: return "has a drive";
    case JobExplanation::State::waits: return "waits for a drive";
    case JobExplanation::State::planned: return "planned";
  }
  return "";
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json drive_json(const DriveExplanation& d) {
  return {{"device", d.device},
          {"given", d.given},
          {"why", d.why},
          {"what_to_do", text_or_null(d.what_to_do)},
          {"line", text_or_null(d.line)},
          {"since", d.since ? Json(record::time_text(*d.since)) : Json()},
          {"also", d.also}};
}

}  // namespace

std::string to_text(const JobExplanation& e) {
  // Each piece by itself: a line end in one of them must not begin a line that looks like ours.
  auto text = printable(e.summary) + ".\n";
  for (const auto& remark : e.remarks) text += printable(remark) + ".\n";
  if (!e.drives.empty()) text += '\n';
  for (const auto& d : e.drives) text += drive_text(d);
  if (!e.bacula_says.empty()) text += "\nbacula-sd says:\n";
  for (const auto& line : e.bacula_says) text += fmt::format("  {}\n", printable(line));
  if (!e.unknown.empty()) text += "\nNot known:\n";
  for (const auto& unknown : e.unknown) text += fmt::format("  {}.\n", printable(unknown));
  return text;
}

std::string to_json(const JobExplanation& e) {
  Json drives = Json::array();
  for (const auto& d : e.drives) drives.push_back(drive_json(d));
  const Json j = {{"schema", "shstore-explain-job/1"},
                  {"job", e.job},
                  {"state", state_name(e.state)},
                  {"summary", e.summary},
                  {"remarks", e.remarks},
                  {"drives", drives},
                  {"bacula_says", e.bacula_says},
                  {"expected", e.expected},
                  {"chosen", text_or_null(e.chosen)},
                  {"unknown", e.unknown}};
  return printable_json(j.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace shstore::status
