#include "scsi/tape_unit.h"

#include "scsi/medium_changer.h"

namespace shstore::scsi {
namespace {

Result<UnloadResult> load_unload(LogicalUnit& drive, bool load, std::chrono::milliseconds deadline) {
  const char* name = load ? "LOAD" : "UNLOAD";
  const auto reply = drive.execute({cdb_load_unload(load), {}, 0, deadline}, name);
  if (!reply) return tl::make_unexpected(reply.error());
  if (reply->status == Status::good) return UnloadResult::done;
  if (reply->status == Status::reservation_conflict) return UnloadResult::reservation_conflict;
  const auto sense = decode_sense(reply->sense);
  const bool empty = sense && sense->key == SenseKey::not_ready && sense->asc == asc::medium_not_present >> 8;
  if (empty) return UnloadResult::no_medium;
  if (sense && asc_ascq(*sense) == asc::medium_removal_prevented) return UnloadResult::removal_prevented;
  return drive.unexpected_reply(*reply, name);
}

}  // namespace

Result<UnloadResult> unload_tape(LogicalUnit& drive, std::chrono::milliseconds deadline) {
  return load_unload(drive, false, deadline);
}

Result<UnloadResult> load_tape(LogicalUnit& drive, std::chrono::milliseconds deadline) {
  return load_unload(drive, true, deadline);
}

}  // namespace shstore::scsi
