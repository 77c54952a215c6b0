#include "scsi/read_position.h"

#include <fmt/format.h>

#include <limits>

namespace shstore::scsi {
namespace {

// Byte 0. Short and long form have the "unknown" bits in different places.
constexpr uint8_t kBop = 0x80, kEop = 0x40, kShortUnknown = 0x04, kShortOverflow = 0x02, kLongFileUnknown = 0x08,
                  kLongUnknown = 0x04;  // MPU (file and set numbers), LONU

bool fits_short(const TapePosition& p) { return p.object && *p.object <= std::numeric_limits<uint32_t>::max(); }

}  // namespace

uint32_t length_of(PositionForm form) { return form == PositionForm::long_form ? 32 : 20; }

Bytes cdb_read_position(PositionForm form) {
  Bytes cdb(10, 0);
  cdb[0] = kReadPosition;
  cdb[1] = static_cast<uint8_t>(form);
  return cdb;
}

std::optional<PositionForm> decode_cdb_read_position(ByteView cdb) {
  switch (cdb[1] & 0x1f) {
    case 0x00:
    case 0x01: return PositionForm::of_blocks;
    case 0x06: return PositionForm::long_form;
    default: return std::nullopt;
  }
}

Result<TapePosition> decode_read_position(PositionForm form, ByteView data) {
  if (data.size() < length_of(form)) {
    return fail(Error::Kind::protocol,
                fmt::format("READ POSITION: the drive sent {} of {} bytes", data.size(), length_of(form)));
  }
  TapePosition p{.beginning = (data[0] & kBop) != 0, .end = (data[0] & kEop) != 0};
  if (form == PositionForm::of_blocks) {
    p.partition = data[1];
    if ((data[0] & (kShortUnknown | kShortOverflow)) == 0) p.object = be32(data, 4);
    return p;
  }
  p.partition = be32(data, 4);
  if ((data[0] & kLongUnknown) == 0) p.object = be64(data, 8);
  if ((data[0] & kLongFileUnknown) == 0) p.file = be64(data, 16);
  return p;
}

Bytes encode_read_position(PositionForm form, const TapePosition& p) {
  Bytes data(length_of(form), 0);
  data[0] = static_cast<uint8_t>((p.beginning ? kBop : 0) | (p.end ? kEop : 0));
  if (form == PositionForm::of_blocks) {
    data[1] = static_cast<uint8_t>(p.partition);
    if (!fits_short(p)) {
      data[0] |= p.object ? kShortOverflow : kShortUnknown;
      return data;
    }
    put_be32(data, 4, static_cast<uint32_t>(*p.object));
    put_be32(data, 8, static_cast<uint32_t>(*p.object));  // nothing waits in a buffer
    return data;
  }
  data[0] |= static_cast<uint8_t>((p.object ? 0 : kLongUnknown) | (p.file ? 0 : kLongFileUnknown));
  put_be32(data, 4, p.partition);
  put_be64(data, 8, p.object.value_or(0));
  put_be64(data, 16, p.file.value_or(0));
  return data;
}

namespace {

Result<TapePosition> ask(LogicalUnit& drive, PositionForm form) {
  return drive.data_in(cdb_read_position(form), length_of(form), "READ POSITION", kPositionDeadline)
      .and_then([&](const Bytes& data) { return decode_read_position(form, data); });
}

}  // namespace

Result<TapePosition> read_position(LogicalUnit& drive) {
  auto position = ask(drive, PositionForm::of_blocks);
  if (!position || position->object) return position;
  auto whole = ask(drive, PositionForm::long_form);
  return whole ? whole : position;  // who has no long form does not know
}

Result<TapePosition> read_position(LogicalUnit& drive, bool& long_form) {
  if (long_form) {
    auto whole = ask(drive, PositionForm::long_form);
    if (whole || whole.error().kind != Error::Kind::unsupported) return whole;
    long_form = false;
  }
  return read_position(drive);
}

}  // namespace shstore::scsi
