// Where the Linux kernel's target (LIO, target_core_pr.c) departs from SPC-4. Each row is explained in
// docs/lio-differences.md with the clause that decides.
#include <algorithm>
#include <array>
#include <optional>

#include "trial.h"

namespace shstore::scsi::trial {
namespace {

struct Row {
  const char* name;
  bool (*matches)(const Step&, const Reply& real, const Reply& ours);
};

bool is_out(const Step& step) { return step.command.cdb[0] == kPersistentReserveOut; }
unsigned action(const Step& step) { return step.command.cdb[1] & 0x1fu; }
bool conflict(const Reply& r) { return r.status == Status::reservation_conflict; }
bool says(const Reply& r, SenseKey key, uint16_t code) {
  if (r.status != Status::check_condition) return false;
  const auto sense = decode_sense(r.sense);
  return sense && sense->key == key && asc_ascq(*sense) == code;
}

constexpr std::array kRows = {
    Row{"unregistered-nexus",
        [](const Step& s, const Reply& real, const Reply& ours) {
          return is_out(s) && action(s) != 0 && conflict(ours) && says(real, SenseKey::not_ready, 0x0800);
        }},
    Row{"release-wrong-type",
        [](const Step& s, const Reply& real, const Reply& ours) {
          return is_out(s) && action(s) == static_cast<unsigned>(PrOut::release) && conflict(real) &&
                 says(ours, SenseKey::illegal_request, asc::invalid_release_of_persistent_reservation);
        }},
};

}  // namespace

const char* known_difference(const Step& step, const Reply& real, const Reply& ours) {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.matches(step, real, ours); });
  return found == kRows.end() ? nullptr : found->name;
}

}  // namespace shstore::scsi::trial
