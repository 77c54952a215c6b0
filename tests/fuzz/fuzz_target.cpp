// The device servers of a drive and its robot on any sequence of commands from three nexuses: no crash, never two
// holders, and no medium that is lost or in two places.
#include <cstdlib>
#include <set>

#include "scsi/target/target.h"

namespace {

using namespace shstore::scsi;

const target::San& san() {
  static const target::San one = [] {
    target::San s;
    s.drives.push_back({"d", "V", "P", "1", "S", 0});
    s.changers.push_back(
        {"r", "V", "P", "1", "R", 0, {{1, 1}, {4, 3}, {2, 1}, {3, 1}}, {0}, {{"A", 4}, {"B", 2}}, "", false, {}});
    for (uint64_t i = 0; i < 3; ++i) {
      s.initiators.push_back({std::string(1, static_cast<char>('a' + i)), 0x10 + i, 1, {{"sg0", 0}, {"sg1", 1}}});
    }
    return s;
  }();
  return one;
}

void check_one_holder(target::Target& target) {
  for (int i = 0; i < 8; ++i) {
    const auto reply =
        target.execute(target.endpoints()[0], {cdb_pr_in(PrIn::read_full_status, 4096), {}, 4096, kCommandDeadline});
    if (reply.status != Status::good) continue;  // a unit attention
    const auto status = decode_read_full_status(reply.data_in);
    if (!status) std::abort();
    int exclusive_holders = 0;
    for (const auto& r : status->registrants)
      exclusive_holders += r.reservation_holder && r.type == PrType::exclusive_access;
    if (exclusive_holders > 1) std::abort();
    return;
  }
  std::abort();
}

void check_media(const target::Target& target) {
  std::multiset<std::string> found;
  for (const auto& [element, cartridge] : target.library(0).contents()) {
    if (element < 2 || element > 6) std::abort();
    if (cartridge.loaded && element != 3) std::abort();
    found.insert(cartridge.barcode);
  }
  if (found != std::multiset<std::string>{"A", "B"}) std::abort();
}

}  // namespace

// Each command: nexus and unit, CDB length, data length, CDB, data.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  ByteView rest(bytes, size);
  target::Target target(san());
  while (rest.size() >= 3) {
    const size_t endpoint = rest[0] % 6;
    const size_t cdb_length = std::min<size_t>(1 + rest[1] % 16, rest.size() - 3);
    const size_t data_length = std::min<size_t>(rest[2] % 64, rest.size() - 3 - cdb_length);
    rest = rest.subspan(3);
    if (cdb_length == 0) break;
    Command command;
    command.cdb.assign(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(cdb_length));
    rest = rest.subspan(cdb_length);
    command.data_out.assign(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(data_length));
    rest = rest.subspan(data_length);
    if (command.data_out.empty()) command.data_in_length = 4096;
    (void)target.execute(target.endpoints()[endpoint], command);
  }
  check_one_holder(target);
  check_media(target);
  return 0;
}
