// The rules of SPC-4 5.13 and 6.16, one test per rule.
#include "reservation_unit.h"

namespace shstore::scsi::target {
namespace {

// --- REGISTER ----------------------------------------------------------------------------------------------------

TEST(Register, FromAnUnregisteredNexusNeedsKeyZero) {
  Unit u;
  EXPECT_EQ(u.enroll(A, kA, kA), Status::reservation_conflict);
  EXPECT_EQ(u.enroll(A, kNone, kA), Status::good);
  EXPECT_EQ(u.state.registrants, (std::vector<Registrant>{{A, kA}}));
  EXPECT_EQ(u.state.generation, 1u);
}

TEST(Register, OfKeyZeroFromAnUnregisteredNexusIsGoodAndDoesNothing) {
  Unit u;
  EXPECT_EQ(u.enroll(A, kNone, kNone), Status::good);
  EXPECT_EQ(u.ignore_and_enroll(A, kNone), Status::good);
  EXPECT_EQ(u.state, ReservationState{});
}

TEST(Register, WithAWrongKeyFromARegisteredNexusConflicts) {
  auto u = three_registrants();
  for (const auto wrong : {kNone, kB, kNew}) {
    EXPECT_EQ(u.enroll(A, wrong, kNew), Status::reservation_conflict);
    EXPECT_EQ(u.enroll(A, wrong, kNone), Status::reservation_conflict);
  }
  EXPECT_EQ(u.state.generation, 3u);
}

TEST(Register, AgainChangesTheKeyAndKeepsTheReservation) {
  auto u = held_by_a();
  EXPECT_EQ(u.enroll(A, kA, kNew), Status::good);
  EXPECT_EQ(u.state.shown_reservation(), (Reservation{kNew, 0, PrType::exclusive_access}));
  EXPECT_TRUE(u.state.is_holder(A));
  EXPECT_EQ(u.state.generation, 4u);
  EXPECT_TRUE(u.attentions.empty());
}

TEST(Register, BelongsToTheNexusNotToTheKey) {
  Unit u;
  EXPECT_EQ(u.enroll(A, kNone, kA), Status::good);
  EXPECT_EQ(u.enroll(B, kNone, kA), Status::good);
  EXPECT_EQ(u.state.registrants, (std::vector<Registrant>{{A, kA}, {B, kA}}));
  EXPECT_EQ(u.reserve(A, kA), Status::good);
  EXPECT_EQ(u.reserve(B, kA), Status::reservation_conflict);
  EXPECT_EQ(u.release(B, kA), Status::good);
  EXPECT_TRUE(u.state.is_holder(A)) << "B has the same key, but it is not the holder";
}

TEST(RegisterAndIgnore, RegistersChangesAndUnregistersWhateverTheKeyWas) {
  Unit u;
  EXPECT_EQ(u.ignore_and_enroll(A, kA), Status::good);
  EXPECT_EQ(u.ignore_and_enroll(A, kNew), Status::good);
  EXPECT_EQ(u.state.registrants, (std::vector<Registrant>{{A, kNew}}));
  EXPECT_EQ(u.ignore_and_enroll(A, kNone), Status::good);
  EXPECT_TRUE(u.state.registrants.empty());
  EXPECT_EQ(u.state.generation, 3u);
}

TEST(Register, IsPossibleWhileAnotherHoldsTheReservation) {
  Unit u;
  EXPECT_EQ(u.enroll(A, kNone, kA), Status::good);
  EXPECT_EQ(u.reserve(A, kA), Status::good);
  EXPECT_EQ(u.enroll(B, kNone, kB), Status::good);
  EXPECT_EQ(u.ignore_and_enroll(C, kC), Status::good);
}

// --- unregistering -----------------------------------------------------------------------------------------------

TEST(Unregister, ByTheHolderReleases) {
  for (const auto type : {PrType::write_exclusive, PrType::exclusive_access}) {
    auto u = held_by_a(type);
    EXPECT_EQ(u.enroll(A, kA, kNone), Status::good);
    EXPECT_FALSE(u.state.reservation);
    EXPECT_TRUE(u.attentions.empty()) << "no unit attention for " << describe(type);
  }
}

TEST(Unregister, ByTheHolderOfARegistrantsOnlyReservationTellsTheOthers) {
  for (const auto type : {PrType::write_exclusive_registrants_only, PrType::exclusive_access_registrants_only}) {
    auto u = held_by_a(type);
    EXPECT_EQ(u.ignore_and_enroll(A, kNone), Status::good);
    EXPECT_FALSE(u.state.reservation);
    EXPECT_EQ(u.attentions, told({B, C}, asc::reservations_released));
  }
}

TEST(Unregister, OfAllRegistrantsReleasesWithTheLastOne) {
  for (const auto type : {PrType::write_exclusive_all_registrants, PrType::exclusive_access_all_registrants}) {
    auto u = held_by_a(type);
    EXPECT_EQ(u.enroll(A, kA, kNone), Status::good);
    EXPECT_TRUE(u.state.reservation);
    EXPECT_TRUE(u.attentions.empty());
    EXPECT_EQ(u.enroll(B, kB, kNone), Status::good);
    EXPECT_TRUE(u.state.is_holder(C));
    EXPECT_EQ(u.enroll(C, kC, kNone), Status::good);
    EXPECT_FALSE(u.state.reservation);
  }
}

TEST(Unregister, ByAnotherKeepsTheReservation) {
  auto u = held_by_a();
  EXPECT_EQ(u.enroll(B, kB, kNone), Status::good);
  EXPECT_TRUE(u.state.is_holder(A));
  EXPECT_TRUE(u.attentions.empty());
}

// --- RESERVE -----------------------------------------------------------------------------------------------------

TEST(Reserve, NeedsARegistrationAndItsKey) {
  Unit u;
  EXPECT_EQ(u.reserve(A, kNone), Status::reservation_conflict);
  EXPECT_EQ(u.enroll(A, kNone, kA), Status::good);
  EXPECT_EQ(u.reserve(A, kB), Status::reservation_conflict);
  EXPECT_EQ(u.reserve(A, kA), Status::good);
}

TEST(Reserve, AgainWithTheSameTypeIsGoodAndChangesNothing) {
  for (const auto type : kTypes) {
    auto u = held_by_a(type);
    const auto before = u.state;
    EXPECT_EQ(u.reserve(A, kA, type), Status::good);
    EXPECT_EQ(u.state, before);
  }
}

TEST(Reserve, WithAnotherTypeConflictsEvenForTheHolder) {
  for (const auto held : kTypes) {
    for (const auto wanted : kTypes) {
      if (held == wanted) continue;
      auto u = held_by_a(held);
      EXPECT_EQ(u.reserve(A, kA, wanted), Status::reservation_conflict) << describe(held) << " " << describe(wanted);
    }
  }
}

TEST(Reserve, WhileAnotherHoldsConflictsUnlessAllRegistrantsHold) {
  for (const auto type : kTypes) {
    auto u = held_by_a(type);
    EXPECT_EQ(u.reserve(B, kB, type), is_all_registrants(type) ? Status::good : Status::reservation_conflict)
        << describe(type);
  }
}

TEST(Reserve, AnUnknownScopeOrTypeIsAnInvalidField) {
  auto u = three_registrants();
  for (const uint8_t scope_type : Bytes{0x00, 0x02, 0x04, 0x09, 0x0f, 0x13, 0x23}) {
    EXPECT_EQ(u.out(A, PrOut::reserve, {.key = kA}, scope_type), Status::check_condition);
    EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_cdb);
  }
}

TEST(Reserve, ShowsKeyZeroForAllRegistrants) {
  for (const auto type : kTypes) {
    EXPECT_EQ(held_by_a(type).state.shown_reservation(), (Reservation{is_all_registrants(type) ? kNone : kA, 0, type}));
  }
}

// --- RELEASE -----------------------------------------------------------------------------------------------------

TEST(Release, NeedsARegistrationAndItsKey) {
  auto u = three_registrants();
  EXPECT_EQ(u.release(A, kB), Status::reservation_conflict);
  EXPECT_EQ(u.release(9, kNone), Status::reservation_conflict);
}

TEST(Release, WithoutReservationOrByANonHolderIsGoodAndDoesNothing) {
  auto u = three_registrants();
  EXPECT_EQ(u.release(A, kA), Status::good);
  u = held_by_a();
  const auto before = u.state;
  EXPECT_EQ(u.release(B, kB), Status::good);
  EXPECT_EQ(u.state, before);
}

TEST(Release, WithAnotherTypeOrScopeIsAnInvalidRelease) {
  auto u = held_by_a();
  for (const uint8_t scope_type : Bytes{0x01, 0x05, 0x13, 0x00}) {
    EXPECT_EQ(u.out(A, PrOut::release, {.key = kA}, scope_type), Status::check_condition);
    EXPECT_EQ(u.asc_ascq, asc::invalid_release_of_persistent_reservation);
  }
}

TEST(Release, TellsTheOtherRegistrantsUnlessTheTypeIsExclusive) {
  for (const auto type : kTypes) {
    auto u = held_by_a(type);
    EXPECT_EQ(u.release(A, kA, type), Status::good);
    EXPECT_FALSE(u.state.reservation);
    const bool silent = type == PrType::write_exclusive || type == PrType::exclusive_access;
    EXPECT_EQ(u.attentions, silent ? told({}, 0) : told({B, C}, asc::reservations_released)) << describe(type);
    EXPECT_EQ(u.state.registrants.size(), 3u) << "registrations stay";
  }
}

TEST(Release, OfAllRegistrantsMayBeDoneByEachOfThem) {
  auto u = held_by_a(PrType::exclusive_access_all_registrants);
  EXPECT_EQ(u.release(C, kC, PrType::exclusive_access_all_registrants), Status::good);
  EXPECT_FALSE(u.state.reservation);
  EXPECT_EQ(u.attentions, told({A, B}, asc::reservations_released));
}

// --- CLEAR -------------------------------------------------------------------------------------------------------

TEST(Clear, ByAnyRegistrantWipesEverythingAndTellsTheOthers) {
  auto u = held_by_a();
  EXPECT_EQ(u.clear(B, kB), Status::good);
  EXPECT_TRUE(u.state.registrants.empty());
  EXPECT_FALSE(u.state.reservation);
  EXPECT_EQ(u.attentions, told({A, C}, asc::reservations_preempted));
  EXPECT_EQ(u.state.generation, 4u);
}

TEST(Clear, NeedsARegistrationAndItsKey) {
  auto u = held_by_a();
  EXPECT_EQ(u.clear(9, kNone), Status::reservation_conflict);
  EXPECT_EQ(u.clear(B, kA), Status::reservation_conflict);
}

// --- PRGENERATION ------------------------------------------------------------------------------------------------

TEST(Generation, CountsRegisterClearAndPreemptOnly) {
  Unit u;
  EXPECT_EQ(u.state.generation, 0u);
  u.enroll(A, kNone, kA);
  EXPECT_EQ(u.state.generation, 1u);
  u.ignore_and_enroll(B, kB);
  EXPECT_EQ(u.state.generation, 2u);
  u.reserve(A, kA);
  u.release(A, kA);
  u.reserve(A, kA);
  EXPECT_EQ(u.state.generation, 2u);
  u.preempt(B, kB, kA);
  EXPECT_EQ(u.state.generation, 3u);
  u.out(B, PrOut::preempt_and_abort, {.key = kB, .service_action_key = kB});
  EXPECT_EQ(u.state.generation, 4u);
  u.clear(B, kB);
  EXPECT_EQ(u.state.generation, 5u);
  u.reserve(B, kB);  // conflict
  EXPECT_EQ(u.state.generation, 5u);
}

TEST(Generation, WrapsAround) {
  Unit u;
  u.state.generation = 0xffffffff;
  u.enroll(A, kNone, kA);
  EXPECT_EQ(u.state.generation, 0u);
}

// --- the parameter list and what is not supported
// --------------------------------------------------------------------

TEST(ParameterList, OfAnotherLengthIsAnError) {
  auto u = three_registrants();
  const auto data = encode_pr_out_parameters({.key = kA});
  for (const uint32_t length : {0u, 8u, 23u, 25u, 0xffffffffu}) {
    EXPECT_EQ(u.raw(A, {PrOut::reserve, 0, 3, length}, data), Status::check_condition) << length;
    EXPECT_EQ(u.asc_ascq, asc::parameter_list_length_error);
  }
  EXPECT_EQ(u.raw(A, {PrOut::reserve, 0, 3, 24}, Bytes(23)), Status::check_condition);
  EXPECT_EQ(u.asc_ascq, asc::parameter_list_length_error);
}

TEST(ParameterList, BitsOfWhatIsNotSupportedAreRefusedWhenRegistering) {
  const PrOutParameters kRows[] = {
      {.service_action_key = kA, .specify_initiator_ports = true},
      {.service_action_key = kA, .all_target_ports = true},
      {.service_action_key = kA, .activate_persist_through_power_loss = true},
  };
  for (const auto& p : kRows) {
    for (const auto action : {PrOut::register_key, PrOut::register_and_ignore_existing_key}) {
      Unit u;
      EXPECT_EQ(u.out(A, action, p), Status::check_condition);
      EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_parameter_list);
    }
  }
}

