#include "scsi/own_lock.h"

#include <fmt/format.h>

#include <algorithm>

namespace shstore::scsi {
namespace {

constexpr ReservationKey kNoKey{0};

tl::unexpected<Error> changed(const LogicalUnit& unit) {
  return fail(Error::Kind::refused,
              fmt::format("{}: somebody registered or broke a lock at this moment: nothing was changed. Try again",
                          unit.path()));
}

Result<bool> preempt_own(LogicalUnit& unit, ReservationKey own, bool held) {
  const auto outcome = unit.pr_out(PrOut::preempt, {.key = own, .service_action_key = own});
  if (!outcome) return tl::make_unexpected(outcome.error());
  const auto after = unit.read_full_status();
  if (!after) return tl::make_unexpected(after.error());
  size_t registered = 0, holds = 0;
  for (const auto& r : after->registrants) {
    if (!(r.key == own)) continue;
    ++registered;
    holds += r.reservation_holder ? 1 : 0;
  }
  // Where our key holds nothing, the registration of this nexus may go with the others' (SPC-4 5.13.11.2.5).
  const bool right = held ? registered == 1 && holds == 1 : registered <= 1 && holds == 0;
  if (*outcome == PrOutcome::done && right) return held;
  return fail(
      Error::Kind::refused,
      fmt::format("{}: PREEMPT of {} ended with {}, but the drive shows it registered {} times, {}", unit.path(),
                  to_text(own), *outcome == PrOutcome::done ? "good status" : "a reservation conflict", registered,
                  holds == 0 ? "holding no lock" : "holding the lock"));
}

Result<bool> preempt_if_unchanged(LogicalUnit& unit, DriveLock& lock, const OwnKey& seen, bool was_here) {
  const auto own = lock.own_key();
  const auto now = lock.read();
  if (!now) return tl::make_unexpected(now.error());
  // REGISTER counts (SPC-4 5.13.7); a drive may see nothing to count in one that changes nothing.
  const auto counted = now->generation - seen.generation;
  const bool alone = counted == 1 || (was_here && counted == 0);
  if (!alone || now->registrations_of(own) != seen.ports.size() + (was_here ? 0 : 1)) return changed(unit);
  const bool held = now->held_by(own);
  if (held && now->reservation->type != PrType::exclusive_access) {
    return fail(Error::Kind::refused,
                fmt::format("{}: {} holds the drive with a reservation of type {}: another program uses our key",
                            unit.path(), to_text(own), describe(now->reservation->type)));
  }
  return preempt_own(unit, own, held);
}

}  // namespace

Whose whose(const TransportId& initiator, const LocalPorts& ports, const std::vector<std::string>& remembered) {
  if (!initiator.unreadable.empty()) return Whose::untold;
  if (std::find(remembered.begin(), remembered.end(), initiator.text()) != remembered.end()) return Whose::ours;
  if (!ports.contains(initiator)) return Whose::anothers;
  return initiator.protocol == static_cast<uint8_t>(Protocol::iscsi) ? Whose::perhaps : Whose::ours;
}

Result<bool> registered_here(LogicalUnit& unit, ReservationKey own) {
  return unit.pr_out(PrOut::register_key, {.key = own, .service_action_key = own}).map([](PrOutcome o) {
    return o == PrOutcome::done;
  });
}

bool OwnKey::any(Whose w) const {
  return std::any_of(ports.begin(), ports.end(), [w](const auto& p) { return p.whose == w; });
}

std::string OwnKey::text() const {
  std::string text;
  for (const auto& p : ports) {
    text += (text.empty() ? "" : "; ") + p.initiator + (p.holds ? ", which holds the lock" : ", which is registered");
    if (p.whose == Whose::perhaps) text += ": perhaps our own, ended session";
    if (p.whose == Whose::anothers) text += ": another host's";
  }
  return text;
}

OwnKey own_key(const FullStatus& status, ReservationKey own, const LocalPorts& ports,
               const std::vector<std::string>& remembered) {
  OwnKey found;
  found.generation = status.generation;
  for (const auto& r : status.registrants) {
    if (r.key == own)
      found.ports.push_back({r.initiator.text(), r.reservation_holder, whose(r.initiator, ports, remembered)});
  }
  return found;
}

std::string another_key_by_name(const FullStatus& status, ReservationKey own, const std::string& name,
                                const std::string& path) {
  for (const auto& r : status.registrants) {
    if (r.key == own || r.initiator.iscsi_name != name || name.empty()) continue;
    return fmt::format(
        "{} is registered by this host's own iSCSI name ({}), and is not its key: a drive does not keep two machines with one "
        "name apart, whatever they lock. Give a machine that was cloned a name of its own (/etc/iscsi/initiatorname.iscsi). "
        "If it is an earlier key of this host, \"storage-ctl {} preempt {}\" removes it",
        to_text(r.key), r.initiator.text(), path, to_text(r.key).substr(2));
  }
  return {};
}

Result<bool> gather_own_key(LogicalUnit& unit, DriveLock& lock, const OwnKey& seen) {
  const LogicalUnit::ToTheEnd not_half(unit);
  const auto own = lock.own_key();
  const auto here = registered_here(unit, own);
  if (!here) return tl::make_unexpected(here.error());
  if (!*here) {
    const auto fresh = unit.pr_out(PrOut::register_key, {.key = kNoKey, .service_action_key = own});
    if (!fresh) return tl::make_unexpected(fresh.error());
    if (*fresh == PrOutcome::conflict) {
      return fail(
          Error::Kind::refused,
          fmt::format("{}: this host is registered on the drive with a key that is not {}", unit.path(), to_text(own)));
    }
  }
  auto gathered = preempt_if_unchanged(unit, lock, seen, *here);
  if (!gathered && !*here)
    static_cast<void>(unit.pr_out(PrOut::register_key, {.key = own, .service_action_key = kNoKey}));
  return gathered;
}

}  // namespace shstore::scsi
