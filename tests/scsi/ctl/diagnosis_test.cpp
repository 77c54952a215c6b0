#include "scsi/diagnosis.h"

#include <gtest/gtest.h>

namespace shstore::scsi {
namespace {

using Case = Diagnosis::Case;

constexpr ReservationKey kOwn{0xbac001};

LockState held(ReservationKey key, PrType type = PrType::exclusive_access) {
  LockState s;
  s.keys = {key};
  s.reservation = Reservation{key, 0, type};
  return s;
}

FullStatus registrants(std::vector<std::pair<ReservationKey, uint64_t>> all, size_t holder) {
  FullStatus status;
  for (size_t i = 0; i < all.size(); ++i) {
    RegistrantStatus r;
    r.key = all[i].first;
    r.initiator = fc_transport_id(all[i].second);
    r.reservation_holder = i == holder;
    status.registrants.push_back(r);
  }
  return status;
}

TEST(DiagnosisCases, AnotherProductIsKnownByItsKeyOrItsType) {
  EXPECT_EQ(diagnose("/dev/sg0", held({0x10c0a80001000000}), std::nullopt, kOwn, {}).kind, Case::other_product);
  EXPECT_EQ(diagnose("/dev/sg0", held({0xbac999}, PrType::write_exclusive), std::nullopt, kOwn, {}).kind,
            Case::other_product);
  EXPECT_EQ(diagnose("/dev/sg0", held({0}, PrType::exclusive_access_all_registrants), std::nullopt, kOwn, {}).kind,
            Case::other_product);
  EXPECT_EQ(
      diagnose("/dev/sg0", held({0x10c0a80001000000}), std::nullopt, kOwn, {}).text,
      "/dev/sg0 is reserved by 0x10c0a80001000000 with type Exclusive Access, which is not how a Storage Daemon locks a "
      "drive: another product uses this drive. Find out which one before you touch its reservation.");
}

TEST(DiagnosisCases, OurKeyTwiceIsOurOtherPortOrAnotherHost) {
  auto state = held(kOwn);
  state.keys = {kOwn, kOwn};
  const auto status = registrants({{kOwn, 0x21}, {kOwn, 0x22}}, 1);
  EXPECT_EQ(diagnose("/dev/sg0", state, status, kOwn, LocalPorts({0x21, 0x22}, {})).kind, Case::ours_by_other_port);
  EXPECT_EQ(diagnose("/dev/sg0", state, status, kOwn, LocalPorts({0x21}, {})).kind, Case::duplicate_key);
}

TEST(DiagnosisCases, WithoutAKeyOfOursEveryStorageDaemonIsAnother) {
  EXPECT_EQ(diagnose("/dev/sg0", held(kOwn), std::nullopt, {0}, {}).kind, Case::other_sd);
  EXPECT_EQ(diagnose("/dev/sg0", held(kOwn), std::nullopt, kOwn, {}).kind, Case::ours);
}

}  // namespace
}  // namespace shstore::scsi
