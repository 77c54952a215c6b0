#include "scsi/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>

namespace shstore::scsi {
namespace {

using Case = Diagnosis::Case;

std::string initiator_of_holder(const std::optional<FullStatus>& status) {
  if (!status) return {};
  for (const auto& r : status->registrants) {
    if (r.reservation_holder) return r.initiator.text();
  }
  return {};
}

bool held_by_local_port(const std::optional<FullStatus>& status, const LocalPorts& ports) {
  if (!status) return false;
  for (const auto& r : status->registrants) {
    if (r.reservation_holder) return ports.contains(r.initiator);
  }
  return false;
}

}  // namespace

std::string word(Case kind) {
  switch (kind) {
    case Case::free: return "free";
    case Case::ours: return "ours";
    case Case::ours_by_other_port: return "ours-by-other-port";
    case Case::duplicate_key: return "duplicate-key";
    case Case::other_sd: return "other-sd";
    case Case::other_product: return "other-product";
    case Case::spc2_reserve: return "spc2-reserve";
    case Case::unsupported: return "unsupported";
    case Case::unknown: return "unknown";
  }
  return "unknown";
}

Diagnosis diagnose(const std::string& device, const LockState& state, const std::optional<FullStatus>& status,
                   ReservationKey own, const LocalPorts& ports) {
  if (!state.reservation) {
    return {Case::free, fmt::format("{} is free: nobody holds it ({} registered). Nothing needs to be done.", device,
                                    state.keys.empty() ? std::string("no key is")
                                                       : fmt::format("{} key(s) are", state.keys.size()))};
  }
  const auto& r = *state.reservation;
  const auto initiator = initiator_of_holder(status);
  const auto where =
      initiator.empty() || is_all_registrants(r.type) ? std::string{} : fmt::format(" (initiator {})", initiator);
  const bool sd_like = is_of_a_daemon(r);
  if (own.value != 0 && r.key == own && sd_like) {
    if (state.registrations_of(own) > 1 && status) {
      if (held_by_local_port(status, ports)) {
        return {
            Case::ours_by_other_port,
            fmt::format("{} is locked by this host's key {} through its other port{}: use the control device of that "
                        "port, or unlock there first. If that port is no more, run \"storage-ctl {} reclaim\".",
                        device, to_text(own), where, device)};
      }
      return {
          Case::duplicate_key,
          fmt::format("{} is locked under this host's key {} and the key is registered more than once{}: another host "
                      "may use the same key. Give each host a key of its own in storage-ctl.conf.",
                      device, to_text(own), where)};
    }
    return {Case::ours,
            fmt::format("{} is locked by this host's key {}{}: a job of this host uses it. If none does, run "
                        "\"storage-ctl {} reclaim\".",
                        device, to_text(own), where, device)};
  }
  if (sd_like) {
    return {
        Case::other_sd,
        fmt::format("{} is locked by {}{}, another Storage Daemon: wait for its job to end. If that host is dead, run "
                    "\"storage-ctl {} preempt {}\".",
                    device, to_text(r.key), where, device, to_text(r.key))};
  }
  return {Case::other_product,
          fmt::format("{} is reserved by {} with type {}{}, which is not how a Storage Daemon locks a drive: another "
                      "product uses this drive. Find out which one before you touch its reservation.",
                      device, holders_text(state), describe(r.type), where)};
}

std::string compare_lists(const LockState& state, const FullStatus& status) {
  if (state.generation != status.generation) return {};
  auto keys = state.keys;
  std::vector<ReservationKey> extra;
  for (const auto& r : status.registrants) {
    const auto found = std::find(keys.begin(), keys.end(), r.key);
    if (found == keys.end())
      extra.push_back(r.key);
    else
      keys.erase(found);
  }
  const auto list = [](const std::vector<ReservationKey>& all) {
    std::string text;
    for (const auto key : all) text += (text.empty() ? "" : ", ") + to_text(key);
    return text;
  };
  if (keys.empty() && extra.empty()) return {};
  return fmt::format("the drive's two lists of keys differ: {}{}{}",
                     keys.empty() ? "" : fmt::format("READ FULL STATUS leaves out {}", list(keys)),
                     !keys.empty() && !extra.empty() ? ", " : "",
                     extra.empty() ? "" : fmt::format("READ KEYS leaves out {}", list(extra)));
}

Diagnosis diagnose(const std::string& device, const Error& error) {
  switch (error.kind) {
    case Error::Kind::spc2_reserve:
      return {
          Case::spc2_reserve,
          fmt::format("{} is reserved by the old SPC-2 RESERVE command of another host, whose key cannot be seen: end "
                      "the program or tape driver that sent it, or reset the drive.",
                      device)};
    case Error::Kind::unsupported:
      return {Case::unsupported,
              fmt::format("{} knows no persistent reservations, so it cannot be shared: {}.", device, error.message)};
    default: return {Case::unknown, fmt::format("{} could not be asked: {}.", device, error.message)};
  }
}

}  // namespace shstore::scsi
