// What a unit answers to a command: status, sense data in fixed format (SPC-4 4.5.3), and how much of the buffer it filled.
#pragma once
#include <array>
#include <cstdint>

#include "ring.h"

namespace relay {

enum : uint8_t { kGood = 0, kCheckCondition = 2 };
enum : uint8_t {  // sense keys, and the flags beside them
  kNoSense = 0,
  kNotReady = 2,
  kIllegalRequest = 5,
  kBlankCheck = 8,
  kAbortedCommand = 0xb,
  kVolumeOverflow = 0xd,
  kFilemark = 0x80,
  kEndOfMedium = 0x40,
  kIncorrectLength = 0x20
};

struct Answer {
  uint8_t status = kGood;
  std::array<uint8_t, RING_SENSE_BYTES> sense{};
  int64_t got = -1;  // bytes put into the buffer; -1: all of it, or nothing was to come
};

inline Answer good() { return {}; }

// CHECK CONDITION; key may have flags added.
inline Answer check(unsigned key, uint8_t asc, uint8_t qualifier) {
  Answer answer;
  answer.status = kCheckCondition;
  answer.sense[0] = 0x70;
  answer.sense[2] = static_cast<uint8_t>(key);
  answer.sense[7] = 10;
  answer.sense[12] = asc;
  answer.sense[13] = qualifier;
  return answer;
}
// The same with the INFORMATION field: what is left of the count or length that was asked for.
inline Answer check_left(unsigned key, uint8_t asc, uint8_t qualifier, int32_t left) {
  Answer answer = check(key, asc, qualifier);
  const auto value = static_cast<uint32_t>(left);
  answer.sense[0] |= 0x80;
  for (unsigned i = 0; i < 4; i++) answer.sense[3 + i] = static_cast<uint8_t>(value >> (24 - 8 * i));
  return answer;
}
inline Answer no_medium() { return check(kNotReady, 0x3a, 0); }
inline Answer becoming_ready() { return check(kNotReady, 4, 1); }
inline Answer invalid_field() { return check(kIllegalRequest, 0x24, 0); }

// Big-endian numbers in CDBs and parameter data.
inline uint64_t number(const uint8_t* from, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; i++) value = value << 8 | from[i];
  return value;
}
inline void put_number(uint8_t* to, unsigned bytes, uint64_t value) {
  for (unsigned i = 0; i < bytes; i++) to[i] = static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
}

}  // namespace relay
