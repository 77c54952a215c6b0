// REGISTER AND MOVE, ALL_TG_PT, SPEC_I_PT and APTPL of a drive that has them: one test per rule of SPC-4 5.13 and 6.16.
#include "reservation_unit.h"
#include "scsi/target/pr_out_list.h"

namespace shstore::scsi::target {
namespace {

// A and B are host 1's port by two target ports, C is host 2's by the first, D host 3's by the second.
constexpr NexusId D = 3;
const TransportId kHost1 = fc_transport_id(0x11), kHost2 = fc_transport_id(0x22), kHost3 = fc_transport_id(0x33);

Unit drive(ReservationOptions options = {true, true, true, true}) {
  Unit u;
  u.unit = {options, {{kHost1, 1}, {kHost1, 2}, {kHost2, 1}, {kHost3, 2}}};
  return u;
}

std::vector<Registrant> registrants(const Unit& u) {
  auto all = u.state.registrants;
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.nexus < b.nexus; });
  return all;
}

Status all_ports(Unit& u, NexusId n, ReservationKey from, ReservationKey to, PrOut action = PrOut::register_key) {
  return u.out(n, action, {.key = from, .service_action_key = to, .all_target_ports = true});
}

// --- ALL_TG_PT ---------------------------------------------------------------------------------------------------

TEST(AllTargetPorts, RegistersTheInitiatorPortThroughEach) {
  for (const auto action : {PrOut::register_key, PrOut::register_and_ignore_existing_key}) {
    auto u = drive();
    EXPECT_EQ(all_ports(u, A, kNone, kA, action), Status::good);
    EXPECT_EQ(registrants(u), (std::vector<Registrant>{{A, kA, true}, {B, kA, true}}));
    EXPECT_EQ(u.state.generation, 1u) << "it is one command";
  }
}

TEST(AllTargetPorts, TheReservationIsOneNexus) {
  auto u = drive();
  EXPECT_EQ(all_ports(u, A, kNone, kA), Status::good);
  EXPECT_EQ(u.reserve(A, kA), Status::good);
  EXPECT_FALSE(u.state.is_holder(B));
  EXPECT_EQ(u.reserve(B, kA), Status::reservation_conflict);
}

TEST(AllTargetPorts, ChangesAndRemovesEach) {
  auto u = drive();
  EXPECT_EQ(all_ports(u, A, kNone, kA), Status::good);
  EXPECT_EQ(u.reserve(B, kA), Status::good);
  EXPECT_EQ(all_ports(u, A, kA, kNew), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{A, kNew, true}, {B, kNew, true}}));
  EXPECT_TRUE(u.state.is_holder(B));
  EXPECT_EQ(all_ports(u, A, kNew, kNone), Status::good);
  EXPECT_TRUE(u.state.registrants.empty());
  EXPECT_FALSE(u.state.reservation) << "B held it";
  EXPECT_TRUE(u.attentions.empty());
}

TEST(AllTargetPorts, WithoutTheBitOnlyOneIsRemoved) {
  auto u = drive();
  EXPECT_EQ(all_ports(u, A, kNone, kA), Status::good);
  EXPECT_EQ(u.enroll(A, kA, kNone), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{B, kA, true}}));
}

TEST(AllTargetPorts, IsRefusedWhereOneOfThemWouldBe) {
  auto u = drive();
  EXPECT_EQ(u.enroll(B, kNone, kB), Status::good);
  EXPECT_EQ(all_ports(u, A, kNone, kA), Status::reservation_conflict);
  EXPECT_EQ(all_ports(u, A, kNone, kA, PrOut::register_and_ignore_existing_key), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{A, kA, true}, {B, kA, true}}));
}

TEST(AllTargetPorts, APreemptedKeyGoesFromEach) {
  auto u = drive();
  EXPECT_EQ(all_ports(u, A, kNone, kA), Status::good);
  EXPECT_EQ(u.enroll(C, kNone, kC), Status::good);
  EXPECT_EQ(u.reserve(A, kA), Status::good);
  EXPECT_EQ(u.preempt(C, kC, kA), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{C, kC}}));
  EXPECT_EQ(u.attentions, told({A, B}, asc::registrations_preempted));
}

// --- SPEC_I_PT ---------------------------------------------------------------------------------------------------

