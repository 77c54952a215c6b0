// APTPL: what outlives the loss of a drive's power, on disk and through the device server.
#include "scsi/target/reservation_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support.h"

namespace shstore::scsi::target {
namespace {

// cibou sees drive and robot through two target ports, dir through the first.
San san_with_all_options() {
  auto san = load_san(SHSTORE_ROOT "/samples/library.json").value();
  for (auto& drive : san.drives) drive.reservation_options = {true, true, true, true};
  for (auto& changer : san.changers) changer.reservation_options.persist_through_power_loss = true;
  auto other_path = san.initiators[0];
  other_path.name = "cibou-2";
  other_path.relative_target_port = 2;
  san.initiators.push_back(other_path);
  return san;
}

// A host's way to unit 0, or to the robot.
class Way {
 public:
  Way(Target& target, const std::string& initiator, size_t unit = 0) : target_(target) {
    for (const auto& e : target.endpoints()) {
      if (e.initiator == initiator && e.unit == unit) endpoint_ = &e;
    }
    EXPECT_NE(endpoint_, nullptr) << initiator;
  }
  Reply send(const Command& command) {
    for (;;) {
      auto reply = target_.execute(*endpoint_, command);
      const auto sense = decode_sense(reply.sense);
      if (!sense || sense->key != SenseKey::unit_attention) return reply;
    }
  }
  Status out(PrOut action, const PrOutParameters& p) {
    return send({cdb_pr_out(action, PrType::exclusive_access), encode_pr_out_parameters(p), 0, {}}).status;
  }
  FullStatus status() {
    return decode_read_full_status(send({cdb_pr_in(PrIn::read_full_status, 4096), {}, 4096, {}}).data_in).value();
  }
  Capabilities capabilities() {
    return decode_report_capabilities(send({cdb_pr_in(PrIn::report_capabilities, 64), {}, 64, {}}).data_in).value();
  }

 private:
  Target& target_;
  const Endpoint* endpoint_ = nullptr;
};

constexpr ReservationKey kKey{0xbac001}, kOther{0xbac999};
const PrOutParameters kPersist{.service_action_key = kKey, .activate_persist_through_power_loss = true};
const PrOutParameters kAllPorts{
    .service_action_key = kKey, .all_target_ports = true, .activate_persist_through_power_loss = true};

TEST(ReservationFiles, AReservationOutlivesTheLossOfPowerWhereAptplIsActive) {
  TemporaryFolder folder;
  const auto file = folder.path("drive0.reservations");
  {
    Target target(san_with_all_options());
    auto files = ReservationFiles::open(target, folder.path());
    ASSERT_TRUE(files) << message(files);
    Way cibou(target, "cibou");
    EXPECT_EQ(cibou.out(PrOut::register_key, kPersist), Status::good);
    EXPECT_EQ(cibou.out(PrOut::reserve, {.key = kKey}), Status::good);
    ASSERT_TRUE(files->update());
  }
  ASSERT_TRUE(std::filesystem::exists(file));
  Target target(san_with_all_options());
  auto files = ReservationFiles::open(target, folder.path());
  ASSERT_TRUE(files) << message(files);
  Way cibou(target, "cibou"), dir(target, "dir");
  const auto status = dir.status();
  EXPECT_EQ(status.generation, san_with_all_options().drives[0].pr_generation) << "it begins anew";
  ASSERT_EQ(status.registrants.size(), 1u);
  EXPECT_EQ(status.registrants[0].key, kKey);
  EXPECT_TRUE(status.registrants[0].reservation_holder);
  EXPECT_EQ(dir.send({{0x08, 0, 0, 2, 0, 0}, {}, 512, {}}).status, Status::reservation_conflict);
  EXPECT_TRUE(dir.capabilities().persist_through_power_loss_active);

  EXPECT_EQ(dir.out(PrOut::register_key, {.service_action_key = kOther}), Status::good);
  ASSERT_TRUE(files->update());
  EXPECT_FALSE(std::filesystem::exists(file)) << "a registration without APTPL ends that";
}

TEST(ReservationFiles, WithoutAptplNothingDoes) {
  TemporaryFolder folder;
  {
    Target target(san_with_all_options());
    auto files = ReservationFiles::open(target, folder.path());
    Way cibou(target, "cibou");
    EXPECT_EQ(cibou.out(PrOut::register_key, {.service_action_key = kKey}), Status::good);
    EXPECT_EQ(cibou.out(PrOut::reserve, {.key = kKey}), Status::good);
    ASSERT_TRUE(files->update());
  }
  Target target(san_with_all_options());
  ASSERT_TRUE(ReservationFiles::open(target, folder.path()));
  EXPECT_TRUE(Way(target, "dir").status().registrants.empty());
}

TEST(ReservationFiles, ARobotHasThemToo) {
  TemporaryFolder folder;
  const size_t robot = san_with_all_options().drives.size();
  {
    Target target(san_with_all_options());
    auto files = ReservationFiles::open(target, folder.path());
    EXPECT_EQ(Way(target, "cibou", robot).out(PrOut::register_key, kPersist), Status::good);
    ASSERT_TRUE(files->update());
  }
  Target target(san_with_all_options());
  ASSERT_TRUE(ReservationFiles::open(target, folder.path()));
  EXPECT_EQ(Way(target, "dir", robot).status().registrants.size(), 1u);
}

TEST(ReservationFiles, ATextThatDoesNotFitIsRefused) {
  const std::vector<Nexus> nexuses{{fc_transport_id(0x2101001b322173ee), 1}};
  ReservationState state;
  state.registrants = {{0, kKey, true}};
  state.reservation = HeldReservation{0, PrType::exclusive_access};
  state.persists = true;
  const auto text = reservations_text(state, nexuses);
  const auto again = parse_reservations(text, nexuses, "f");
  ASSERT_TRUE(again) << message(again);
  EXPECT_EQ(*again, state);
  const std::pair<const char*, const char*> kWrong[] = {
      {"2101001b322173ee", "2101001b322173ef"}, {"0xbac001", "0x0"},    {"\"type\": 3", "\"type\": 2"},
      {"\"holder\": 0", "\"holder\": 1"},       {"\"key\"", "\"kye\""}, {"{", "["}};
  for (const auto& [from, to] : kWrong) {
    auto wrong = text;
    const auto at = wrong.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    wrong.replace(at, std::string(from).size(), to);
    const auto said = message(parse_reservations(wrong, nexuses, "f"));
    EXPECT_TRUE(said.ends_with("Remove the file, and the device starts without reservations")) << said;
  }
}

// --- READ FULL STATUS and ALL_TG_PT (SPC-4 6.15.5) ---------------------------------------------------------------

TEST(FullStatusOfAllTargetPorts, IsOneDescriptorUnlessOneOfThemHolds) {
  Target target(san_with_all_options());
  Way cibou(target, "cibou"), other_path(target, "cibou-2");
  EXPECT_EQ(cibou.out(PrOut::register_key, kAllPorts), Status::good);
  auto status = cibou.status();
  ASSERT_EQ(status.registrants.size(), 1u);
  EXPECT_TRUE(status.registrants[0].all_target_ports);
  EXPECT_EQ(other_path.out(PrOut::reserve, {.key = kKey}), Status::good);
  status = cibou.status();
  ASSERT_EQ(status.registrants.size(), 2u);
  for (const auto& r : status.registrants) {
    EXPECT_FALSE(r.all_target_ports);
    EXPECT_EQ(r.reservation_holder, r.relative_target_port == 2);
  }
}

}  // namespace
}  // namespace shstore::scsi::target
