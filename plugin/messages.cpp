#include "plugin/messages.h"

#include <fmt/chrono.h>
#include <syslog.h>

#include <algorithm>

#include "plugin/daemon_state.h"
#include "plugin/parts.h"
#include "reserve/refusal.h"
#include "scsi/base/printable.h"

namespace shstore::plugin {

using config::SharedDevice;

namespace {

std::string clock_text(reserve::Instant moment) {
  const auto ago = std::chrono::duration_cast<std::chrono::seconds>(reserve::Instant::clock::now() - moment);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}",
                     fmt::localtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - ago)));
}

}  // namespace

void tell_of_calibration(Plugin& p, const std::string& control) {
  for (const auto& drive : p.drives->state()) {
    if (drive.control_device != control) continue;
    for (const auto& claim : drive.claims) {
      p.jobs.tell_job(
          claim.job, MessageType::info,
          fmt::format(
              "shstore: device \"{}\" ({}) takes a cartridge in or calibrates it. A new LTO-9 cartridge is calibrated at "
              "its first load, which takes 20 minutes to 2 hours: do not interrupt it, and let Maximum Changer Wait be "
              "longer than that.",
              drive.name, drive.archive_device));
    }
  }
}

void tell(Plugin& p, const SharedDevice& device, const reserve::JobNotice& notice) {
  if (notice.kind == reserve::JobNotice::Kind::come) {
    p.jobs.wake(notice.owner);
    return;
  }
  const auto text = reserve::notice_text(notice, device.display(), clock_text(notice.from), clock_text(notice.until));
  p.log.line(text);
  p.jobs.tell(notice.owner, notice.fatal() ? MessageType::fatal : MessageType::warning, text);
}

void tell_opened(Plugin& p, const SharedDevice& device, const reserve::DriveView& view) {
  const auto [text, warn] = reserve::opened_text(view, device.display(), device.key_text());
  p.log.line(text);
  p.daemon.message(nullptr, warn ? MessageType::warning : MessageType::info, "shstore: " + text);
  ::syslog(LOG_DAEMON | (warn ? LOG_WARNING : LOG_INFO), "shstore: %s", base::printable(text).c_str());
}

void report_problems(const Plugin& p) {
  if (!p.shared.unreadable.empty()) {
    p.daemon.message(nullptr, MessageType::error, "shstore: the configuration has an error: " + p.shared.unreadable);
  }
  for (const auto& d : p.shared.devices) {
    if (d.problem.empty()) continue;
    p.daemon.message(nullptr, MessageType::error,
                     "shstore: device " + d.display() + " cannot be locked, jobs will not get it: " + d.problem);
  }
  for (const auto& [control, identity] : p.identities) {
    if (const auto why = identity->refusal(); !why.empty()) {
      p.daemon.message(
          nullptr, MessageType::error,
          "shstore: device " + names_of(p.shared.devices, control) + ": " + why + ". Jobs will not get it.");
    }
  }
  for (const auto& limit : p.daemon.limits()) p.daemon.message(nullptr, MessageType::warning, "shstore: " + limit);
}

void tell_limits(Plugin& p, abi::Context& context) {
  auto limits = limits_of(p);
  if (const auto error = p.publisher->state_error(); !error.empty())
    limits.push_back("shstore-status does not know what happens from now on: " + error);
  if (p.limits_told.exchange(limits.size()) >= limits.size()) return;
  for (const auto& limit : limits) p.daemon.message(&context, MessageType::info, "shstore: " + limit + '.');
}

std::optional<std::string> gives_in(const Plugin& p, const Job& job, const SharedDevice& device) {
  const auto standing = p.mutual->gives_in(job.owner);
  if (!standing) return std::nullopt;
  auto ring = standing->wait.ring;
  for (auto& link : ring) {
    link.has = '"' + name_of(p, link.has) + '"';
    link.waits_for = '"' + name_of(p, link.waits_for) + '"';
  }
  const auto& having = standing->wait.having;
  const auto half = having.empty() || having.front() == job.id ? 0 : having.front();
  const auto still =
      std::chrono::duration_cast<reserve::Duration>(reserve::Instant::clock::now() - standing->still_since.at);
  return reserve::gives_in_text(job.id, device.display(), ring, half, still);
}

}  // namespace shstore::plugin
