#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr uint64_t kTapeUnit = 1024;  // stored/dev.h, TAPE_BSIZE

void check(const Site&, const Surroundings&, Reporter& report) {
  for (const Drive& drive : report.drives()) {
    const Value<uint64_t>& size = drive.device->maximum_block_size;
    if (!size.given || *size % kTapeUnit == 0 || !drive.is_tape) continue;
    report.add(place(drive.config(), size),
               fmt::format("Device \"{}\": a Maximum Block Size of {} is no multiple of {} bytes", *drive.device->name,
                           *size, kTapeUnit),
               fmt::format("write Maximum Block Size = {}; MB are 1000000 bytes, M are 1048576",
                           (*size + kTapeUnit / 2) / kTapeUnit * kTapeUnit));
  }
}

}  // namespace

const Rule shs066{"SHS066", Level::warning, "a tape's blocks are of an odd size", check,
                  R"(What: Maximum Block Size of a tape drive is no multiple of 1024.

Why: Bacula warns at each start, and drives and adapters transfer such blocks slowly or refuse them ("Write
error ... Invalid argument"). The usual reason is 1 MB, which is 1000000 bytes.

Example:
    Maximum Block Size = 1 MB

Fix: Maximum Block Size = 1 M. Tapes that were written with other sizes can be read as long as it does not
become smaller.

Source: stored/init_dev.c ("Max block size %u not multiple of device", SW0007).)"};

}  // namespace shstore::config::lint
