// With each proof of the lock the drive is asked where its tape stands. The filemarks that a test writes stand for the daemon's
// blocks; what the kernel would count of them is made up.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "plugin/scsi_lock_port.h"
#include "scsi/changer_unit.h"
#include "served_target.h"

namespace shstore::plugin {
namespace {

using reserve::Action;

constexpr const char* kSan = R"({
  "drives": [{"name": "drive0", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "A"},
             {"name": "drive1", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "B", "read_position": false}],
  "changers": [{"name": "robot", "vendor": "HP", "product": "MSL", "revision": "1", "serial": "R", "drives": ["drive0", "drive1"],
                "slots": 2, "media": [{"slot": 1, "barcode": "A1"}, {"slot": 2, "barcode": "A2"}]}],
  "initiators": [{"name": "cibou", "wwpn": "2101001b322173ee", "devices": {"sg0": "drive0", "sg1": "drive1", "sg2": "robot"}}]})";

class PortPosition : public testing::Test {
 protected:
  void SetUp() override {
    for (uint16_t i = 0; i < 2; ++i)
      send("sg2", scsi::cdb_move_medium({0, static_cast<uint16_t>(1024 + i), static_cast<uint16_t>(256 + i), false}));
    ASSERT_EQ(port.perform(Action::take, false).kind, reserve::Outcome::Kind::done);
    (void)port.perform(Action::look, false);  // the drive was powered on
    open = true;
    EXPECT_EQ(look(), "");
  }
  void send(const std::string& device, const scsi::Bytes& cdb) {
    const auto transport = scsi::open_transport(served.path("cibou/" + device));
    scsi::LogicalUnit unit(**transport);
    EXPECT_EQ(unit.execute({cdb, {}, 0, std::chrono::seconds(5)}, "a command")->status, scsi::Status::good);
  }
  // Blocks that arrive, and are counted.
  void write(uint8_t blocks) {
    send("sg0", {0x10, 0, 0, 0, blocks, 0});
    st.writes += blocks;
  }
  void rewind() { send("sg0", {0x01, 0, 0, 0, 0, 0}); }
  std::string look() { return port.perform(Action::look, false).reading->moved; }

  ScsiLockPort make(const char* device) {
    return ScsiLockPort(
        served.path(device), {0xbac001}, false, [this] { return open; }, {}, nullptr, nullptr,
        [this] {
          if (meanwhile) meanwhile();
          return kernel;
        });
  }

  ServedTarget served{kSan};
  bool open = false;
  scsi::TapeStatistics st{};
  std::optional<scsi::TapeStatistics> kernel{st};
  std::function<void()> meanwhile{};
  ScsiLockPort port = make("cibou/sg0");

  std::string look_now() {
    kernel = st;
    return look();
  }
};

TEST_F(PortPosition, ATapeThatIsRewoundUnderTheDaemonIsSeenWithTheNextProof) {
  write(5);
  EXPECT_EQ(look_now(), "");
  write(5);
  EXPECT_EQ(look_now(), "");
  rewind();
  write(2);
  EXPECT_EQ(look_now(), "at least block 12 expected, 2 found");
}

TEST_F(PortPosition, WhereTheKernelCountsNothingOrTheDeviceIsClosedNothingIsAsked) {
  write(5);
  EXPECT_EQ(look_now(), "");
  rewind();
  open = false;
  EXPECT_EQ(look_now(), "");
  open = true;
  EXPECT_EQ(look_now(), "") << "another open";
  write(5);
  EXPECT_EQ(look_now(), "");
  rewind();
  kernel.reset();
  EXPECT_EQ(look(), "");
}

TEST_F(PortPosition, WhileStWaitsForSomethingLongTheDriveIsNotAsked) {
  write(5);
  EXPECT_EQ(look_now(), "");
  rewind();
  st.in_flight = true;
  EXPECT_EQ(look_now(), "") << "it may be winding the tape";
  st.in_flight = false;
  EXPECT_EQ(look_now(), "at least block 5 expected, 0 found");
}

TEST_F(PortPosition, ADriveThatDoesNotKnowWhereItsTapeIsIsNamed) {
  auto other = make("cibou/sg1");
  EXPECT_EQ(other.limit(), "");
  (void)other.perform(Action::take, false);
  (void)other.perform(Action::look, false);
  EXPECT_EQ(
      other.limit(),
      "the drive behind " + served.path("cibou/sg1") +
          " does not know READ POSITION: that its tape was moved under a job is noticed only if the drive reports a reset");
  EXPECT_EQ(port.limit(), "");
}

