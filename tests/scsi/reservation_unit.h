// A logical unit's reservations with three nexuses, of which each says what it was told.
#pragma once

#include <gtest/gtest.h>

#include "scsi/target/reservations.h"
#include "support.h"

namespace shstore::scsi::target {

inline constexpr NexusId A = 0, B = 1, C = 2;
inline constexpr ReservationKey kNone{0}, kA{0xa}, kB{0xb}, kC{0xc}, kNew{0xeee};

inline constexpr PrType kTypes[] = {PrType::write_exclusive,
                                    PrType::exclusive_access,
                                    PrType::write_exclusive_registrants_only,
                                    PrType::exclusive_access_registrants_only,
                                    PrType::write_exclusive_all_registrants,
                                    PrType::exclusive_access_all_registrants};

// One logical unit whose state is carried from command to command.
struct Unit {
  ReservationState state;
  ReservationUnit unit{};             // without options, and without names of nexuses
  std::vector<Attention> attentions;  // of the last command
  uint16_t asc_ascq = 0;              // of the last command

  Status out(NexusId nexus, PrOut action, PrOutParameters p, uint8_t scope_type = 3) {
    PrOutCommand command{action, static_cast<uint8_t>(scope_type >> 4), static_cast<uint8_t>(scope_type & 0xf)};
    return raw(nexus, command, encode_pr_out_parameters(p));
  }
  Status raw(NexusId nexus, const PrOutCommand& command, const Bytes& data) {
    const auto before = state;
    auto result = persistent_reserve_out(state, nexus, command, data, unit);
    if (result.status != Status::good) {
      EXPECT_EQ(result.state, before) << "a command that fails changes nothing";
      EXPECT_TRUE(result.attentions.empty());
    }
    state = std::move(result.state);
    attentions = std::move(result.attentions);
    asc_ascq = result.asc_ascq;
    return result.status;
  }

  Status enroll(NexusId n, ReservationKey from, ReservationKey to) {
    return out(n, PrOut::register_key, {.key = from, .service_action_key = to});
  }
  Status ignore_and_enroll(NexusId n, ReservationKey to) {
    return out(n, PrOut::register_and_ignore_existing_key, {.key = {0xbad}, .service_action_key = to});
  }
  Status reserve(NexusId n, ReservationKey key, PrType type = PrType::exclusive_access) {
    return out(n, PrOut::reserve, {.key = key}, static_cast<uint8_t>(type));
  }
  Status release(NexusId n, ReservationKey key, PrType type = PrType::exclusive_access) {
    return out(n, PrOut::release, {.key = key}, static_cast<uint8_t>(type));
  }
  Status clear(NexusId n, ReservationKey key) { return out(n, PrOut::clear, {.key = key}); }
  Status preempt(NexusId n, ReservationKey key, ReservationKey victim, PrType type = PrType::exclusive_access) {
    return out(n, PrOut::preempt, {.key = key, .service_action_key = victim}, static_cast<uint8_t>(type));
  }
};

// A, B and C registered; generation 3.
inline Unit three_registrants() {
  Unit u;
  EXPECT_EQ(u.enroll(A, kNone, kA), Status::good);
  EXPECT_EQ(u.enroll(B, kNone, kB), Status::good);
  EXPECT_EQ(u.enroll(C, kNone, kC), Status::good);
  return u;
}

inline Unit held_by_a(PrType type = PrType::exclusive_access) {
  auto u = three_registrants();
  EXPECT_EQ(u.reserve(A, kA, type), Status::good);
  return u;
}

inline std::vector<Attention> told(std::initializer_list<NexusId> nexuses, uint16_t code) {
  std::vector<Attention> all;
  for (const auto n : nexuses) all.push_back({n, code});
  return all;
}

}  // namespace shstore::scsi::target
