#include "status/lock_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "reserve/refusal.h"
#include "status/look/condition.h"
#include "status/look/drive_use.h"
#include "status/printable.h"

namespace shstore::status {
namespace {

std::string shown(const std::string& key, const SdSnapshot& sd, bool names) {
  return names ? named(key, sd.names) : key;
}

}  // namespace

std::string blocked_line(const SdSnapshot& sd, const DeviceSnapshot& d, bool names) {
  if (d.live.blocked_by.empty()) return {};
  return printable("Device is BLOCKED by another SD=" + shown(d.live.blocked_by, sd, names));
}

std::vector<std::string> remark_lines(const SdSnapshot& sd, const DeviceSnapshot& d) {
  std::vector<std::string> lines;
  for (const auto& remark : remarks_on(sd, d)) lines.push_back(remark + '.');
  for (const auto& remark : use_remarks(sd, d)) lines.push_back(remark + '.');
  const bool told = d.error.empty() || std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
                      return line.find(d.error) != std::string::npos;
                    });
  if (d.shared && !told) lines.push_back("Last error: " + d.error + '.');
  for (auto& line : lines) line = printable(line);
  return lines;
}

std::string lock_line(const SdSnapshot& sd, const DeviceSnapshot& d, bool names) {
  if (!d.shared) return "shstore=0 (no Lock Command: this device is not shared)";
  const int shstore = d.protected_ ? 1 : 0;
  if (!d.live.error.empty()) return fmt::format("shstore={} registered=? locked=? blockedbySD=?", shstore);
  return fmt::format("shstore={} registered={:d} locked={:d} blockedbySD={}", shstore, d.live.registered, d.live.locked,
                     d.live.blocked_by.empty() ? "no" : printable(shown(d.live.blocked_by, sd, names)));
}

std::string waiting_line(const SdSnapshot& sd, const WaitingJob& w, bool names) {
  auto refusal = w.waiting.refusal;
  refusal.holder = shown(refusal.holder, sd, names);
  return printable(reserve::refusal_text(w.waiting.job, w.device, refusal));
}

}  // namespace shstore::status
