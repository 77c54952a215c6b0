#include "scsi/target/reservations.h"

#include <algorithm>

#include "scsi/target/pr_out_list.h"

namespace shstore::scsi::target {
namespace {

constexpr ReservationKey kNone{0};
constexpr uint8_t kLogicalUnitScope = 0;
constexpr uint16_t kAllTypes = 0xea01;  // the type mask of REPORT CAPABILITIES with every type of SPC-4 set

bool is_type(uint8_t type) {
  switch (static_cast<PrType>(type)) {
    case PrType::write_exclusive:
    case PrType::exclusive_access:
    case PrType::write_exclusive_registrants_only:
    case PrType::exclusive_access_registrants_only:
    case PrType::write_exclusive_all_registrants:
    case PrType::exclusive_access_all_registrants: return true;
  }
  return false;
}

// Only the one holder of a reservation can hand it on (SPC-4 5.13.8).
bool may_move(const ReservationState& state, NexusId nexus) {
  return state.reservation && !is_all_registrants(state.reservation->type) && state.is_holder(nexus);
}

// One PERSISTENT RESERVE OUT, from the state before it to the state after it.
class Change {
 public:
  Change(const ReservationState& before, NexusId nexus, const PrOutCommand& command, const PrOutList& list,
         const ReservationUnit& unit)
      : before_(before), nexus_(nexus), command_(command), p_(list.parameters), list_(list), unit_(unit) {
    result_.state = before;
  }

  PrOutResult run() {
    switch (command_.service_action) {
      case PrOut::register_key: return p_.specify_initiator_ports ? register_ports() : register_key();
      case PrOut::register_and_ignore_existing_key: return set_key();
      case PrOut::reserve: return is_registered_with_given_key() ? reserve() : conflict();
      case PrOut::release: return is_registered_with_given_key() ? release() : conflict();
      case PrOut::clear: return is_registered_with_given_key() ? clear() : conflict();
      case PrOut::preempt:
      case PrOut::preempt_and_abort: return is_registered_with_given_key() ? preempt() : conflict();
      case PrOut::register_and_move: return is_registered_with_given_key() ? move() : conflict();
    }
    return illegal(asc::invalid_field_in_cdb);
  }

 private:
  // --- endings -----------------------------------------------------------------------------------------------

  PrOutResult done() { return std::move(result_); }
  PrOutResult done_counted() {
    ++result_.state.generation;
    return done();
  }
  PrOutResult done_registering() {
    result_.state.persists = p_.activate_persist_through_power_loss;  // the last one counts (5.13.5)
    return done_counted();
  }
  PrOutResult conflict() const { return {Status::reservation_conflict, 0, before_, {}}; }
  PrOutResult illegal(uint16_t asc_ascq) const { return {Status::check_condition, asc_ascq, before_, {}}; }

  // --- REGISTER, REGISTER AND IGNORE EXISTING KEY (SPC-4 5.13.7, 5.13.11.2.3) ----------------------------------

  // ALL_TG_PT: "as if the same registration request had been received individually through each target port" (6.16.3)
  PrOutResult register_key() {
    for (const auto nexus : registered_for(nexus_)) {
      if (p_.key != key_of(nexus)) return conflict();
    }
    return set_key();
  }

  PrOutResult set_key() {
    const auto nexuses = registered_for(nexus_);
    if (p_.service_action_key == kNone) {
      const bool registered =
          std::any_of(nexuses.begin(), nexuses.end(), [&](auto n) { return before_.registrant(n) != nullptr; });
      if (!registered) return done();  // "do nothing except return GOOD status": not counted either
      unregister(nexuses);
    } else {
      for (const auto nexus : nexuses) give_key(nexus);
    }
    return done_registering();
  }

  void unregister(const std::vector<NexusId>& nexuses) {
    const bool held = std::any_of(nexuses.begin(), nexuses.end(), [&](auto n) { return before_.is_holder(n); });
    std::erase_if(result_.state.registrants, [&](const Registrant& r) {
      return std::find(nexuses.begin(), nexuses.end(), r.nexus) != nexuses.end();
    });
    if (!held) return;
    const auto type = before_.reservation->type;
    if (is_all_registrants(type) && !result_.state.registrants.empty()) return;  // the others hold it still
    result_.state.reservation.reset();
    if (is_registrants_only(type)) tell_registrants(asc::reservations_released);
  }

  // SPEC_I_PT (6.16.3, and the table of REGISTER's behaviours in 5.13.7)
  PrOutResult register_ports() {
    if (p_.key != key_of(nexus_)) return conflict();
    if (before_.registrant(nexus_) != nullptr || p_.service_action_key == kNone)
      return illegal(asc::invalid_field_in_cdb);
    auto nexuses = registered_for(nexus_);
    for (const auto& port : list_.ports) {
      const auto through = find_nexus(port, p_.all_target_ports ? std::nullopt : own_target_port());
      if (!through) return illegal(asc::invalid_field_in_parameter_list);
      const auto more = registered_for(*through);
      nexuses.insert(nexuses.end(), more.begin(), more.end());
    }
    for (const auto nexus : nexuses) {
      if (before_.registrant(nexus) == nullptr) give_key(nexus);
    }
    return done_registering();
  }

