// Our own lock on another port: told from another host's, and moved here.
#include "scsi/own_lock.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support.h"

namespace shstore::scsi {
namespace {

constexpr const char* kName = "iqn.2026-11.example:cibou";

TransportId session(const std::string& isid, const std::string& name = kName) {
  TransportId id;
  id.protocol = static_cast<uint8_t>(Protocol::iscsi);
  id.iscsi_name = name;
  id.iscsi_isid = isid;
  return id;
}

TEST(WhoseLock, AFibreChannelPortIsToldByTheKernelOrByMemory) {
  const LocalPorts now({0x2101001b322173ee}, {});
  const auto ours = fc_transport_id(0x2101001b322173ee), replaced = fc_transport_id(0x2101001b32000001);
  EXPECT_EQ(whose(ours, now, {}), Whose::ours);
  EXPECT_EQ(whose(replaced, now, {}), Whose::anothers);
  EXPECT_EQ(whose(replaced, now, {replaced.text()}), Whose::ours) << "the adapter was replaced";
}

// A name is in a file that is cloned with the disk, and ISIDs are small numbers: only the one that is remembered counts.
TEST(WhoseLock, AnIscsiNameAloneIsPerhapsOurs) {
  const LocalPorts now({}, {kName});
  EXPECT_EQ(whose(session("00023d000002"), now, {}), Whose::perhaps);
  EXPECT_EQ(whose(session("00023d000002"), now, {session("00023d000002").text()}), Whose::ours);
  EXPECT_EQ(whose(session("00023d000002"), now, {session("00023d000003").text()}), Whose::perhaps);
  EXPECT_EQ(whose(session("00023d000002", "iqn.2026-11.example:dir"), now, {}), Whose::anothers);
  TransportId none;
  none.unreadable = "8 bytes";
  EXPECT_EQ(whose(none, now, {none.text()}), Whose::untold);
}

TEST(WhoseLock, AnotherKeyUnderOurNameIsAClonesOrAnEarlierOne) {
  FullStatus status;
  status.registrants = {{{0xbac001}, true, false, 0, PrType::exclusive_access, 1, session("00023d000002")},
                        {{0xbac999}, false, false, 0, {}, 1, session("00023d000001", "iqn.2026-11.example:dir")}};
  EXPECT_EQ(another_key_by_name(status, {0xbac001}, kName, "/dev/sg0"), "");
  EXPECT_EQ(another_key_by_name(status, {0xbac001}, "", "/dev/sg0"), "") << "not reached by iSCSI";
  status.registrants.push_back({{0xbac777}, false, false, 0, {}, 1, session("00023d000003")});
  EXPECT_EQ(
      another_key_by_name(status, {0xbac001}, kName, "/dev/sg0"),
      "0xbac777 is registered by this host's own iSCSI name (iqn.2026-11.example:cibou,i,0x00023d000003), and is not its key: a drive "
      "does not keep two machines with one name apart, whatever they lock. Give a machine that was cloned a name of its own "
      "(/etc/iscsi/initiatorname.iscsi). If it is an earlier key of this host, \"storage-ctl /dev/sg0 preempt bac777\" removes it");
}

// Host cibou has two ports: endpoints 0 and 2.
struct TwoPorts : testing::Test {
  target::Target target{white_paper_san()};
  Host here{target, 0, kCibouKey}, there{target, 2, kCibouKey}, dir{target, 1, kDirKey};
  const LocalPorts ports{{white_paper_san().initiators[0].wwpn, white_paper_san().initiators[2].wwpn}, {}};

