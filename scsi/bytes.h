// Big-endian fields of SCSI's byte strings. Callers check lengths first; nothing here reads past a span.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace shstore::scsi {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

inline uint16_t be16(ByteView b, size_t at) { return static_cast<uint16_t>(b[at] << 8 | b[at + 1]); }
inline uint32_t be32(ByteView b, size_t at) { return static_cast<uint32_t>(be16(b, at)) << 16 | be16(b, at + 2); }
inline uint64_t be64(ByteView b, size_t at) { return static_cast<uint64_t>(be32(b, at)) << 32 | be32(b, at + 4); }

inline void put_be16(std::span<uint8_t> b, size_t at, uint16_t v) {
  b[at] = static_cast<uint8_t>(v >> 8);
  b[at + 1] = static_cast<uint8_t>(v);
}
inline void put_be32(std::span<uint8_t> b, size_t at, uint32_t v) {
  put_be16(b, at, static_cast<uint16_t>(v >> 16));
  put_be16(b, at + 2, static_cast<uint16_t>(v));
}
inline void put_be64(std::span<uint8_t> b, size_t at, uint64_t v) {
  put_be32(b, at, static_cast<uint32_t>(v >> 32));
  put_be32(b, at + 4, static_cast<uint32_t>(v));
}

/// Out of line on purpose: inlined, g++ 12 warns of array bounds that are not there.
void append(Bytes& to, ByteView from);

}  // namespace shstore::scsi
