// Taking a drive that was seen free: how few commands that takes, and what is left when one of them fails.
#include <gtest/gtest.h>

#include "scsi/drive_lock.h"
#include "support.h"

namespace shstore::scsi {
namespace {

struct FreeDrive : testing::Test {
  target::Target target{white_paper_san()};
  Host cibou{target, 0, kCibouKey};
  Host dir{target, 1, kDirKey};
  Host third{target, 2, {0xbac003}};

  void SetUp() override {
    for (auto* host : {&cibou, &dir, &third}) ASSERT_TRUE(host->lock.read());  // takes the unit attention of power on
    cibou.transport.sent.clear();
  }
  LockState state() { return third.lock.read().value(); }
  std::string commands() {
    std::string all;
    for (const auto& cdb : cibou.transport.sent) all += to_hex(ByteView(cdb).first(2)) + "; ";
    return all;
  }
  // The nth command from here on fails, done or not.
  void fail_nth(int nth, bool is_done) {
    cibou.transport.intercept = [this, nth, is_done](const Command& c) mutable -> std::optional<Result<Reply>> {
      if (nth-- != 0) return std::nullopt;
      if (is_done) static_cast<void>(target.execute(target.endpoints()[0], c));
      return fail(Error::Kind::timeout, "sg0: injected");
    };
  }
  // Is answered so, whatever the drive would say.
  void answer(uint8_t opcode, uint8_t action, const Reply& reply) {
    cibou.transport.intercept = [=](const Command& c) -> std::optional<Result<Reply>> {
      if (c.cdb[0] != opcode || c.cdb[1] != action) return std::nullopt;
      return reply;
    };
  }
};

TEST_F(FreeDrive, ThreeCommandsTakeIt) {
  const auto taken = cibou.lock.take_free(false);
  ASSERT_TRUE(taken && *taken) << message(taken);
  EXPECT_EQ(commands(), "5f 00; 5f 01; 5e 03; ");
  EXPECT_TRUE((*taken)->state.held_by(kCibouKey));
  EXPECT_EQ((*taken)->state.keys, state().keys);
  EXPECT_EQ((*taken)->state.generation, state().generation);
  EXPECT_TRUE((*taken)->status);
  EXPECT_TRUE(state().held_by(kCibouKey));
}

TEST_F(FreeDrive, TwoDoWhereOurKeyWaitsOnIt) {
  ASSERT_TRUE(cibou.lock.register_key());
  ASSERT_TRUE(dir.lock.register_key());
  cibou.transport.sent.clear();
  const auto taken = cibou.lock.take_free(true);
  ASSERT_TRUE(taken && *taken) << message(taken);
  EXPECT_EQ(commands(), "5f 01; 5e 03; ");
  EXPECT_EQ((*taken)->state.keys.size(), 2u) << "who waits is seen with it";
}

TEST_F(FreeDrive, SomebodyWasFaster) {
  ASSERT_TRUE(dir.lock.try_lock()->held);
  const auto taken = cibou.lock.take_free(false);
  ASSERT_TRUE(taken) << message(taken);
  EXPECT_FALSE(*taken);
  EXPECT_TRUE(state().held_by(kDirKey));
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u) << "that is the waiting list";
}

TEST_F(FreeDrive, WhereOurKeyIsOrIsNotAfterAllItIsNotSoSimple) {
  const auto not_registered = cibou.lock.take_free(true);
  ASSERT_TRUE(not_registered);
  EXPECT_FALSE(*not_registered);
  EXPECT_TRUE(state().keys.empty()) << "nothing is left";
  ASSERT_TRUE(cibou.lock.register_key());
  const auto registered = cibou.lock.take_free(false);
  ASSERT_TRUE(registered);
  EXPECT_FALSE(*registered);
  EXPECT_FALSE(state().reservation);
}

TEST_F(FreeDrive, AKeyThatAnotherHostUsesIsFoundOutAndGivenBack) {
  Host copy{target, 1, kCibouKey};
  ASSERT_TRUE(copy.lock.register_key());
  EXPECT_NE(message(cibou.lock.take_free(false)).find("is already registered by another initiator"), std::string::npos);
  EXPECT_FALSE(state().reservation);
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u) << "the other host's";
}

