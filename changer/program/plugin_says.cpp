#include "changer/program/plugin_says.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/shared/proof_channel.h"
#include "reserve/record/state_file.h"

namespace shstore::changer::program {
namespace {

constexpr std::chrono::seconds kAnswerDeadline{20};  // the plugin's patience with a drive is half of it

}  // namespace

bool job_holds_lock(const config::SharedDevices& shared, const config::SharedDevice& device) {
  const auto state = record::read_state(record::state_path(shared.working_directory, shared.sd_name));
  if (!state || !record::is_alive(*state)) return false;
  return std::any_of(state->drives.begin(), state->drives.end(), [&](const record::DriveState& d) {
    return d.control_device == device.control_device && (!d.claims.empty() || d.promised_to || d.kept_for_open_device);
  });
}

DaemonUse daemon_use(const config::SharedDevices& shared, const config::SharedDevice& device) {
  DaemonUse use;
  const auto state = record::read_state(record::state_path(shared.working_directory, shared.sd_name));
  if (!state || !record::is_alive(*state)) return use;
  use.daemon = static_cast<pid_t>(state->pid);
  for (const auto& drive : state->drives) {
    if (drive.control_device != device.control_device) continue;
    for (const auto& claim : drive.claims) use.jobs.push_back({claim.job, claim.name});
  }
  return use;
}

std::optional<CleaningWish> drive_wish(const config::SharedDevices& shared, const config::SharedDevice& device) {
  const auto state = record::read_state(record::state_path(shared.working_directory, shared.sd_name));
  if (!state || !record::is_alive(*state)) return std::nullopt;
  for (const auto& drive : state->drives) {
    if (drive.control_device != device.control_device || !drive.health) continue;
    return drive.health->cleaning == "required"    ? CleaningWish::required
           : drive.health->cleaning == "requested" ? CleaningWish::requested
                                                   : CleaningWish::none;
  }
  return std::nullopt;
}

Outcome<void> prove_lock(const config::SharedDevices& shared, const config::SharedDevice& device) {
  using Kind = config::ProofAnswer::Kind;
  const auto state = record::read_state(record::state_path(shared.working_directory, shared.sd_name));
  if (!state ? state.error().missing : record::writer_of(*state) == record::Writer::gone || !state->running) return {};
  const auto answer = config::ask_for_proof(config::proof_path(shared.working_directory, shared.sd_name),
                                            device.control_device, kAnswerDeadline);
  if (!answer) {
    if (state && !job_holds_lock(shared, device)) return {};
    return fail(
        ExitStatus::refused,
        fmt::format(
            "nothing is moved: jobs use {}, and the plugin of {} does not say whether they still have its lock: {}. "
            "If this goes on, restart bacula-sd",
            device.display(), shared.sd_name, answer.error()));
  }
  if (answer->kind != Kind::failed) return {};
  return fail(ExitStatus::refused, fmt::format("nothing is moved: {}: {}. The jobs that used it have been failed",
                                               device.display(), answer->why));
}

}  // namespace shstore::changer::program
