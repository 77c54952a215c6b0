#include "scsi/append_guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <scsi/sg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>

#include "scsi/base/descriptor.h"
#include "scsi/sg_queue.h"

namespace shstore::scsi {
namespace {

constexpr int kTimes = 4;                       // two unit attentions after power on (29/xx, 28/00), and two to spare
constexpr unsigned kDeadlineMs = 3600 * 1000;   // of winding a whole tape, and not to be aborted
constexpr std::array<uint8_t, 6> kSpaceToEndOfData = {0x11, 0x03, 0, 0, 0, 0};

// sg's asynchronous interface (drivers/scsi/sg.c, sg_new_write): what was written goes on when the descriptor is closed.
int queue(int fd) {
  auto cdb = kSpaceToEndOfData;
  sg_io_hdr io{};
  io.interface_id = 'S';
  io.cmdp = cdb.data();
  io.cmd_len = static_cast<unsigned char>(cdb.size());
  io.dxfer_direction = SG_DXFER_NONE;
  io.timeout = kDeadlineMs;
  io.flags = kSgQueueAtTail;  // or it would go before the write
  return ::write(fd, &io, sizeof io) == static_cast<ssize_t>(sizeof io) ? 0 : errno;
}

}  // namespace

std::string device_state(const std::string& sysfs_device, const std::string& sysfs) {
  std::string state;
  if (!sysfs_device.empty()) std::ifstream(sysfs + sysfs_device + "/state") >> state;
  return state;
}

Result<void> queue_end_of_data(const std::string& control_device) {
  struct stat st {};
  if (::stat(control_device.c_str(), &st) != 0 || !S_ISCHR(st.st_mode)) {
    return fail(Error::Kind::device, fmt::format("{} is no generic SCSI node", control_device));
  }
  const base::Descriptor fd(::open(control_device.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  int error = fd.get() < 0 ? errno : 0;
  for (int i = 0; i < kTimes && error == 0; ++i) error = queue(fd.get());
  if (error != 0) return fail(Error::Kind::device, fmt::format("{}: SPACE could not be queued: {}", control_device, errno_text(error)));
  return {};
}

}  // namespace shstore::scsi
