#include "status/show/text.h"

#include <fmt/format.h>

#include "status/lock_lines.h"
#include "status/look/health_words.h"
#include "status/look/mutual_wait_words.h"
#include "status/printable.h"
#include "status/problems.h"

namespace shstore::status {
namespace {

// The white paper breaks the 3612 line before "is reserved by".
std::string waiting_text(const SdSnapshot& s, const WaitingJob& w, bool names) {
  auto line = waiting_line(s, w, names);
  const auto second_half = line.find(" is reserved by: ");
  if (second_half != std::string::npos) line.replace(second_half, 1, "\n    ");
  return "  " + line + '\n';
}

std::string changer_text(const SdSnapshot& s, const std::string& changer) {
  std::string text = fmt::format("Autochanger \"{}\" with devices:\n", printable(changer));
  for (const auto& d : s.devices) {
    if (d.autochanger == changer) text += "  " + printable(d.display()) + '\n';
  }
  return text;
}

std::string device_text(const SdSnapshot& s, const DeviceSnapshot& d, bool names) {
  std::string text = fmt::format("Device {}:\n  Media type:  {}\n", printable(d.display()), printable(d.media_type));
  if (const auto blocked = blocked_line(s, d, names); !blocked.empty()) text += "  " + blocked + '\n';
  for (const auto& line : remark_lines(s, d)) text += "  " + line + '\n';
  if (d.plugin && d.plugin->health) {
    const auto activity = health_activity(*d.plugin->health);
    if (!activity.empty()) text += "  The drive " + printable(activity) + ".\n";
  }
  for (const auto& claim : d.claims) text += fmt::format("  In use by JobId={}\n", claim.job);
  return text + "  " + lock_line(s, d, names) + '\n';
}

}  // namespace

std::string notes_text(const SdSnapshot& s) {
  std::string text;
  for (const auto& note : s.notes) text += printable(note) + (note.ends_with('?') ? "\n" : ".\n");
  return text;
}

std::string common_text(const std::vector<SdSnapshot>& daemons) {
  std::string text;
  for (const auto& problem : problems_of(daemons)) {
    if (problem.daemons.size() < 2) continue;
    for (const auto& line : problem.lines) text += printable(line) + ".\n";
  }
  return text;
}

std::string to_text(const SdSnapshot& s, bool names) {
  std::string text = notes_text(s) + "Jobs waiting to reserve a drive:\n";
  for (const auto& w : s.waiting) text += waiting_text(s, w, names);
  for (const auto& wait : mutual_waits_of(s)) {
    for (const auto& sentence : mutual_wait_words(s, wait)) text += "  " + printable(sentence) + ".\n";
  }
  text += "====\n\nDevice status:\n";
  std::string changer;
  for (const auto& d : s.devices) {
    if (!d.autochanger.empty() && d.autochanger != changer) text += changer_text(s, d.autochanger);
    changer = d.autochanger;
  }
  for (const auto& d : s.devices) text += device_text(s, d, names);
  return text + "====\n";
}

}  // namespace shstore::status
