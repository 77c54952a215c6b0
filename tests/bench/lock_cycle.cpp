// lock_cycle DEVICE CYCLES: one lock cycle through the library, REGISTER AND IGNORE EXISTING KEY, RESERVE, READ
// RESERVATION, RELEASE, as often as told in one process; prints the microseconds of each cycle, one on a line.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "scsi/logical_unit.h"

namespace {

using namespace shstore::scsi;

constexpr ReservationKey kKey{0xbac001};

bool cycle(LogicalUnit& unit) {
  const auto done = [](const Result<PrOutcome>& r) { return r && *r == PrOutcome::done; };
  if (!done(unit.pr_out(PrOut::register_and_ignore_existing_key, {.service_action_key = kKey}))) return false;
  if (!done(unit.pr_out(PrOut::reserve, {.key = kKey}))) return false;
  const auto read = unit.read_reservation();
  if (!read || !read->reservation || read->reservation->key != kKey) return false;
  return done(unit.pr_out(PrOut::release, {.key = kKey}));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  const auto transport = open_transport(argv[1]);
  if (!transport) {
    std::cerr << transport.error().message << '\n';
    return 1;
  }
  LogicalUnit unit(**transport);
  for (long left = std::atol(argv[2]); left > 0; --left) {
    const auto start = std::chrono::steady_clock::now();
    if (!cycle(unit)) {
      std::cerr << "a cycle failed\n";
      return 1;
    }
    const auto took = std::chrono::steady_clock::now() - start;
    fmt::print("{:.1f}\n", std::chrono::duration<double, std::micro>(took).count());
  }
}