TEST_F(FreeDrive, AndSoItIsWhereThatHostHoldsTheDrive) {
  Host copy{target, 1, kCibouKey};
  ASSERT_TRUE(copy.lock.try_lock()->held);
  EXPECT_NE(message(cibou.lock.take_free(false)).find("is already registered by another initiator"), std::string::npos);
  EXPECT_TRUE(state().held_by(kCibouKey));
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u);
}

TEST_F(FreeDrive, WhicheverCommandFailsNothingIsLeft) {
  for (const bool registered : {false, true}) {
    for (const bool is_done : {false, true}) {
      int failures = 0;
      for (int nth = 0;; ++nth) {
        if (registered) {
          ASSERT_TRUE(cibou.lock.register_key());
        }
        cibou.transport.sent.clear();
        fail_nth(nth, is_done);
        const auto taken = cibou.lock.take_free(registered);
        cibou.transport.intercept = {};
        const bool failed_one = cibou.transport.sent.size() > static_cast<size_t>(nth);
        if (taken) {
          ASSERT_TRUE(*taken);
          EXPECT_TRUE(state().held_by(kCibouKey));
        } else {
          ++failures;
          EXPECT_FALSE(state().reservation) << commands();
          EXPECT_EQ(state().registrations_of(kCibouKey), registered ? 1u : 0u) << commands();
        }
        ASSERT_TRUE(cibou.lock.unregister());
        if (!failed_one) break;
      }
      EXPECT_EQ(failures, registered ? 1 : 2) << "READ FULL STATUS is made up for by READ KEYS and READ RESERVATION";
    }
  }
}

TEST_F(FreeDrive, ADriveThatDoesNotTellByWhomIsAskedByKey) {
  answer(kPersistentReserveIn, 3, sense_reply(SenseKey::illegal_request, asc::invalid_field_in_cdb));
  const auto taken = cibou.lock.take_free(false);
  ASSERT_TRUE(taken && *taken) << message(taken);
  EXPECT_FALSE((*taken)->status);
  EXPECT_EQ((*taken)->state.keys, (std::vector<ReservationKey>{kCibouKey}));
}

TEST_F(FreeDrive, AStatusThatShowsNoHolderIsNotBelievedAlone) {
  answer(kPersistentReserveIn, 3, {Status::good, {}, encode_read_full_status(5, {})});
  const auto taken = cibou.lock.take_free(false);
  ASSERT_TRUE(taken && *taken) << message(taken);
  EXPECT_FALSE((*taken)->status);
}

TEST_F(FreeDrive, AReserveThatIsNotDoneIsNotBelieved) {
  answer(kPersistentReserveOut, 1, {Status::good, {}, {}});
  EXPECT_EQ(message(cibou.lock.take_free(false)),
            "sg0: RESERVE ended well, but the drive shows no reservation. The lock is not relied on");
  EXPECT_TRUE(state().keys.empty());
}

TEST_F(FreeDrive, ALockThatIsTakenAwayAtThatMomentIsNotOurs) {
  ASSERT_TRUE(dir.lock.register_key());
  cibou.transport.intercept = [&](const Command& c) -> std::optional<Result<Reply>> {
    if (c.cdb[0] != kPersistentReserveIn || !state().held_by(kCibouKey)) return std::nullopt;
    EXPECT_TRUE(dir.unit.pr_out(PrOut::preempt, {.key = kDirKey, .service_action_key = kCibouKey}));
    return std::nullopt;
  };
  EXPECT_FALSE(cibou.lock.take_free(false));
  EXPECT_TRUE(state().held_by(kDirKey));
}

TEST_F(FreeDrive, ThePortsOfThisHostAreAskedForOnlyWhenOurKeyIsThereTwice) {
  int asked = 0;
  const auto ports = [&] {
    ++asked;
    return LocalPorts{};
  };
  cibou.lock.ask_for_ports(ports);
  ASSERT_TRUE(cibou.lock.take_free(false));
  ASSERT_TRUE(cibou.lock.unlock());
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  EXPECT_EQ(asked, 0);
  ASSERT_TRUE(cibou.lock.unregister());
  Host copy{target, 1, kCibouKey};
  ASSERT_TRUE(copy.lock.register_key());
  EXPECT_FALSE(cibou.lock.try_lock());
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace shstore::scsi