TEST_F(PortPosition, StLosingThePositionIsAReset) {
  const auto was_reset = [&](bool lost) {
    st.position_lost = lost;
    kernel = st;
    return port.perform(Action::look, false).reading->was_reset;
  };
  EXPECT_FALSE(was_reset(true)) << "of before the device was opened: the daemon rewinds first";
  EXPECT_FALSE(was_reset(false));
  EXPECT_TRUE(was_reset(true));
  EXPECT_FALSE(was_reset(true)) << "once";
}

// Found in the lab, once in four runs: the look that the open had brought about was not over when the job was about to use the Volume.
TEST_F(PortPosition, AVolumeThatIsOpenedDuringALookIsOfTheNextOne) {
  const auto cut_off = [&] {
    kernel = st;
    return port.perform(Action::look, false).reading->cut_off;
  };
  int calls = 0;
  meanwhile = [&] {
    if (++calls != 4) return;  // of the counters after READ POSITION
    ++st.reads;                // the label
    kernel = st;
    port.opens_volume("TAPE-1", false);
  };
  EXPECT_EQ(cut_off(), "");
  ASSERT_GE(calls, 4);
  meanwhile = {};
  EXPECT_EQ(cut_off(), "");
  write(8);
  EXPECT_EQ(cut_off(), "");
  open = false;
  EXPECT_EQ(cut_off(), "");
  open = true;
  port.opens_volume("TAPE-1", false);
  EXPECT_EQ(cut_off(), "");
  write(1);
  EXPECT_NE(cut_off(), "");
}

// The tape is moved over the last filemark and back, only for a job that begins to append and waits for its answer.
TEST_F(PortPosition, AJobThatBeginsToAppendHasTheTapeMovedWhileItWaits) {
  write(5);
  port.opens_volume("TAPE-1", true);
  kernel = st;
  const auto reading = *port.perform(Action::look, false).reading;
  EXPECT_EQ(reading.moved + reading.cut_off, "");
  EXPECT_TRUE(port.may_stop_waiting());
}

// Found in the lab: the job ended as OK, and its restore was short.
TEST_F(PortPosition, WhatIsAppendedBehindDataThatWasCutOffIsSaid) {
  const auto cut_off = [&] {
    kernel = st;
    return port.perform(Action::look, false).reading->cut_off;
  };
  const auto closes = [&] {
    open = false;
    const auto said = cut_off();
    open = true;
    return said;
  };
  port.opens_volume("TAPE-1", false);
  EXPECT_EQ(cut_off(), "");
  write(8);  // they are filemarks, in truth
  EXPECT_EQ(cut_off(), "");
  EXPECT_EQ(closes(), "");
  port.opens_volume("TAPE-1", false);
  EXPECT_EQ(cut_off(), "") << "nothing is written yet";
  write(1);
  EXPECT_EQ(closes(), "the data on Volume \"TAPE-1\" before block 8 was cut off, and is not ended by a filemark");
  port.opens_volume("TAPE-1", false);
  EXPECT_EQ(cut_off(), "");
  EXPECT_EQ(closes(), "") << "it was only read";
}

TEST_F(PortPosition, WhatWasCutOffIsKnownToTheNextLifeAndWhatWasClosedInOrderIsForgotten) {
  const auto unended = std::make_shared<UnendedVolumes>();
  ScsiLockPort other(
      served.path("cibou/sg0"), {0xbac001}, false, [this] { return open; }, {}, nullptr, nullptr,
      [this] { return kernel; }, unended);
  ASSERT_EQ(other.perform(Action::take, false).kind, reserve::Outcome::Kind::done);
  const auto look = [&] {
    kernel = st;
    (void)other.perform(Action::look, false);
  };
  other.opens_volume("TAPE-1", false);
  look();
  EXPECT_EQ(unended->all(), (std::vector<record::UnendedVolume>{{"TAPE-1", 0, 1}}));
  write(8);
  open = false;
  ++st.errors;  // the filemark behind them is refused
  ++st.others;
  look();
  EXPECT_EQ(unended->all().size(), 1U);
  open = true;
  other.opens_volume("TAPE-2", false);
  look();
  write(8);
  open = false;
  ++st.others;
  look();
  EXPECT_EQ(unended->all(), (std::vector<record::UnendedVolume>{{"TAPE-1", 0, 1}}));
}

}  // namespace
}  // namespace shstore::plugin
