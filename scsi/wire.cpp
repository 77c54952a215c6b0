#include "scsi/wire.h"

#include <fmt/format.h>

namespace shstore::scsi::wire {
namespace {

constexpr size_t kCommandHeader = 9;
constexpr size_t kReplyHeader = 2;

Bytes with_length(Bytes frame) {
  put_be32(frame, 0, static_cast<uint32_t>(frame.size() - kLengthField));
  return frame;
}

tl::unexpected<Error> malformed(const char* what) {
  return fail(Error::Kind::protocol, fmt::format("malformed {} frame", what));
}

}  // namespace

Bytes frame(const Command& command) {
  Bytes b(kLengthField + kCommandHeader, 0);
  put_be32(b, kLengthField, static_cast<uint32_t>(command.deadline.count()));
  put_be32(b, kLengthField + 4, command.data_in_length);
  b[kLengthField + 8] = static_cast<uint8_t>(command.cdb.size());
  append(b, command.cdb);
  append(b, command.data_out);
  return with_length(std::move(b));
}

Bytes frame(const Reply& reply) {
  Bytes b(kLengthField + kReplyHeader, 0);
  b[kLengthField] = static_cast<uint8_t>(reply.status);
  b[kLengthField + 1] = static_cast<uint8_t>(reply.sense.size());
  append(b, reply.sense);
  append(b, reply.data_in);
  return with_length(std::move(b));
}

Result<Command> decode_command(ByteView b) {
  if (b.size() < kCommandHeader) return malformed("command");
  const size_t cdb_length = b[8];
  if (cdb_length == 0 || b.size() < kCommandHeader + cdb_length) return malformed("command");
  Command command;
  command.deadline = std::chrono::milliseconds(be32(b, 0));
  command.data_in_length = be32(b, 4);
  const auto cdb = b.subspan(kCommandHeader, cdb_length);
  const auto out = b.subspan(kCommandHeader + cdb_length);
  command.cdb.assign(cdb.begin(), cdb.end());
  command.data_out.assign(out.begin(), out.end());
  if (command.data_in_length > kLargestFrame / 2) return malformed("command");
  return command;
}

Result<Reply> decode_reply(ByteView b) {
  if (b.size() < kReplyHeader || b.size() < kReplyHeader + b[1]) return malformed("reply");
  Reply reply;
  reply.status = static_cast<Status>(b[0]);
  const auto sense = b.subspan(kReplyHeader, b[1]);
  const auto in = b.subspan(kReplyHeader + b[1]);
  reply.sense.assign(sense.begin(), sense.end());
  reply.data_in.assign(in.begin(), in.end());
  return reply;
}

Result<std::optional<size_t>> frame_length(ByteView received) {
  if (received.size() < kLengthField) return std::optional<size_t>{};
  const uint32_t body = be32(received, 0);
  if (body > kLargestFrame) return fail(Error::Kind::protocol, fmt::format("a frame of {} bytes is too large", body));
  return std::optional<size_t>{kLengthField + body};
}

}  // namespace shstore::scsi::wire