Bytes with_ports(PrOutParameters p, const std::vector<TransportId>& ports) {
  p.specify_initiator_ports = true;
  Bytes data = encode_pr_out_parameters(p);
  data.resize(28);
  for (const auto& port : ports) append(data, encode_transport_id(port));
  put_be32(data, 24, static_cast<uint32_t>(data.size() - 28));
  return data;
}

Status specify(Unit& u, NexusId n, PrOutParameters p, const std::vector<TransportId>& ports) {
  const auto data = with_ports(p, ports);
  return u.raw(n, {PrOut::register_key, 0, 3, static_cast<uint32_t>(data.size())}, data);
}

TEST(SpecifyInitiatorPorts, RegistersThemThroughTheSameTargetPort) {
  auto u = drive();
  EXPECT_EQ(specify(u, A, {.service_action_key = kA}, {kHost2}), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{A, kA}, {C, kA}}));
  EXPECT_EQ(u.state.generation, 1u);
}

TEST(SpecifyInitiatorPorts, WithAllTargetPortsThroughEach) {
  auto u = drive();
  EXPECT_EQ(specify(u, C, {.service_action_key = kC, .all_target_ports = true}, {kHost1}), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{A, kC, true}, {B, kC, true}, {C, kC, true}}));
}

TEST(SpecifyInitiatorPorts, WithAllTargetPortsAlsoWhereItSeesTheDriveThroughOthersOnly) {
  auto u = drive();
  EXPECT_EQ(specify(u, C, {.service_action_key = kC, .all_target_ports = true}, {kHost3}), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{C, kC, true}, {D, kC, true}}));
}

TEST(SpecifyInitiatorPorts, WhoIsRegisteredKeepsItsKey) {
  auto u = drive();
  EXPECT_EQ(u.enroll(C, kNone, kC), Status::good);
  EXPECT_EQ(specify(u, A, {.service_action_key = kA}, {kHost2}), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{A, kA}, {C, kC}}));
}

TEST(SpecifyInitiatorPorts, AnUnknownPortMeansThatNothingIsDone) {
  auto u = drive();
  for (const auto& stranger : {kHost3 /* through the other target port */, fc_transport_id(0x44)}) {
    EXPECT_EQ(specify(u, A, {.service_action_key = kA}, {kHost2, stranger}), Status::check_condition);
    EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_parameter_list);
  }
  EXPECT_TRUE(u.state.registrants.empty());
}

TEST(SpecifyInitiatorPorts, OnlyOfAnUnregisteredNexusWithAKey) {
  auto u = drive();
  EXPECT_EQ(specify(u, A, {}, {kHost2}), Status::check_condition);
  EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_cdb);
  EXPECT_EQ(specify(u, A, {.key = kA, .service_action_key = kA}, {kHost2}), Status::reservation_conflict);
  EXPECT_EQ(u.enroll(A, kNone, kA), Status::good);
  EXPECT_EQ(specify(u, A, {.key = kA, .service_action_key = kNew}, {kHost2}), Status::check_condition);
  EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_cdb);
  EXPECT_EQ(specify(u, A, {.key = kB, .service_action_key = kNew}, {kHost2}), Status::reservation_conflict)
      << "whatever else is wrong";
}

TEST(SpecifyInitiatorPorts, LengthsMustFit) {
  const auto good = with_ports({.service_action_key = kA}, {kHost2});
  const PrOutCommand whole{PrOut::register_key, 0, 3, static_cast<uint32_t>(good.size())};
  auto u = drive();
  for (const size_t cut : {size_t{1}, size_t{24}, good.size() - 24, good.size() - 27}) {
    const auto data = Bytes(good.begin(), good.end() - static_cast<ptrdiff_t>(cut));
    EXPECT_EQ(u.raw(A, whole, data), Status::check_condition);
    EXPECT_EQ(u.asc_ascq, asc::parameter_list_length_error) << cut;
    EXPECT_EQ(u.raw(A, {PrOut::register_key, 0, 3, static_cast<uint32_t>(data.size())}, data), Status::check_condition);
    EXPECT_EQ(u.asc_ascq, asc::parameter_list_length_error) << cut;
  }
  auto short_port = good;
  short_port.resize(28 + 23);
  put_be32(short_port, 24, 23);
  EXPECT_EQ(u.raw(A, {PrOut::register_key, 0, 3, 28 + 23}, short_port), Status::check_condition);
  EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_parameter_list);
  auto iscsi = good;
  iscsi[28] = 0x05;
  put_be16(iscsi, 30, 0xffff);
  EXPECT_EQ(u.raw(A, whole, iscsi), Status::check_condition) << "a TransportID that says it is longer than the list";
  EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_parameter_list);
  EXPECT_TRUE(u.state.registrants.empty());
  EXPECT_EQ(u.raw(A, whole, good), Status::good);
}

