#include "scsi/tape_statistics.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstdlib>

#include "scsi/device_events.h"

namespace shstore::scsi {
namespace {

// Decimal, or hexadecimal with 0x.
std::optional<uint64_t> number_in(AttributeFile& file) {
  const auto text = file.read();
  if (!text || text->empty()) return std::nullopt;
  char* end = nullptr;
  const auto value = std::strtoull(text->c_str(), &end, 0);
  return *end != '\0' ? std::nullopt : std::optional<uint64_t>(value);
}

}  // namespace

void TapeCounters::open(dev_t number) {
  const auto folder = sysfs_ + "/dev/char/" + std::to_string(major(number)) + ':' + std::to_string(minor(number)) + '/';
  number_ = number;
  device_ = sysfs_device(node_, sysfs_);
  writes_ = AttributeFile(folder + "stats/write_cnt");
  reads_ = AttributeFile(folder + "stats/read_cnt");
  others_ = AttributeFile(folder + "stats/other_cnt");
  in_flight_ = AttributeFile(folder + "stats/in_flight");
  errors_ = AttributeFile(folder + "device/ioerr_cnt");
  position_lost_ = AttributeFile(folder + "position_lost_in_reset");
  if (!position_lost_->read()) position_lost_.reset();
}

std::optional<TapeStatistics> TapeCounters::read() {
  struct stat st {};
  if (::stat(node_.c_str(), &st) != 0 || !S_ISCHR(st.st_mode)) {
    number_.reset();
    device_.clear();
    return std::nullopt;
  }
  if (number_ != st.st_rdev) open(st.st_rdev);
  const auto writes = number_in(writes_), reads = number_in(reads_), others = number_in(others_),
             in_flight = number_in(in_flight_), errors = number_in(errors_);
  if (!writes || !reads || !others || !in_flight || !errors) {
    number_.reset();  // whatever comes in its place has other files
    return std::nullopt;
  }
  TapeStatistics s{*writes, *reads, *others, *in_flight != 0, *errors};
  if (!position_lost_) return s;
  if (const auto lost = number_in(*position_lost_)) s.position_lost = *lost != 0;
  return s;
}

std::optional<TapeStatistics> read_tape_statistics(const std::string& node, const std::string& sysfs) {
  return TapeCounters(node, sysfs).read();
}

}  // namespace shstore::scsi
