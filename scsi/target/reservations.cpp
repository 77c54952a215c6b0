#include "scsi/target/reservations.h"

#include <algorithm>

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

// One PERSISTENT RESERVE OUT, from the state before it to the state after it.
class Change {
 public:
  Change(const ReservationState& before, NexusId nexus, const PrOutCommand& command, const PrOutParameters& parameters)
      : before_(before), nexus_(nexus), command_(command), p_(parameters) {
    result_.state = before;
  }

  PrOutResult run() {
    switch (command_.service_action) {
      case PrOut::register_key: return register_key();
      case PrOut::register_and_ignore_existing_key: return set_key();
      case PrOut::reserve: return is_registered_with_given_key() ? reserve() : conflict();
      case PrOut::release: return is_registered_with_given_key() ? release() : conflict();
      case PrOut::clear: return is_registered_with_given_key() ? clear() : conflict();
      case PrOut::preempt:
      case PrOut::preempt_and_abort: return is_registered_with_given_key() ? preempt() : conflict();
      case PrOut::register_and_move: break;
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
  PrOutResult conflict() const { return {Status::reservation_conflict, 0, before_, {}}; }
  PrOutResult illegal(uint16_t asc_ascq) const { return {Status::check_condition, asc_ascq, before_, {}}; }

  // --- REGISTER, REGISTER AND IGNORE EXISTING KEY (SPC-4 5.13.7, 5.13.11.2.3) ----------------------------------

  PrOutResult register_key() {
    const auto* own = before_.registrant(nexus_);
    if (p_.key != (own ? own->key : kNone)) return conflict();
    return set_key();
  }

  PrOutResult set_key() {
    const bool registered = before_.registrant(nexus_) != nullptr;
    if (p_.service_action_key == kNone) {
      if (!registered) return done();  // "do nothing except return GOOD status": not counted either
      unregister();
    } else if (registered) {
      own_registration()->key = p_.service_action_key;
    } else {
      result_.state.registrants.push_back({nexus_, p_.service_action_key});
    }
    return done_counted();
  }

  void unregister() {
    const bool held = before_.is_holder(nexus_);
    remove_registrations([&](const Registrant& r) { return r.nexus == nexus_; });
    if (!held) return;
    const auto type = before_.reservation->type;
    if (is_all_registrants(type) && !result_.state.registrants.empty()) return;  // the others hold it still
    result_.state.reservation.reset();
    if (is_registrants_only(type)) tell_registrants(asc::reservations_released);
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

  Registrant* own_registration() {
    auto& all = result_.state.registrants;
    return &*std::find_if(all.begin(), all.end(), [&](const Registrant& r) { return r.nexus == nexus_; });
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
  PrOutResult result_;
};

bool is_registering(PrOut service_action) {
  return service_action == PrOut::register_key || service_action == PrOut::register_and_ignore_existing_key;
}

// The ASC/ASCQ of what is wrong with the parameter list, 0 if it can be used (SPC-4 6.16.3). The bits count only for
// the registering service actions; the others ignore them.
uint16_t check_parameters(const PrOutCommand& command, ByteView data) {
  if (command.parameter_list_length < kPrOutParameters || data.size() < kPrOutParameters) {
    return asc::parameter_list_length_error;
  }
  const auto p = decode_pr_out_parameters(data);
  const bool unsupported = p.specify_initiator_ports || p.all_target_ports || p.activate_persist_through_power_loss;
  if (is_registering(command.service_action) && unsupported) return asc::invalid_field_in_parameter_list;
  return command.parameter_list_length == kPrOutParameters ? 0 : asc::parameter_list_length_error;
}

// A REGISTER with a whole parameter list whose key is not the nexus's own.
bool registers_with_wrong_key(const ReservationState& state, NexusId nexus, const PrOutCommand& command,
                              ByteView data) {
  const bool whole = command.parameter_list_length == kPrOutParameters && data.size() >= kPrOutParameters;
  if (command.service_action != PrOut::register_key || !whole) return false;
  const auto* own = state.registrant(nexus);
  return decode_pr_out_parameters(data).key != (own ? own->key : kNone);
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
                                   ByteView data) {
  if (command.service_action >= PrOut::register_and_move) {
    return {Status::check_condition, asc::invalid_field_in_cdb, state, {}};
  }
  // RESERVATION CONFLICT goes before any other error (SAM-5 5.3.3), and these two need no parameter list to be seen.
  const bool stranger = !is_registering(command.service_action) && state.registrant(nexus) == nullptr;
  const bool reserved = command.service_action == PrOut::reserve && state.reservation && !state.is_holder(nexus);
  if (stranger || reserved || registers_with_wrong_key(state, nexus, command, data))
    return {Status::reservation_conflict, 0, state, {}};
  if (const auto wrong = check_parameters(command, data)) return {Status::check_condition, wrong, state, {}};
  return Change(state, nexus, command, decode_pr_out_parameters(data)).run();
}

Capabilities capabilities() {
  Capabilities c;
  c.types = kAllTypes;
  return c;
}

}  // namespace shstore::scsi::target
