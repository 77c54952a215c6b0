// What a socket transport and shstore-target say to each other: one frame per command, one per reply. No I/O.
//
// A frame is a 4-byte big-endian length of what follows, then the fields below. Which initiator is speaking is not
// in the frame: it is the socket that was connected to. A peer that sends anything else is disconnected.
//
//   command: be32 deadline in ms, be32 data-in length, u8 CDB length, CDB, the rest is data-out
//   reply:   u8 status, u8 sense length, sense, the rest is data-in
#pragma once

#include <cstdint>
#include <optional>

#include "scsi/bytes.h"
#include "scsi/error.h"
#include "scsi/transport.h"

namespace shstore::scsi::wire {

inline constexpr size_t kLengthField = 4;
inline constexpr uint32_t kLargestFrame = 16u << 20;

Bytes frame(const Command& command);
Bytes frame(const Reply& reply);

/// `body` is a frame without its length field.
Result<Command> decode_command(ByteView body);
Result<Reply> decode_reply(ByteView body);

/// The length of the frame that `received` begins with (length field included), once 4 bytes are there;
/// an error if it is larger than kLargestFrame.
Result<std::optional<size_t>> frame_length(ByteView received);

}  // namespace shstore::scsi::wire
