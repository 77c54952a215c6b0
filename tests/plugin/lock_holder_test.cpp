// What a site's own Lock Command says, against what the drive shows.
#include "plugin/lock_holder.h"

#include <gtest/gtest.h>

namespace shstore::plugin {
namespace {

using Kind = LockHolder::Kind;

constexpr scsi::ReservationKey kOurs{0xbac001}, kTheirs{0xbac999};
constexpr uint64_t kPort = 0x2101001b322173ee;

scsi::LockState held(scsi::ReservationKey key) {
  scsi::LockState state;
  state.keys = {kOurs, kTheirs};
  state.reservation = scsi::Reservation{key, 0, scsi::PrType::exclusive_access};
  return state;
}
scsi::FullStatus held_by(scsi::ReservationKey key, uint64_t port) {
  scsi::FullStatus status;
  status.registrants = {{key, true, false, 0, scsi::PrType::exclusive_access, 1, scsi::fc_transport_id(port)}};
  return status;
}
const scsi::LocalPorts kNexus({kPort}, {});

TEST(LockHolder, IsTheNexussThatWrites) {
  EXPECT_EQ(judge_holder(held(kOurs), held_by(kOurs, kPort), kNexus, "").kind, Kind::ours);
  EXPECT_EQ(judge_holder(held(kOurs), held_by(kOurs, kPort + 1), kNexus, "0xbac001"),
            (LockHolder{Kind::anothers, "0xbac001"}))
      << "by another port, or another host's with the same key: the writes would conflict";
}

TEST(LockHolder, IsToldByTheKeyWhereTheDriveDoesNotTellPorts) {
  EXPECT_EQ(judge_holder(held(kOurs), {}, kNexus, "0xbac001").kind, Kind::ours);
  EXPECT_EQ(judge_holder(held(kOurs), {}, kNexus, "bac001").kind, Kind::ours);
  EXPECT_EQ(judge_holder(held(kTheirs), {}, kNexus, "0xbac001"), (LockHolder{Kind::anothers, "0xbac999"}));
  EXPECT_EQ(judge_holder(held(kTheirs), {}, kNexus, ""), (LockHolder{Kind::untold, "0xbac999"}));
  EXPECT_EQ(judge_holder(held(kOurs), held_by(kOurs, kPort), {}, "0xbac001").kind, Kind::ours) << "nor this host";
}

// sg_persist with an option that it does not know: status 0, and nothing was done.
TEST(LockHolder, ThatNobodyHasIsNone) {
  scsi::LockState free;
  free.keys = {kOurs};
  EXPECT_EQ(judge_holder(free, {}, kNexus, "0xbac001").kind, Kind::nobodys);
}

TEST(LockHolder, OfWhatIsNoScsiDeviceIsBelieved) {
  EXPECT_EQ(look_at_holder("/dev/does-not-exist", "", "")->kind, Kind::unchecked);
  EXPECT_FALSE(look_at_holder("/dev/null", "", "")) << "a device that is there and does not answer is not free";
}

}  // namespace
}  // namespace shstore::plugin
