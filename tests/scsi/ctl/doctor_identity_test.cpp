// doctor --changer, and whose lock is on a drive that another product has reserved for all who are registered.
#include "scsi/ctl/doctor_identity.h"

#include <gmock/gmock.h>

#include "scsi/diagnosis.h"
#include "scsi/drive_lock.h"

namespace shstore::scsi::ctl {
namespace {

using testing::HasSubstr;
using Verdict = Check::Verdict;

Designator ascii(const std::string& text) { return {2, 0, 1, Bytes(text.begin(), text.end())}; }
Designator naa(uint8_t last) { return {1, 0, 3, {0x50, 1, 4, 3, 0x80, 2, 3, last}}; }

Element drive(uint16_t address, std::optional<Designator> device, bool cut = false) {
  Element e;
  e.type = ElementType::data_transfer;
  e.address = address;
  e.device = std::move(device);
  e.device_cut = cut;
  return e;
}

Check check(std::vector<Element> drives, const OwnIdentity& own) { return check_identity("/dev/sg9", drives, own); }

TEST(DoctorIdentity, NamesTheDriveOfTheLibrary) {
  const auto c = check(
      {drive(256, ascii("HP      Ultrium 9-SCSI  HU1")), drive(257, ascii("HP      Ultrium 9-SCSI  HU2"))}, {"HU2"});
  EXPECT_EQ(c.verdict, Verdict::ok);
  EXPECT_EQ(c.text, "it is drive 1 of /dev/sg9 (element 257)");
  EXPECT_EQ(check({drive(256, naa(7))}, {"HU2", {naa(7)}}).verdict, Verdict::ok) << "by its designator";
  EXPECT_EQ(check({drive(256, ascii("CERTANCEULTRIUM-2-SCSI-XABC1"))}, {"ABC1"}).verdict, Verdict::ok)
      << "no blank parts the three";
}

TEST(DoctorIdentity, SaysThatTheCheckIsOff) {
  for (const auto& [drives, why] :
       {std::pair{std::vector{drive(256, {}), drive(257, {})}, "does not tell which of its drives is which"},
        std::pair{std::vector{drive(256, {}, true)}, "sends the beginning of its drives' names only"},
        std::pair{std::vector<Element>{}, "has told of no drive"},
        std::pair{std::vector{drive(256, naa(7))}, "in another way than this drive does itself"}}) {
    const auto c = check(drives, {"HU2"});
    EXPECT_EQ(c.verdict, Verdict::warning);
    EXPECT_THAT(c.text, HasSubstr(why));
    EXPECT_THAT(c.text, HasSubstr("is not checked before a move (\"identity=required\""));
  }
}

TEST(DoctorIdentity, ADriveOfAnotherLibraryFails) {
  EXPECT_EQ(check({drive(256, ascii("HU1")), drive(257, ascii("HU3"))}, {"HU2"}).verdict, Verdict::failed);
}

// READ RESERVATION shows key 0 for the types "all registrants".
TEST(AllRegistrants, EveryKeyHoldsTheDrive) {
  for (const auto type : {PrType::write_exclusive_all_registrants, PrType::exclusive_access_all_registrants}) {
    LockState state{2, {{0x1111}, {0xbac001}, {0x1111}}, Reservation{{}, 0, type}};
    EXPECT_EQ(state.holders(), (std::vector<ReservationKey>{{0x1111}, {0xbac001}}));
    EXPECT_EQ(holders_text(state), "all registered keys: 0x1111, 0xbac001");
    EXPECT_FALSE(is_of_a_daemon(*state.reservation));
    const auto d = diagnose("/dev/sg0", state, std::nullopt, {0xbac001}, {});
    EXPECT_EQ(d.kind, Diagnosis::Case::other_product);
    EXPECT_THAT(d.text, HasSubstr("is reserved by all registered keys: 0x1111, 0xbac001 with type " + describe(type)));
    state.keys.clear();
    EXPECT_EQ(holders_text(state), "all registered keys");
  }
}

TEST(Holders, OfTheOtherTypes) {
  const LockState free{2, {{0x1111}}, std::nullopt};
  EXPECT_EQ(holders_text(free), "nobody");
  for (const auto type : {PrType::write_exclusive, PrType::exclusive_access, PrType::write_exclusive_registrants_only,
                          PrType::exclusive_access_registrants_only}) {
    const LockState state{2, {{0xbac001}, {0xbac999}}, Reservation{{0xbac999}, 0, type}};
    EXPECT_EQ(holders_text(state), "0xbac999");
    EXPECT_EQ(is_of_a_daemon(*state.reservation), type == PrType::exclusive_access);
  }
  EXPECT_FALSE(is_of_a_daemon(Reservation{{0x1000000}, 0, PrType::exclusive_access})) << "seven digits";
}

}  // namespace
}  // namespace shstore::scsi::ctl