TEST(ParameterList, AWrongKeyIsAConflictWhateverElseIsWrong) {
  auto u = three_registrants();
  for (const auto key : {kNone, kB}) {
    EXPECT_EQ(u.out(A, PrOut::register_key, {.key = key, .service_action_key = kA, .all_target_ports = true}),
              Status::reservation_conflict);
  }
  EXPECT_EQ(u.out(A, PrOut::register_key, {.key = kA, .service_action_key = kA, .all_target_ports = true}),
            Status::check_condition);
}

TEST(ParameterList, AllTargetPortsAndPowerLossAreIgnoredByTheOtherServiceActions) {
  auto u = three_registrants();
  EXPECT_EQ(u.out(A, PrOut::reserve, {kA, kNone, false, true, true}), Status::good);
  EXPECT_EQ(u.out(A, PrOut::release, {kA, kNone, false, true, true}), Status::good);
}

// 6.16.3: "for any service action except the REGISTER service action"
TEST(ParameterList, SpecifiedInitiatorPortsAreRefusedByTheOtherServiceActions) {
  for (const bool has_it : {false, true}) {
    for (const auto action : {PrOut::reserve, PrOut::release, PrOut::clear, PrOut::preempt, PrOut::preempt_and_abort,
                              PrOut::register_and_ignore_existing_key}) {
      auto u = three_registrants();
      u.unit.options.specify_initiator_ports = has_it;
      EXPECT_EQ(u.out(A, action, {kA, kB, true, false, false}), Status::check_condition);
      EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_parameter_list);
    }
    auto u = held_by_a();
    u.unit.options.specify_initiator_ports = has_it;
    EXPECT_EQ(u.out(B, PrOut::reserve, {kB, kNone, true, false, false}), Status::reservation_conflict);
  }
}

TEST(Unsupported, RegisterAndMoveAndUnknownServiceActions) {
  auto u = held_by_a();
  for (uint8_t action = 7; action < 0x20; ++action) {
    EXPECT_EQ(u.out(A, static_cast<PrOut>(action), {.key = kA}), Status::check_condition) << int{action};
    EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_cdb);
  }
}

TEST(Unsupported, IsWhatTheCapabilitiesSay) {
  const auto c = capabilities();
  EXPECT_FALSE(c.persist_through_power_loss_capable);
  EXPECT_FALSE(c.persist_through_power_loss_active);
  EXPECT_FALSE(c.specify_initiator_ports_capable);
  EXPECT_FALSE(c.all_target_ports_capable);
  EXPECT_FALSE(c.compatible_reservation_handling);
  ASSERT_TRUE(c.types);
  for (const auto type : kTypes) EXPECT_TRUE(c.supports(type)) << describe(type);
}

}  // namespace
}  // namespace shstore::scsi::target
