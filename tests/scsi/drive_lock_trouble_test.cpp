// The drive lock when commands fail: errors leave no lock behind and never touch another host's.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "scsi/drive_lock.h"
#include "support.h"

namespace shstore::scsi {
namespace {

enum class Fault { not_sent, answer_lost };

// Fails the command with the given number (from 0), once.
DirectTransport::Intercept fail_nth(Host& host, target::Target& target, size_t endpoint, int nth, Fault fault) {
  auto left = std::make_shared<int>(nth);
  return [&host, &target, endpoint, left, fault](const Command& c) -> std::optional<Result<Reply>> {
    if ((*left)-- != 0) return std::nullopt;
    if (fault == Fault::answer_lost) static_cast<void>(target.execute(target.endpoints()[endpoint], c));
    return fail(Error::Kind::device, fmt::format("{}: injected", host.transport.path()));
  };
}

struct Trouble : testing::TestWithParam<Fault> {
  target::Target target{white_paper_san()};
  Host cibou{target, 0, kCibouKey};
  Host dir{target, 1, kDirKey};

  void SetUp() override {
    ASSERT_TRUE(cibou.lock.read());  // takes the unit attention of power on
    ASSERT_TRUE(dir.lock.read());
  }
  // False once `nth` lies beyond the last command of the operation.
  bool lock_with_fault(int nth) {
    cibou.transport.intercept = fail_nth(cibou, target, 0, nth, GetParam());
    const auto attempt = cibou.lock.try_lock();
    cibou.transport.intercept = {};
    if (attempt) {
      EXPECT_TRUE(attempt->held);
      return false;
    }
    EXPECT_EQ(attempt.error().message, "sg0: injected");
    return true;
  }
};

TEST_P(Trouble, AFailedLockIsNotLeftBehind) {
  int nth = 0;
  while (lock_with_fault(nth)) {
    EXPECT_FALSE(dir.lock.read()->reservation) << "after command " << nth << " failed";
    EXPECT_TRUE(dir.lock.read()->keys.empty()) << "after command " << nth << " failed";
    ASSERT_TRUE(cibou.lock.unregister());
    ++nth;
  }
  EXPECT_EQ(nth, 6) << "READ KEYS, READ RESERVATION, REGISTER, READ KEYS, RESERVE, READ RESERVATION";
}

TEST_P(Trouble, AFailureDoesNotCostALockThatWasHeldBefore) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  int nth = 0;
  while (lock_with_fault(nth)) {
    EXPECT_TRUE(dir.lock.read()->held_by(kCibouKey)) << "after command " << nth << " failed";
    ++nth;
  }
  EXPECT_EQ(nth, 4);
}

TEST_P(Trouble, AnotherHostsLockIsNeverTouched) {
  ASSERT_TRUE(dir.lock.try_lock()->held);
  const auto run = [&](auto operation) {
    for (int nth = 0; nth < 8; ++nth) {
      cibou.transport.intercept = fail_nth(cibou, target, 0, nth, GetParam());
      operation();
      cibou.transport.intercept = {};
      EXPECT_TRUE(dir.lock.read()->held_by(kDirKey)) << nth;
    }
  };
  run([&] { static_cast<void>(cibou.lock.try_lock()); });
  run([&] { static_cast<void>(cibou.lock.register_key()); });
  run([&] { static_cast<void>(cibou.lock.unlock()); });
  run([&] { static_cast<void>(cibou.lock.unregister()); });
}

TEST_P(Trouble, AFailedUnlockIsAnErrorNotASuccess) {
  for (int nth = 0; nth < 4; ++nth) {
    ASSERT_TRUE(cibou.lock.try_lock()->held);
    cibou.transport.intercept = fail_nth(cibou, target, 0, nth, GetParam());
    EXPECT_EQ(message(cibou.lock.unlock()), "sg0: injected") << nth;
    cibou.transport.intercept = {};
    EXPECT_TRUE(cibou.lock.unlock()) << "can be repeated";
    EXPECT_FALSE(dir.lock.read()->reservation);
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, Trouble, testing::Values(Fault::not_sent, Fault::answer_lost), [](const auto& tested) {
  return tested.param == Fault::not_sent ? "not_sent" : "answer_lost";
});

class Drives : public testing::Test {
 protected:
  target::Target target{white_paper_san()};
  Host cibou{target, 0, kCibouKey};
  Host dir{target, 1, kDirKey};

  // The `nth` command with this CDB prefix is answered GOOD and not executed.
  void swallow(Host& host, std::string_view cdb_prefix, std::string data = "") {
    host.transport.intercept = [prefix = hex(cdb_prefix),
                                data = hex(data)](const Command& c) -> std::optional<Result<Reply>> {
      if (!std::equal(prefix.begin(), prefix.end(), c.cdb.begin())) return std::nullopt;
      return Result<Reply>(Reply{Status::good, {}, data});
    };
  }
};

TEST_F(Drives, ThatDoNotReserveAreNotRelied) {
  swallow(cibou, "5f 01");
  const auto attempt = cibou.lock.try_lock();
  EXPECT_EQ(message(attempt), "sg0: RESERVE ended well, but the drive shows no reservation. The lock is not relied on");
  EXPECT_EQ(attempt.error().kind, Error::Kind::protocol);
}

TEST_F(Drives, ThatShowAnotherHolderAreNotRelied) {
  // What sg0 reads back after RESERVE is dir's reservation.
  cibou.transport.intercept = [&, reserved = false](const Command& c) mutable -> std::optional<Result<Reply>> {
    if (c.cdb[0] == kPersistentReserveOut && c.cdb[1] == 1) reserved = true;
    if (!reserved || c.cdb[0] != kPersistentReserveIn) return std::nullopt;
    return Result<Reply>(
        Reply{Status::good, {}, encode_read_reservation(1, Reservation{kDirKey, 0, PrType::exclusive_access})});
  };
  EXPECT_EQ(message(cibou.lock.try_lock()),
            "sg0: RESERVE ended well, but the drive shows a reservation of 0xbac999 (Exclusive Access). The lock is "
            "not relied on");
  EXPECT_FALSE(dir.lock.read()->reservation) << "what we took is given back";
}

TEST_F(Drives, ThatDoNotRegisterAreFound) {
  swallow(cibou, "5f 00");
  EXPECT_EQ(message(cibou.lock.register_key()),
            "sg0: REGISTER ended well, but key 0xbac001 is not among the registered keys ()");
}

TEST_F(Drives, ThatDoNotClearAreFound) {
  ASSERT_TRUE(dir.lock.register_key());
  ASSERT_TRUE(cibou.lock.register_key());
  swallow(cibou, "5f 03");
  EXPECT_EQ(message(cibou.lock.clear()),
            "sg0: after CLEAR the drive still shows keys: 0xbac999, 0xbac001. Another host may have registered at the "
            "same moment");
}

// Another host takes the drive between our look at it and our RESERVE.
TEST_F(Drives, ThatAreTakenAtTheSameMomentAreTheOthers) {
  cibou.transport.intercept = [&, once = true](const Command& c) mutable -> std::optional<Result<Reply>> {
    if (once && c.cdb[0] == kPersistentReserveOut && c.cdb[1] == 1) {
      once = false;
      EXPECT_TRUE(dir.lock.try_lock()->held);
    }
    return std::nullopt;
  };
  const auto attempt = cibou.lock.try_lock();
  ASSERT_TRUE(attempt) << attempt.error();
  EXPECT_FALSE(attempt->held);
  EXPECT_EQ(attempt->holder.key, kDirKey);
}

// Others take the drive whenever we try, and have given it back whenever we look.
TEST_F(Drives, ThatAreTakenAndGivenBackAllTheTimeAreTriedAgain) {
  for (const int times : {3, 100}) {
    cibou.transport.intercept = [&, left = times](const Command& c) mutable -> std::optional<Result<Reply>> {
      if (c.cdb[0] != kPersistentReserveOut || c.cdb[1] != 1 || left-- <= 0) return std::nullopt;
      return Result<Reply>(Reply{Status::reservation_conflict, {}, {}});
    };
    const auto attempt = cibou.lock.try_lock();
    EXPECT_EQ(message(attempt), times == 3 ? "no error"
                                           : "sg0: RESERVE is refused with a reservation conflict, but the drive shows "
                                             "no reservation");
    cibou.transport.intercept = {};
    ASSERT_TRUE(cibou.lock.unregister());
  }
}

// Somebody clears the drive between our registration and our RESERVE.
TEST_F(Drives, ThatAreClearedAtTheSameMomentAreRegisteredAnew) {
  ASSERT_TRUE(dir.lock.register_key());
  cibou.transport.intercept = [&, once = true](const Command& c) mutable -> std::optional<Result<Reply>> {
    if (once && c.cdb[0] == kPersistentReserveOut && c.cdb[1] == 1) {
      once = false;
      EXPECT_EQ(dir.unit.pr_out(PrOut::clear, {.key = kDirKey}), PrOutcome::done);
    }
    return std::nullopt;
  };
  const auto attempt = cibou.lock.try_lock();
  ASSERT_TRUE(attempt) << attempt.error();
  EXPECT_TRUE(attempt->held);
  EXPECT_TRUE(dir.lock.read()->held_by(kCibouKey));
}

}  // namespace
}  // namespace shstore::scsi
