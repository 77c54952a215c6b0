#include "plugin/lock_holder.h"

#include <algorithm>

#include "scsi/transport.h"

namespace shstore::plugin {
namespace {

using Kind = LockHolder::Kind;

bool same_key(const std::string& told, scsi::ReservationKey key) {
  const auto parsed = scsi::parse_any_key(told);
  return parsed && *parsed == key;
}

}  // namespace

LockHolder judge_holder(const scsi::LockState& state, const std::optional<scsi::FullStatus>& status,
                        const scsi::LocalPorts& nexus, const std::string& told) {
  if (!state.reservation) return {Kind::nobodys, {}};
  const auto holder = scsi::to_text(state.reservation->key);
  if (status && !nexus.empty()) {
    const auto held = std::find_if(status->registrants.begin(), status->registrants.end(),
                                   [](const auto& r) { return r.reservation_holder; });
    const bool tells = held != status->registrants.end() && held->initiator.unreadable.empty();
    if (tells) return {nexus.contains(held->initiator) ? Kind::ours : Kind::anothers, holder};
  }
  if (told.empty()) return {Kind::untold, holder};
  return {same_key(told, state.reservation->key) ? Kind::ours : Kind::anothers, holder};
}

scsi::Result<LockHolder> look_at_holder(const std::string& path, const std::string& device, const std::string& told) {
  const auto transport = scsi::open_transport(path);
  if (!transport) return LockHolder{};
  scsi::LogicalUnit unit(**transport);
  scsi::DriveLock lock(unit, {});
  const auto state = lock.read();
  if (!state) {
    if (state.error().kind == scsi::Error::Kind::unsupported) return LockHolder{};
    return tl::make_unexpected(state.error());
  }
  std::optional<scsi::FullStatus> status;
  if (auto full = unit.read_full_status()) status = std::move(*full);
  return judge_holder(*state, status, scsi::ports_of(device), told);
}

}  // namespace shstore::plugin
