#include "scsi/target/replies.h"

#include <algorithm>

namespace shstore::scsi::target {

Reply check_condition(SenseKey key, uint16_t asc_ascq) {
  const Sense sense{key, static_cast<uint8_t>(asc_ascq >> 8), static_cast<uint8_t>(asc_ascq), false};
  return {Status::check_condition, encode_sense(sense), {}};
}

Reply illegal(uint16_t asc_ascq) { return check_condition(SenseKey::illegal_request, asc_ascq); }

Reply good(Bytes data) { return {Status::good, {}, std::move(data)}; }

Reply good(Bytes data, size_t allocation_length) {
  data.resize(std::min(data.size(), allocation_length));
  return good(std::move(data));
}

}  // namespace shstore::scsi::target