// --- REGISTER AND MOVE -------------------------------------------------------------------------------------------

struct Move {
  ReservationKey key, new_key;
  TransportId to;
  uint16_t relative_target_port = 1;
  bool unregister = false, persist = false;
};

Status move(Unit& u, NexusId n, const Move& m) {
  Bytes data(24, 0);
  put_be64(data, 0, m.key.value);
  put_be64(data, 8, m.new_key.value);
  data[17] = static_cast<uint8_t>((m.unregister ? 2 : 0) | (m.persist ? 1 : 0));
  put_be16(data, 18, m.relative_target_port);
  append(data, encode_transport_id(m.to));
  put_be32(data, 20, static_cast<uint32_t>(data.size() - 24));
  return u.raw(n, {PrOut::register_and_move, 0, 3, static_cast<uint32_t>(data.size())}, data);
}

Unit drive_held_by_a(PrType type = PrType::exclusive_access) {
  auto u = drive();
  EXPECT_EQ(u.enroll(A, kNone, kA), Status::good);
  EXPECT_EQ(u.enroll(C, kNone, kC), Status::good);
  EXPECT_EQ(u.reserve(A, kA, type), Status::good);
  return u;
}

TEST(RegisterAndMove, HandsTheReservationOn) {
  auto u = drive_held_by_a();
  EXPECT_EQ(move(u, A, {kA, kNew, kHost3, 2}), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{A, kA}, {C, kC}, {D, kNew}}));
  EXPECT_TRUE(u.state.is_holder(D));
  EXPECT_FALSE(u.state.is_holder(A));
  EXPECT_EQ(u.state.shown_reservation(), (Reservation{kNew, 0, PrType::exclusive_access}));
  EXPECT_EQ(u.state.generation, 3u);
  EXPECT_TRUE(u.attentions.empty());
}

TEST(RegisterAndMove, ToAPortThatIsRegisteredChangesItsKey) {
  auto u = drive_held_by_a();
  EXPECT_EQ(move(u, A, {kA, kNew, kHost2, 1}), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{A, kA}, {C, kNew}}));
  EXPECT_TRUE(u.state.is_holder(C));
}

TEST(RegisterAndMove, ToOnesOwnOtherPath) {
  auto u = drive_held_by_a();
  EXPECT_EQ(move(u, A, {kA, kA, kHost1, 2, true}), Status::good);
  EXPECT_EQ(registrants(u), (std::vector<Registrant>{{B, kA}, {C, kC}}))
      << "UNREG: the old path is not registered any more";
  EXPECT_TRUE(u.state.is_holder(B));
}

TEST(RegisterAndMove, OnlyByTheOneHolder) {
  auto u = drive_held_by_a();
  EXPECT_EQ(move(u, C, {kC, kC, kHost3, 2}), Status::reservation_conflict);
  EXPECT_EQ(move(u, D, {kNone, kNew, kHost2, 1}), Status::reservation_conflict);
  EXPECT_EQ(move(u, A, {kB, kNew, kHost2, 1}), Status::reservation_conflict);
  for (const auto type : {PrType::write_exclusive_all_registrants, PrType::exclusive_access_all_registrants}) {
    auto all = drive_held_by_a(type);
    EXPECT_EQ(move(all, A, {kA, kNew, kHost2, 1}), Status::reservation_conflict);
  }
  auto nothing = drive();
  EXPECT_EQ(nothing.enroll(A, kNone, kA), Status::good);
  EXPECT_EQ(move(nothing, A, {kA, kNew, kHost2, 1}), Status::reservation_conflict);
}

TEST(RegisterAndMove, NeedsAKeyAndAnotherNexus) {
  auto u = drive_held_by_a();
  const Move kRows[] = {{kA, kNone, kHost2, 1},
                        {kA, kNew, kHost1, 1},  // itself
                        {kA, kNew, kHost2, 2},  // it does not see the drive through that port
                        {kA, kNew, fc_transport_id(0x44), 1}};
  for (const auto& row : kRows) {
    EXPECT_EQ(move(u, A, row), Status::check_condition);
    EXPECT_EQ(u.asc_ascq, asc::invalid_field_in_parameter_list);
  }
}