  // --- REGISTER AND MOVE (SPC-4 5.13.8, 6.16.4) ----------------------------------------------------------------

  PrOutResult move() {
    if (!may_move(before_, nexus_)) return conflict();
    const auto to = find_nexus(list_.ports.front(), list_.relative_target_port);
    if (p_.service_action_key == kNone || !to || *to == nexus_) return illegal(asc::invalid_field_in_parameter_list);
    give_key(*to);  // also where it has another: that is no error
    result_.state.reservation->holder = *to;
    if (list_.unregister)
      std::erase_if(result_.state.registrants, [&](const Registrant& r) { return r.nexus == nexus_; });
    return done_registering();
  }

  // --- RESERVE, RELEASE, CLEAR (SPC-4 5.13.9, 5.13.11.2.2, 5.13.11.2.7) ----------------------------------------

  PrOutResult reserve() {
    if (!is_scope_and_type_valid()) return illegal(asc::invalid_field_in_cdb);
    const auto type = static_cast<PrType>(command_.type);
    if (!before_.reservation) {
      result_.state.reservation = HeldReservation{nexus_, type};
      return done();
    }
    return before_.is_holder(nexus_) && before_.reservation->type == type ? done() : conflict();
  }

  PrOutResult release() {
    if (!before_.is_holder(nexus_)) return done();
    const auto type = before_.reservation->type;
    if (command_.scope != kLogicalUnitScope || command_.type != static_cast<uint8_t>(type)) {
      return illegal(asc::invalid_release_of_persistent_reservation);
    }
    result_.state.reservation.reset();
    if (is_registrants_only(type) || is_all_registrants(type)) tell_registrants(asc::reservations_released);
    return done();
  }

  PrOutResult clear() {
    tell_registrants(asc::reservations_preempted);
    result_.state.registrants.clear();
    result_.state.reservation.reset();
    return done_counted();
  }

  // --- PREEMPT, PREEMPT AND ABORT (SPC-4 5.13.11.2.4 to .6) ----------------------------------------------------
  // There is nothing to abort: every command has ended before the next one is looked at.

  PrOutResult preempt() {
    const auto victim = p_.service_action_key;
    const bool all_registrants = before_.reservation && is_all_registrants(before_.reservation->type);
    if (victim == kNone && !all_registrants) return illegal(asc::invalid_field_in_parameter_list);
    const auto* holder =
        before_.reservation && !all_registrants ? before_.registrant(before_.reservation->holder) : nullptr;
    const bool takes_reservation = all_registrants ? victim == kNone : holder != nullptr && holder->key == victim;
    if (takes_reservation) return preempt_reservation(all_registrants);
    return preempt_registrations();
  }

  PrOutResult preempt_reservation(bool all_others) {
    if (!is_scope_and_type_valid()) return illegal(asc::invalid_field_in_cdb);
    const auto type = static_cast<PrType>(command_.type);
    remove_registrations(
        [&](const Registrant& r) { return r.nexus != nexus_ && (all_others || r.key == p_.service_action_key); });
    // "If the type or scope has changed": those who stay registered lose what the old type gave them.
    if (before_.reservation->type != type) tell_registrants(asc::reservations_released);
    result_.state.reservation = HeldReservation{nexus_, type};
    return done_counted();
  }

  PrOutResult preempt_registrations() {
    const auto removed = remove_registrations([&](const Registrant& r) { return r.key == p_.service_action_key; });
    if (removed == 0) return conflict();
    // Only an all-registrants reservation can lose its holders here, by a nexus that preempts its own key.
    if (result_.state.registrants.empty()) result_.state.reservation.reset();
    return done_counted();
  }

  // --- parts ---------------------------------------------------------------------------------------------------

  bool is_registered_with_given_key() const {
    const auto* own = before_.registrant(nexus_);
    return own != nullptr && own->key == p_.key;
  }

  bool is_scope_and_type_valid() const { return command_.scope == kLogicalUnitScope && is_type(command_.type); }

  ReservationKey key_of(NexusId nexus) const {
    const auto* registrant = before_.registrant(nexus);
    return registrant ? registrant->key : kNone;
  }

  void give_key(NexusId nexus) {
    auto& all = result_.state.registrants;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Registrant& r) { return r.nexus == nexus; });
    auto& registrant = found == all.end() ? all.emplace_back() : *found;
    registrant = {nexus, p_.service_action_key, p_.all_target_ports};
  }