  OwnKey seen() { return own_key(here.unit.read_full_status().value(), kCibouKey, ports, {}); }
  std::string holder() {
    const auto status = here.unit.read_full_status().value();
    for (const auto& r : status.registrants) {
      if (r.reservation_holder) return r.initiator.text();
    }
    return "nobody";
  }
  bool registered_by(size_t i) {
    const auto status = there.unit.read_full_status().value();
    return std::any_of(status.registrants.begin(), status.registrants.end(),
                       [&](const auto& r) { return r.initiator.text() == port(i); });
  }
  std::string port(size_t i) { return fc_transport_id(white_paper_san().initiators[i].wwpn).text(); }
};

TEST_F(TwoPorts, TheLockMovesHere) {
  ASSERT_TRUE(there.lock.try_lock());
  EXPECT_EQ(seen().text(), port(2) + ", which holds the lock");
  EXPECT_EQ(gather_own_key(here.unit, here.lock, seen()).value(), true);
  EXPECT_EQ(holder(), port(0));
  EXPECT_EQ(here.lock.read()->registrations_of(kCibouKey), 1u);
  EXPECT_TRUE(here.lock.unlock().value());
  EXPECT_EQ(holder(), "nobody");
}

TEST_F(TwoPorts, ALockThatIsHereAlreadyStays) {
  ASSERT_TRUE(here.lock.try_lock());
  ASSERT_TRUE(there.unit.pr_out(PrOut::register_key, {.service_action_key = kCibouKey}));
  EXPECT_EQ(gather_own_key(here.unit, here.lock, seen()).value(), true);
  EXPECT_EQ(holder(), port(0));
  EXPECT_EQ(here.lock.read()->registrations_of(kCibouKey), 1u);
}

TEST_F(TwoPorts, RegistrationsWithoutALockGo) {
  ASSERT_TRUE(there.unit.pr_out(PrOut::register_key, {.service_action_key = kCibouKey}));
  ASSERT_TRUE(dir.lock.try_lock());
  EXPECT_EQ(gather_own_key(here.unit, here.lock, seen()).value(), false);
  ASSERT_TRUE(here.lock.unregister());
  EXPECT_EQ(here.lock.read()->registrations_of(kCibouKey), 0u);
  EXPECT_EQ(holder(), port(1)) << "another host's lock is none of our business";
}

// Names of what the device-mapper's tools mended in 2025.
TEST_F(TwoPorts, AReserveWhoseHolderIsAFailedPath) {
  ASSERT_TRUE(there.lock.try_lock());
  DriveLock lock(here.unit, kCibouKey, ports);
  const auto attempt = lock.try_lock();
  ASSERT_TRUE(attempt);
  EXPECT_FALSE(attempt->held);
  EXPECT_EQ(attempt->own_other_port, port(2));
  EXPECT_EQ(holder(), port(2)) << "nothing is broken unasked";
}

TEST_F(TwoPorts, UnregisteringWhileHoldingElsewhereLeavesThatLock) {
  ASSERT_TRUE(there.lock.try_lock());
  ASSERT_TRUE(here.unit.pr_out(PrOut::register_key, {.service_action_key = kCibouKey}));
  ASSERT_TRUE(here.lock.unregister());
  EXPECT_EQ(holder(), port(2));
}

TEST_F(TwoPorts, AKeyThatChangesWhileAPathComesBack) {
  ASSERT_TRUE(there.lock.try_lock());
  const auto before = seen();
  ASSERT_TRUE(there.unit.pr_out(PrOut::register_key, {.key = kCibouKey, .service_action_key = {0xbac002}}));
  const auto refused = gather_own_key(here.unit, here.lock, before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::refused);
  EXPECT_EQ(here.lock.read()->registrations_of(kCibouKey), 0u) << "as it was found";
}

TEST_F(TwoPorts, PreemptionWhileAPathComesBack) {
  ASSERT_TRUE(there.lock.try_lock());
  const auto before = seen();
  ASSERT_TRUE(dir.lock.register_key());
  ASSERT_TRUE(dir.unit.pr_out(PrOut::preempt, {.key = kDirKey, .service_action_key = kCibouKey}));
  EXPECT_FALSE(gather_own_key(here.unit, here.lock, before));
  EXPECT_EQ(holder(), port(1)) << "the one who broke our lock keeps it";
  EXPECT_EQ(here.lock.read()->registrations_of(kCibouKey), 0u);
}

TEST_F(TwoPorts, ALockOfAnotherTypeIsAnotherPrograms) {
  ASSERT_TRUE(there.lock.register_key());
  ASSERT_TRUE(there.unit.pr_out(PrOut::reserve, {.key = kCibouKey}, PrType::write_exclusive));
  EXPECT_FALSE(gather_own_key(here.unit, here.lock, seen()));
  EXPECT_EQ(holder(), port(2));
}

// The kernel's target answers a nexus that is not registered NOT READY 08/00, not with a conflict.
TEST_F(TwoPorts, ANexusThatIsNotReadyToReserveIsNotRegistered) {
  ASSERT_TRUE(there.lock.register_key());
  here.transport.intercept = [&](const Command& c) -> std::optional<Result<Reply>> {
    const bool reserve = c.cdb[0] == kPersistentReserveOut && (c.cdb[1] & 0x1f) == static_cast<uint8_t>(PrOut::reserve);
    if (!reserve || registered_by(0)) return std::nullopt;
    return sense_reply(SenseKey::not_ready, 0x0800);
  };
  DriveLock lock(here.unit, kCibouKey, ports);
  EXPECT_TRUE(lock.try_lock()->held) << "it registers and tries again";
  ASSERT_TRUE(lock.unlock());
  ASSERT_TRUE(lock.unregister());
  ASSERT_TRUE(there.lock.try_lock());
  const auto attempt = lock.try_lock();
  ASSERT_TRUE(attempt) << message(attempt);
  EXPECT_EQ(attempt->own_other_port, port(2));
}

}  // namespace
}  // namespace shstore::scsi