TEST(RegisterAndMove, LengthsMustFit) {
  auto u = drive_held_by_a();
  Bytes data(48, 0);
  put_be64(data, 0, kA.value);
  for (const uint32_t length : {0u, 23u, 24u, 0xffffffffu}) {
    put_be32(data, 20, length);
    const auto status = u.raw(A, {PrOut::register_and_move, 0, 3, 48}, data);
    EXPECT_EQ(status, Status::check_condition);
    EXPECT_EQ(u.asc_ascq, length == 24 ? asc::invalid_field_in_parameter_list : asc::parameter_list_length_error);
  }
  EXPECT_EQ(u.raw(A, {PrOut::register_and_move, 0, 3, 8}, Bytes(8)), Status::check_condition);
  EXPECT_EQ(u.asc_ascq, asc::parameter_list_length_error);
}

// --- APTPL -------------------------------------------------------------------------------------------------------

TEST(PowerLoss, TheRegistrationThatCameLastDecides) {
  auto u = drive();
  const auto active = [&] { return capabilities(u.unit.options, u.state).persist_through_power_loss_active; };
  const PrOutParameters persist{.service_action_key = kA, .activate_persist_through_power_loss = true};
  EXPECT_FALSE(active());
  EXPECT_EQ(u.out(A, PrOut::register_key, persist), Status::good);
  EXPECT_TRUE(active());
  EXPECT_EQ(u.reserve(A, kA), Status::good);
  EXPECT_TRUE(active()) << "RESERVE is no registration";
  EXPECT_EQ(u.enroll(C, kNone, kC), Status::good);
  EXPECT_FALSE(active()) << "of any nexus";
  EXPECT_EQ(u.out(C, PrOut::register_and_ignore_existing_key, persist), Status::good);
  EXPECT_TRUE(active());
  EXPECT_EQ(u.enroll(B, kA, kB), Status::reservation_conflict);
  EXPECT_EQ(u.enroll(B, kNone, kNone), Status::good);
  EXPECT_TRUE(active()) << "one that does nothing does not count";
  EXPECT_EQ(move(u, A, {.key = kA, .new_key = kC, .to = kHost2}), Status::good);
  EXPECT_FALSE(active());
  EXPECT_EQ(move(u, C, {.key = kC, .new_key = kA, .to = kHost1, .persist = true}), Status::good);
  EXPECT_TRUE(active());
}

// --- each is a bit of its own ------------------------------------------------------------------------------------

TEST(ReservationOptions, AreReportedAndAreRefusedWhereTheyAreNot) {
  const auto c = capabilities({true, true, true, true});
  EXPECT_TRUE(c.all_target_ports_capable && c.specify_initiator_ports_capable && c.persist_through_power_loss_capable);
  EXPECT_FALSE(c.persist_through_power_loss_active);
  for (int without = 0; without < 4; ++without) {
    const ReservationOptions options{without != 0, without != 1, without != 2, without != 3};
    const auto told = capabilities(options);
    EXPECT_EQ(told.all_target_ports_capable, without != 1);
    EXPECT_EQ(told.specify_initiator_ports_capable, without != 2);
    EXPECT_EQ(told.persist_through_power_loss_capable, without != 3);

    auto u = drive(options);
    const auto expect = [&](Status status, int option, uint16_t code) {
      EXPECT_EQ(status, option == without ? Status::check_condition : Status::good) << option;
      EXPECT_EQ(u.asc_ascq, option == without ? code : 0) << option;
    };
    expect(all_ports(u, A, kNone, kA), 1, asc::invalid_field_in_parameter_list);
    u.clear(A, kA);
    expect(specify(u, A, {.service_action_key = kA}, {kHost2}), 2, asc::invalid_field_in_parameter_list);
    u.clear(A, kA);
    expect(u.out(A, PrOut::register_key, {.service_action_key = kA, .activate_persist_through_power_loss = true}), 3,
           asc::invalid_field_in_parameter_list);
    u.ignore_and_enroll(A, kA);
    EXPECT_EQ(u.reserve(A, kA), Status::good);
    expect(move(u, A, {kA, kNew, kHost2}), 0, asc::invalid_field_in_cdb);
  }
}

}  // namespace
}  // namespace shstore::scsi::target
