// PREEMPT and PREEMPT AND ABORT (SPC-4 5.13.11.2).
#include "reservation_unit.h"

namespace shstore::scsi::target {
namespace {

TEST(Preempt, OfTheHolderTakesTheReservation) {
  for (const auto action : {PrOut::preempt, PrOut::preempt_and_abort}) {
    auto u = held_by_a();
    EXPECT_EQ(u.out(B, action, {.key = kB, .service_action_key = kA}), Status::good);
    EXPECT_TRUE(u.state.is_holder(B));
    EXPECT_EQ(u.state.registrants, (std::vector<Registrant>{{B, kB}, {C, kC}}));
    EXPECT_EQ(u.attentions, told({A}, asc::registrations_preempted)) << "same type: C is not concerned";
    EXPECT_EQ(u.state.generation, 4u);
  }
}

TEST(Preempt, OfTheHolderWithAnotherTypeTellsWhoStays) {
  auto u = held_by_a(PrType::write_exclusive_registrants_only);
  EXPECT_EQ(u.preempt(B, kB, kA), Status::good);
  EXPECT_EQ(u.state.shown_reservation(), (Reservation{kB, 0, PrType::exclusive_access}));
  EXPECT_EQ(u.attentions, (std::vector<Attention>{{A, asc::registrations_preempted}, {C, asc::reservations_released}}));
}

TEST(Preempt, OfTheHolderWithAnUnknownTypeIsAnInvalidField) {
  auto u = held_by_a();
  EXPECT_EQ(u.out(B, PrOut::preempt, {.key = kB, .service_action_key = kA}, 0x04), Status::check_condition);
  EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_cdb);
}

TEST(Preempt, OfAnotherRegistrantOnlyRemovesIt) {
  auto u = held_by_a();
  EXPECT_EQ(u.preempt(B, kB, kC), Status::good);
  EXPECT_TRUE(u.state.is_holder(A));
  EXPECT_EQ(u.state.registrants, (std::vector<Registrant>{{A, kA}, {B, kB}}));
  EXPECT_EQ(u.attentions, told({C}, asc::registrations_preempted));
}

TEST(Preempt, RemovesEveryNexusWithTheKey) {
  Unit u;
  u.enroll(A, kNone, kA);
  u.enroll(B, kNone, kB);
  u.enroll(C, kNone, kA);
  u.reserve(A, kA);
  EXPECT_EQ(u.preempt(B, kB, kA), Status::good);
  EXPECT_EQ(u.state.registrants, (std::vector<Registrant>{{B, kB}}));
  EXPECT_EQ(u.attentions, told({A, C}, asc::registrations_preempted));
}

TEST(Preempt, OfAnUnknownKeyConflicts) {
  auto u = held_by_a();
  EXPECT_EQ(u.preempt(B, kB, kNew), Status::reservation_conflict);
}

TEST(Preempt, NeedsARegistrationAndItsKey) {
  auto u = held_by_a();
  EXPECT_EQ(u.preempt(9, kNone, kA), Status::reservation_conflict);
  EXPECT_EQ(u.preempt(B, kC, kA), Status::reservation_conflict);
}

TEST(Preempt, OfKeyZeroIsAnInvalidFieldUnlessAllRegistrantsHold) {
  for (const auto type : kTypes) {
    auto u = held_by_a(type);
    const auto status = u.preempt(B, kB, kNone);
    if (!is_all_registrants(type)) {
      EXPECT_EQ(status, Status::check_condition) << describe(type);
      EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_parameter_list);
      continue;
    }
    EXPECT_EQ(status, Status::good) << describe(type);
    EXPECT_EQ(u.state.registrants, (std::vector<Registrant>{{B, kB}}));
    EXPECT_EQ(u.state.shown_reservation(), (Reservation{kB, 0, PrType::exclusive_access}));
    EXPECT_EQ(u.attentions, told({A, C}, asc::registrations_preempted));
  }
  auto free = three_registrants();
  EXPECT_EQ(free.preempt(B, kB, kNone), Status::check_condition);
}

TEST(Preempt, OfOneKeyWhileAllRegistrantsHoldKeepsTheReservation) {
  auto u = held_by_a(PrType::exclusive_access_all_registrants);
  EXPECT_EQ(u.preempt(B, kB, kA), Status::good);
  EXPECT_EQ(u.state.shown_reservation(), (Reservation{kNone, 0, PrType::exclusive_access_all_registrants}));
  EXPECT_EQ(u.state.registrants, (std::vector<Registrant>{{B, kB}, {C, kC}}));
}

TEST(Preempt, OfOnesOwnKeyByTheHolderKeepsTheLockAndDropsTheOtherPaths) {
  Unit u;
  u.enroll(A, kNone, kA);
  u.enroll(B, kNone, kA);
  u.reserve(A, kA);
  EXPECT_EQ(u.preempt(A, kA, kA), Status::good);
  EXPECT_TRUE(u.state.is_holder(A));
  EXPECT_EQ(u.state.registrants, (std::vector<Registrant>{{A, kA}}));
  EXPECT_EQ(u.attentions, told({B}, asc::registrations_preempted));
}

TEST(Preempt, OfOnesOwnKeyWithoutReservationRemovesOnesOwnRegistration) {
  auto u = three_registrants();
  EXPECT_EQ(u.preempt(A, kA, kA), Status::good);
  EXPECT_EQ(u.state.registrants, (std::vector<Registrant>{{B, kB}, {C, kC}}));
  EXPECT_TRUE(u.attentions.empty()) << "who asked for it is not told";
  EXPECT_EQ(u.state.generation, 4u);
}

TEST(Preempt, OfTheLastRegistrantsOwnKeyEndsAnAllRegistrantsReservation) {
  Unit u;
  u.enroll(A, kNone, kA);
  u.reserve(A, kA, PrType::write_exclusive_all_registrants);
  EXPECT_EQ(u.preempt(A, kA, kA), Status::good);
  EXPECT_FALSE(u.state.reservation);
  EXPECT_TRUE(u.state.registrants.empty());
}

TEST(Preempt, AVictimMustRegisterBeforeItCanReserveAgain) {
  auto u = held_by_a();
  EXPECT_EQ(u.preempt(B, kB, kA), Status::good);
  EXPECT_EQ(u.release(B, kB), Status::good);
  EXPECT_EQ(u.reserve(A, kA), Status::reservation_conflict);
  EXPECT_EQ(u.enroll(A, kNone, kA), Status::good);
  EXPECT_EQ(u.reserve(A, kA), Status::good);
}

}  // namespace
}  // namespace shstore::scsi::target
