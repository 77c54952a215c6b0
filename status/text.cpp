#include "status/text.h"

#include <fmt/format.h>

#include "reserve/refusal.h"

namespace shstore::status {
namespace {

std::string display(const DeviceSnapshot& d) { return fmt::format("\"{}\" ({})", d.name, d.archive_device); }

// The white paper breaks the 3612 line before "is reserved by".
std::string waiting_text(const WaitingJob& w) {
  auto line = reserve::refusal_text(w.waiting.job, w.device, w.waiting.refusal);
  const auto second_half = line.find(" is reserved by: ");
  if (second_half != std::string::npos) line.replace(second_half, 1, "\n    ");
  return "  " + line + '\n';
}

std::string changer_text(const SdSnapshot& s, const std::string& changer) {
  std::string text = fmt::format("Autochanger \"{}\" with devices:\n", changer);
  for (const auto& d : s.devices) {
    if (d.autochanger == changer) text += "  " + display(d) + '\n';
  }
  return text;
}

std::string lock_line(const DeviceSnapshot& d) {
  const int shstore = d.protected_ ? 1 : 0;
  if (!d.live.error.empty()) return fmt::format("  shstore={} registered=? locked=? blockedbySD=?\n", shstore);
  return fmt::format("  shstore={} registered={:d} locked={:d} blockedbySD={}\n", shstore, d.live.registered,
                     d.live.locked, d.live.blocked_by.empty() ? "no" : d.live.blocked_by);
}

std::string device_text(const DeviceSnapshot& d) {
  std::string text = fmt::format("Device {}:\n  Media type:  {}\n", display(d), d.media_type);
  if (!d.shared) return text + "  shstore=0 (no Lock Command: this device is not shared)\n";
  if (!d.live.blocked_by.empty()) text += fmt::format("  Device is BLOCKED by another SD={}\n", d.live.blocked_by);
  if (!d.live.error.empty()) text += fmt::format("  The lock is not known: {}\n", d.live.error);
  if (!d.error.empty() && d.error != d.live.error) text += fmt::format("  Last error: {}\n", d.error);
  for (const auto& claim : d.claims) text += fmt::format("  In use by JobId={}\n", claim.job);
  return text + lock_line(d);
}

}  // namespace

std::string to_text(const SdSnapshot& s) {
  std::string text;
  for (const auto& note : s.notes) text += note + ".\n";
  text += "Jobs waiting to reserve a drive:\n";
  for (const auto& w : s.waiting) text += waiting_text(w);
  text += "====\n\nDevice status:\n";
  std::string changer;
  for (const auto& d : s.devices) {
    if (!d.autochanger.empty() && d.autochanger != changer) text += changer_text(s, d.autochanger);
    changer = d.autochanger;
  }
  for (const auto& d : s.devices) text += device_text(d);
  return text + "====\n";
}

}  // namespace shstore::status
