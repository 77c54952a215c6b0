#include "plugin/lock_elsewhere.h"

#include <fmt/format.h>

#include <algorithm>

namespace shstore::plugin {

using scsi::Error;
using scsi::Whose;

scsi::Result<bool> bring_lock_here(scsi::LogicalUnit& unit, scsi::DriveLock& lock, const scsi::LocalPorts& ports,
                                   const std::vector<std::string>& lost, bool took, const DriveIdentity& identity) {
  const auto status = unit.read_full_status();
  if (!status) {
    if (status.error().kind == Error::Kind::unsupported) return false;
    return tl::make_unexpected(status.error());
  }
  auto seen = scsi::own_key(*status, lock.own_key(), ports, lost);
  const auto holder = std::find_if(seen.ports.begin(), seen.ports.end(), [](const auto& p) { return p.holds; });
  if (holder == seen.ports.end()) return false;
  const bool lost_by_us =
      std::find(lost.begin(), lost.end(), holder->initiator) != lost.end() || (took && holder->whose == Whose::ours);
  const auto refused = [&](const std::string& why) {
    return scsi::fail(
        Error::Kind::refused,
        fmt::format(
            "it is locked under this host's own key by {}{}{}. If no program of this host uses it, \"storage-ctl {} reclaim\" "
            "gives it back",
            holder->initiator, holder->whose == Whose::perhaps ? ", perhaps our own, ended session" : "", why,
            unit.path()));
  };
  if (!lost_by_us && (holder->whose == Whose::anothers || holder->whose == Whose::untold)) return false;
  if (!lost_by_us) return refused("");
  const auto here = scsi::registered_here(unit, lock.own_key());
  if (!here) return tl::make_unexpected(here.error());
  // Of those that are only perhaps ours, one may be this nexus.
  const auto doubtful =
      std::count_if(seen.ports.begin(), seen.ports.end(), [](const auto& p) { return p.whose != Whose::ours; });
  if (doubtful > (*here ? 1 : 0)) return refused(", and not by it alone (" + seen.text() + ')');
  const auto users = identity.world().users(identity.node());
  if (!users.who.empty()) return refused(", and " + users.who.front() + " has its tape open");
  if (*here) {
    const auto again = unit.read_full_status();
    if (!again) return tl::make_unexpected(again.error());
    seen.generation = again->generation;
  }
  return scsi::gather_own_key(unit, lock, seen);
}

std::string other_key_under_our_name(const scsi::FullStatus& status, scsi::ReservationKey own,
                                     const std::string& device, const std::string& path) {
  const auto name = scsi::iscsi_initiator(device);
  return name.empty() ? std::string{} : scsi::another_key_by_name(status, own, name, path);
}

}  // namespace shstore::plugin
