#include "scsi/tape_statistics.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstdlib>
#include <fstream>

namespace shstore::scsi {
namespace {

// Decimal, or hexadecimal with 0x.
std::optional<uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!(file >> text)) return std::nullopt;
  char* end = nullptr;
  const auto value = std::strtoull(text.c_str(), &end, 0);
  return end == text.c_str() || *end != '\0' ? std::nullopt : std::optional<uint64_t>(value);
}

}  // namespace

std::optional<TapeStatistics> read_tape_statistics(const std::string& node, const std::string& sysfs) {
  struct stat st {};
  if (::stat(node.c_str(), &st) != 0 || !S_ISCHR(st.st_mode)) return std::nullopt;
  const auto folder =
      sysfs + "/dev/char/" + std::to_string(major(st.st_rdev)) + ':' + std::to_string(minor(st.st_rdev)) + '/';
  const auto writes = number_in(folder + "stats/write_cnt"), reads = number_in(folder + "stats/read_cnt"),
             others = number_in(folder + "stats/other_cnt"), in_flight = number_in(folder + "stats/in_flight"),
             errors = number_in(folder + "device/ioerr_cnt");
  if (!writes || !reads || !others || !in_flight || !errors) return std::nullopt;
  TapeStatistics s{*writes, *reads, *others, *in_flight != 0, *errors};
  if (const auto lost = number_in(folder + "position_lost_in_reset")) s.position_lost = *lost != 0;
  return s;
}

}  // namespace shstore::scsi