  std::optional<uint16_t> own_target_port() const { return unit_.nexuses[nexus_].relative_target_port; }

  // Without a target port: the first one of that initiator port.
  std::optional<NexusId> find_nexus(const TransportId& initiator, std::optional<uint16_t> relative_target_port) const {
    for (NexusId n = 0; n < unit_.nexuses.size(); ++n) {
      const auto& nexus = unit_.nexuses[n];
      const bool right_port = !relative_target_port || nexus.relative_target_port == *relative_target_port;
      if (nexus.initiator == initiator && right_port) return n;
    }
    return std::nullopt;
  }

  // Which nexuses a registration of that one is for: with ALL_TG_PT all of its initiator port.
  std::vector<NexusId> registered_for(NexusId nexus) const {
    std::vector<NexusId> all{nexus};
    for (NexusId n = 0; p_.all_target_ports && n < unit_.nexuses.size(); ++n) {
      if (n != nexus && unit_.nexuses[n].initiator == unit_.nexuses[nexus].initiator) all.push_back(n);
    }
    return all;
  }

  // Every other nexus that loses its registration is told.
  template <class Condition>
  size_t remove_registrations(Condition condition) {
    return std::erase_if(result_.state.registrants, [&](const Registrant& r) {
      if (!condition(r)) return false;
      if (r.nexus != nexus_) result_.attentions.push_back({r.nexus, asc::registrations_preempted});
      return true;
    });
  }

  void tell_registrants(uint16_t asc_ascq) {
    for (const auto& r : result_.state.registrants) {
      if (r.nexus != nexus_) result_.attentions.push_back({r.nexus, asc_ascq});
    }
  }

  const ReservationState& before_;
  NexusId nexus_;
  const PrOutCommand& command_;
  const PrOutParameters& p_;
  const PrOutList& list_;
  const ReservationUnit& unit_;
  PrOutResult result_;
};

// A REGISTER with a whole parameter list whose key is not the nexus's own.
bool registers_with_wrong_key(const ReservationState& state, NexusId nexus, const PrOutCommand& command,
                              ByteView data) {
  if (command.service_action != PrOut::register_key || data.size() < kPrOutParameters) return false;
  const auto p = decode_pr_out_parameters(data);
  if (command.parameter_list_length != kPrOutParameters && !p.specify_initiator_ports) return false;
  const auto* own = state.registrant(nexus);
  return p.key != (own ? own->key : kNone);
}

}  // namespace

const Registrant* ReservationState::registrant(NexusId nexus) const {
  const auto found =
      std::find_if(registrants.begin(), registrants.end(), [&](const Registrant& r) { return r.nexus == nexus; });
  return found == registrants.end() ? nullptr : &*found;
}

bool ReservationState::is_holder(NexusId nexus) const {
  if (!reservation) return false;
  return is_all_registrants(reservation->type) ? registrant(nexus) != nullptr : reservation->holder == nexus;
}

std::optional<Reservation> ReservationState::shown_reservation() const {
  if (!reservation) return std::nullopt;
  const auto* holder = is_all_registrants(reservation->type) ? nullptr : registrant(reservation->holder);
  return Reservation{holder ? holder->key : kNone, kLogicalUnitScope, reservation->type};
}

PrOutResult persistent_reserve_out(const ReservationState& state, NexusId nexus, const PrOutCommand& command,
                                   ByteView data, const ReservationUnit& unit) {
  const auto action = command.service_action;
  const bool known =
      action < PrOut::register_and_move || (action == PrOut::register_and_move && unit.options.register_and_move);
  if (!known) return {Status::check_condition, asc::invalid_field_in_cdb, state, {}};
  // RESERVATION CONFLICT goes before any other error (SAM-5 5.3.3), and these need no parameter list to be seen.
  const bool stranger = !is_registering(action) && state.registrant(nexus) == nullptr;
  const bool reserved = action == PrOut::reserve && state.reservation && !state.is_holder(nexus);
  const bool moves_nothing = action == PrOut::register_and_move && !may_move(state, nexus);
  if (stranger || reserved || moves_nothing || registers_with_wrong_key(state, nexus, command, data))
    return {Status::reservation_conflict, 0, state, {}};
  const auto list = read_pr_out_list(command, data, unit.options);
  if (list.asc_ascq != 0) return {Status::check_condition, list.asc_ascq, state, {}};
  return Change(state, nexus, command, list, unit).run();
}

Capabilities capabilities(const ReservationOptions& options, const ReservationState& state) {
  Capabilities c;
  c.types = kAllTypes;
  c.specify_initiator_ports_capable = options.specify_initiator_ports;
  c.all_target_ports_capable = options.all_target_ports;
  c.persist_through_power_loss_capable = options.persist_through_power_loss;
  c.persist_through_power_loss_active = state.persists;
  return c;
}

}  // namespace shstore::scsi::target
