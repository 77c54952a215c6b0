// SG_IO by libsgutils2. The sg_pt calls are used rather than sg_ll_persistent_reserve_*, because those drop the
// residual count and the sense bytes.
#include <fcntl.h>
#include <fmt/format.h>
#include <scsi/sg_lib.h>
#include <scsi/sg_pt.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "scsi/signals.h"
#include "scsi/transport.h"

namespace shstore::scsi {
namespace {

constexpr int kDidNexusFailure = 0x11;  // host byte by which a HBA driver reports a conflict (scsi/scsi.h)
constexpr int kDidTimeOut = 0x03;
constexpr int kQuiet = 0;

struct PtDeleter {
  void operator()(sg_pt_base* p) const { destruct_scsi_pt_obj(p); }
};
using PtObject = std::unique_ptr<sg_pt_base, PtDeleter>;

class SgTransport final : public Transport {
 public:
  SgTransport(std::string path, int fd, PtObject pt) : path_(std::move(path)), fd_(fd), pt_(std::move(pt)) {}
  ~SgTransport() override { scsi_pt_close_device(fd_); }

  const std::string& path() const override { return path_; }

  Result<Reply> execute(const Command& command) override {
    auto* const pt = pt_.get();
    clear_scsi_pt_obj(pt);
    std::array<uint8_t, 252> sense{};
    Bytes in(command.data_in_length, 0);
    set_scsi_pt_cdb(pt, command.cdb.data(), static_cast<int>(command.cdb.size()));
    set_scsi_pt_sense(pt, sense.data(), static_cast<int>(sense.size()));
    if (!in.empty()) set_scsi_pt_data_in(pt, in.data(), static_cast<int>(in.size()));
    if (!command.data_out.empty()) {
      set_scsi_pt_data_out(pt, command.data_out.data(), static_cast<int>(command.data_out.size()));
    }
    // The interface counts in whole seconds.
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(command.deadline).count();
    const int rc = send(*pt, static_cast<int>(seconds));
    if (rc != 0) return no_answer(rc);
    return answer(*pt, sense, std::move(in));
  }

 private:
  // A signal would end the wait, not the command (drivers/scsi/sg.c, sg_ioctl_common: wait_event_interruptible): its answer
  // would be lost and a lock given back while the robot still moves. Restarting the call would send the command again.
  int send(sg_pt_base& pt, int seconds) const {
    const SignalsBlocked until_answered;
    return do_scsi_pt(&pt, fd_, seconds, kQuiet);
  }

  tl::unexpected<Error> no_answer(int rc) const {
    if (rc == SCSI_PT_DO_TIMEOUT) return timed_out();
    return fail(Error::Kind::device, fmt::format("SCSI command to {} failed: {}", path_,
                                                 rc < 0 ? errno_text(-rc) : "it was refused by libsgutils2"));
  }

  tl::unexpected<Error> timed_out() const {
    return fail(Error::Kind::timeout, fmt::format("{} does not answer", path_));
  }

  Result<Reply> answer(sg_pt_base& pt, ByteView sense, Bytes in) const {
    const int host_byte = get_scsi_pt_transport_err(&pt);
    Reply reply;
    reply.status = static_cast<Status>(get_scsi_pt_status_response(&pt));
    switch (get_scsi_pt_result_category(&pt)) {
      case SCSI_PT_RESULT_OS_ERR:
        return fail(Error::Kind::device,
                    fmt::format("SCSI command to {} failed: {}", path_, errno_text(get_scsi_pt_os_err(&pt))));
      case SCSI_PT_RESULT_TRANSPORT_ERR:
        if (host_byte == kDidNexusFailure) {
          reply.status = Status::reservation_conflict;
          return reply;
        }
        if (host_byte == kDidTimeOut) return timed_out();
        if (get_scsi_pt_sense_len(&pt) == 0) return transport_error(pt);
        break;
      default: break;
    }
    const auto length = static_cast<size_t>(std::max(0, get_scsi_pt_sense_len(&pt)));
    reply.sense.assign(sense.begin(), sense.begin() + static_cast<ptrdiff_t>(std::min(length, sense.size())));
    const auto missing = static_cast<size_t>(std::max(0, get_scsi_pt_resid(&pt)));
    in.resize(in.size() - std::min(missing, in.size()));
    reply.data_in = std::move(in);
    return reply;
  }

  tl::unexpected<Error> transport_error(sg_pt_base& pt) const {
    std::array<char, 256> text{};
    get_scsi_pt_transport_err_str(&pt, static_cast<int>(text.size()), text.data());
    return fail(Error::Kind::device, fmt::format("SCSI command to {} did not get through: {}", path_, text.data()));
  }

  std::string path_;
  int fd_;
  PtObject pt_;  // one for all commands: making one for each shows in tests/run bench
};

}  // namespace

Result<std::unique_ptr<Transport>> open_sg_transport(const std::string& path) {
  // PERSISTENT RESERVE needs a descriptor opened for writing (drivers/scsi/scsi_ioctl.c). O_NONBLOCK: a tape node
  // must not wait two minutes for a tape to become ready.
  const int fd = scsi_pt_open_flags(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC, kQuiet);
  if (fd >= 0) {
    if (PtObject pt{construct_scsi_pt_obj_with_fd(fd, kQuiet)}) return std::make_unique<SgTransport>(path, fd, std::move(pt));
    scsi_pt_close_device(fd);
    return fail(Error::Kind::device, fmt::format("{}: out of memory", path));
  }
  const char* hint = -fd == EACCES || -fd == EPERM
                         ? ". The user that runs bacula-sd must be able to read and write it (group tape)"
                         : "";
  return fail(Error::Kind::device, fmt::format("cannot open control device {}: {}{}", path, errno_text(-fd), hint));
}

}  // namespace shstore::scsi
