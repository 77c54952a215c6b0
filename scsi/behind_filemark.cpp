#include "scsi/behind_filemark.h"

namespace shstore::scsi {
namespace {

constexpr uint8_t kSpace6 = 0x11, kBlocks = 0, kFilemarks = 1;
constexpr uint64_t kMostBlocks = 0x7fffff;  // COUNT has 24 bits with a sign

// True: GOOD. What else came of it, the position tells.
bool space(LogicalUnit& drive, uint8_t over, int32_t count) {
  const auto n = static_cast<uint32_t>(count);
  const Bytes cdb{kSpace6, over, static_cast<uint8_t>(n >> 16), static_cast<uint8_t>(n >> 8), static_cast<uint8_t>(n),
                  0};
  const auto reply = drive.execute({cdb, {}, 0, kSpaceDeadline}, "SPACE");
  return reply && reply->status == Status::good;
}

std::optional<uint64_t> object_of(LogicalUnit& drive) {
  const auto position = read_position(drive);
  return position ? position->object : std::nullopt;
}

BehindFilemark ends_at(LogicalUnit& drive, uint64_t here, std::optional<uint64_t> blocks) {
  const auto now = object_of(drive);
  return {blocks, now == here, now};
}

}  // namespace

BehindFilemark behind_filemark(LogicalUnit& drive, const TapePosition& here) {
  if (!here.object) return {};
  const uint64_t end = *here.object;
  if (end <= 1) return {0, true, end};  // the beginning of the tape, or behind the label
  const bool found = space(drive, kFilemarks, -1);
  const auto mark = object_of(drive);
  if (!mark || *mark > end) return {std::nullopt, false, mark};
  if (*mark == end) return {std::nullopt, true, mark};  // the drive does not do that
  // Without a filemark it stands at the beginning of the tape.
  if (!found && *mark != 0) return ends_at(drive, end, std::nullopt);
  const uint64_t file = found ? *mark + 1 : 0;
  if (found && !space(drive, kFilemarks, +1)) return ends_at(drive, end, std::nullopt);
  if (file < end && end - file <= kMostBlocks) space(drive, kBlocks, static_cast<int32_t>(end - file));
  return ends_at(drive, end, found ? end - file : end - 1);
}

}  // namespace shstore::scsi
