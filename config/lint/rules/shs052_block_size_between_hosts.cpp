#include <fmt/format.h>

#include <map>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// stored/dev.h: DEFAULT_BLOCK_SIZE, what is written where Maximum Block Size is not given.
constexpr uint64_t kDefaultBlockSize = 64512;

uint64_t block_size(const SdDevice& device) {
  const uint64_t written = *device.maximum_block_size;
  return device.maximum_block_size.given && written != 0 ? written : kDefaultBlockSize;
}

Place where(const Drive& drive) {
  const SdDevice& device = *drive.device;
  return device.maximum_block_size.given ? place(drive.config(), device.maximum_block_size)
                                         : place(drive.config(), device.at);
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (site.sds.size() < 2) return;
  std::map<std::string_view, Drive> first_of;  // by Media Type: whoever has it may be given the other one's tapes
  for (const Drive& drive : report.drives()) {
    if (!drive.is_tape_like || !*drive.device->enabled) continue;
    const auto [entry, is_first] = first_of.try_emplace(*drive.device->media_type, drive);
    const Drive& first = entry->second;
    const uint64_t a = block_size(*first.device), b = block_size(*drive.device);
    if (is_first || a == b || first.ref.sd == drive.ref.sd) continue;
    const bool is_larger = b > a;
    Finding& finding = report.add(
        where(drive),
        fmt::format(
            "Device \"{}\" writes blocks of {} bytes, but \"{}\" of {} with the same Media Type \"{}\" reads at most {}",
            is_larger ? *drive.device->name : *first.device->name, std::max(a, b),
            is_larger ? *first.device->name : *drive.device->name, name_of(is_larger ? *first.sd : *drive.sd),
            *drive.device->media_type, std::min(a, b)),
        fmt::format("write Maximum Block Size = {} on every host that reads these tapes", std::max(a, b)));
    finding.notes.push_back({where(first), "the other one is here"});
  }
}

}  // namespace

const Rule shs052{
    "SHS052", Level::warning, "hosts that share tapes have different Maximum Block Sizes", check,
    R"(What: Drives of two hosts have the same Media Type, so that one may be given the tapes of the other, and
different Maximum Block Sizes (64512 bytes where none is written).

Why: A block that is larger than the reader's buffer cannot be read: restores and appends on the host with the
smaller size fail with "Cannot allocate memory" or "Block length too large", while the backups looked well.

Example:
    Device { Name = Drive-0; Media Type = LTO-9; Maximum Block Size = 262144; ... }   # on cibou
    Device { Name = Drive-0; Media Type = LTO-9; ... }                                 # on dir: 64512

Fix: Write the larger size on every host. Tapes that were written with smaller blocks stay readable.)"};

}  // namespace shstore::config::lint
