// SG_IO, the kernel's own interface (scsi/sg.h, struct sg_io_hdr). No library between: the name of libsgutils2 changes with
// every release of sg3_utils (libsgutils2-1.46.so.2, -1.48.so.2, ...), and a plugin that is linked to one of them is not
// loaded any more, without a word, once the system is upgraded to the next. The kernel keeps this structure as it is.
#include <fcntl.h>
#include <fmt/format.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "scsi/base/descriptor.h"
#include "scsi/cannot_open.h"
#include "scsi/signals.h"
#include "scsi/base/descriptor.h"
#include "scsi/transport.h"

namespace shstore::scsi {
namespace {

constexpr unsigned kQueueAtTail =
    0x10;  // SG_FLAG_Q_AT_TAIL of the kernel's include/scsi/sg.h, which the C library's copy lacks

// How a host bus adapter's driver says that a command did not reach the device, or its answer not us (host byte,
// include/scsi/scsi_status.h of Linux).
constexpr int kDidTimeOut = 0x03;
constexpr int kDidNexusFailure = 0x11;  // a conflict with a reservation
constexpr std::array<const char*, 0x15> kHostBytes = {
    "",                                      // DID_OK
    "no connection to the device",           // DID_NO_CONNECT
    "the bus stayed busy",                   // DID_BUS_BUSY
    "no answer in time",                     // DID_TIME_OUT
    "no such target",                        // DID_BAD_TARGET
    "the command was aborted",               // DID_ABORT
    "parity error on the bus",               // DID_PARITY
    "internal error of the driver",          // DID_ERROR
    "reset by somebody",                     // DID_RESET
    "unexpected interrupt",                  // DID_BAD_INTR
    "the driver could not pass it on",       // DID_PASSTHROUGH
    "the driver wants it repeated",          // DID_SOFT_ERROR
    "the driver wants it repeated at once",  // DID_IMM_RETRY
    "the driver wants it queued again",      // DID_REQUEUE
    "the connection was interrupted",        // DID_TRANSPORT_DISRUPTED
    "the connection is down",                // DID_TRANSPORT_FAILFAST
    "the target failed for good",            // DID_TARGET_FAILURE
    "another initiator has reserved it",     // DID_NEXUS_FAILURE
    "no space could be allocated",           // DID_ALLOC_FAILURE
    "medium error",                          // DID_MEDIUM_ERROR
    "the path is unreliable",                // DID_TRANSPORT_MARGINAL
};
// Driver byte, which kernels before 5.14 use: the lower half alone is a code.
constexpr unsigned kDriverByte = 0x0f, kDriverTimeout = 0x06, kDriverSense = 0x08;
constexpr uint8_t kStatusBits = 0x7e;  // the others were vendor's in SCSI-2

std::string host_byte_text(int host_byte) {
  const auto i = static_cast<size_t>(host_byte);
  return fmt::format("{} (host byte {:#04x})", i < kHostBytes.size() ? kHostBytes[i] : "unknown reason", host_byte);
}

class SgTransport final : public Transport {
 public:
  SgTransport(std::string path, base::Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  const std::string& path() const override { return path_; }

  Result<Reply> execute(const Command& command) override {
    std::array<uint8_t, 252> sense{};
    Bytes in(command.data_in_length, 0);
    auto io = header(command, sense, in);
    if (const int error = send(io); error != 0) {
      return fail(Error::Kind::device, fmt::format("SCSI command to {} failed: {}{}", path_, errno_text(error),
                                                   error == ENOTTY ? ". It is no SCSI device" : ""));
    }
    return answer(io, sense, std::move(in));
  }

 private:
  static sg_io_hdr header(const Command& command, std::array<uint8_t, 252>& sense, Bytes& in) {
    sg_io_hdr io{};
    io.interface_id = 'S';
    // The kernel reads these and writes nothing through them; the interface is older than const.
    io.cmdp = const_cast<uint8_t*>(command.cdb.data());
    io.cmd_len = static_cast<unsigned char>(command.cdb.size());
    io.sbp = sense.data();
    io.mx_sb_len = static_cast<unsigned char>(sense.size());
    io.dxfer_direction = SG_DXFER_NONE;
    if (!in.empty()) {
      io.dxfer_direction = SG_DXFER_FROM_DEV;
      io.dxferp = in.data();
      io.dxfer_len = static_cast<unsigned>(in.size());
    } else if (!command.data_out.empty()) {
      io.dxfer_direction = SG_DXFER_TO_DEV;
      io.dxferp = const_cast<uint8_t*>(command.data_out.data());
      io.dxfer_len = static_cast<unsigned>(command.data_out.size());
    }
    // Behind what st has queued, where the kernel would put it before: a unit attention is for the command that waited longer. st must
    // hear of a reset to refuse what comes next (Linux 6.12 and newer).
    io.flags = kQueueAtTail;
    io.timeout = static_cast<unsigned>(std::max<int64_t>(1, command.deadline.count()));  // milliseconds
    return io;
  }

  // The errno of the call. A signal would end the wait, not the command (drivers/scsi/sg.c, sg_ioctl_common:
  // wait_event_interruptible): its answer would be lost and a lock given back while the robot still moves. Restarting the
  // call would send the command again.
  int send(sg_io_hdr& io) const {
    const SignalsBlocked until_answered;
    return ::ioctl(fd_.get(), SG_IO, &io) < 0 ? errno : 0;
  }

  tl::unexpected<Error> timed_out() const {
    return fail(Error::Kind::timeout, fmt::format("{} does not answer", path_));
  }

  Result<Reply> answer(const sg_io_hdr& io, ByteView sense, Bytes in) const {
    Reply reply;
    reply.status = static_cast<Status>(io.status & kStatusBits);
    const unsigned driver = io.driver_status & kDriverByte;
    if (io.host_status == kDidNexusFailure) {
      reply.status = Status::reservation_conflict;
      return reply;
    }
    if (io.host_status == kDidTimeOut || driver == kDriverTimeout) return timed_out();
    if (io.sb_len_wr == 0) {
      if (io.host_status != 0) return no_way(host_byte_text(io.host_status));
      if (driver != 0 && driver != kDriverSense) return no_way(fmt::format("driver byte {:#04x}", driver));
    }
    reply.sense.assign(sense.begin(),
                       sense.begin() + static_cast<ptrdiff_t>(std::min<size_t>(io.sb_len_wr, sense.size())));
    const auto missing = static_cast<size_t>(std::max(0, io.resid));
    in.resize(in.size() - std::min(missing, in.size()));
    reply.data_in = std::move(in);
    return reply;
  }

  tl::unexpected<Error> no_way(const std::string& why) const {
    return fail(Error::Kind::device, fmt::format("SCSI command to {} did not get through: {}", path_, why));
  }

  std::string path_;
  base::Descriptor fd_;
};

}  // namespace

Result<std::unique_ptr<Transport>> open_sg_transport(const std::string& path) {
  // PERSISTENT RESERVE needs a descriptor opened for writing (drivers/scsi/scsi_ioctl.c). O_NONBLOCK: a tape node
  // must not wait two minutes for a tape to become ready.
  const int fd = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0) return std::make_unique<SgTransport>(path, base::Descriptor(fd));
  return cannot_open(path, errno);
}

// sg's asynchronous interface (drivers/scsi/sg.c, sg_new_write): what was written goes on when the descriptor is closed. It is put at
// the head of the queue.
Result<void> put_first(const std::string& path, const Command& command, int times) {
  struct stat st {};
  const bool is_node = ::stat(path.c_str(), &st) == 0 && S_ISCHR(st.st_mode);
  const base::Descriptor fd(is_node ? ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1);
  if (!fd)
    return fail(Error::Kind::device,
                fmt::format("{}: {}", path, is_node ? errno_text(errno) : "it is no generic SCSI node"));
  sg_io_hdr io{};
  io.interface_id = 'S';
  io.cmdp = const_cast<uint8_t*>(command.cdb.data());
  io.cmd_len = static_cast<unsigned char>(command.cdb.size());
  io.dxfer_direction = SG_DXFER_NONE;
  io.timeout = static_cast<unsigned>(command.deadline.count());
  for (int i = 0; i < times; ++i) {
    if (::write(fd.get(), &io, sizeof io) != static_cast<ssize_t>(sizeof io)) {
      return fail(Error::Kind::device, fmt::format("{}: a command could not be queued: {}", path, errno_text(errno)));
    }
  }
  return {};
}

}  // namespace shstore::scsi
