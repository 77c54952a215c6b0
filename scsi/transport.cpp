#include "scsi/transport.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <utility>

#include "scsi/cannot_open.h"
#include "scsi/command_log.h"

namespace shstore::scsi {
namespace {

constexpr unsigned kScsiTapeMajor = 9;  // Documentation/admin-guide/devices.txt

// The st driver rewinds the tape when a minor below 128 is closed: opening it to look at a lock would move the tape.
bool is_rewinding_tape(const struct stat& st) {
  return major(st.st_rdev) == kScsiTapeMajor && (minor(st.st_rdev) & 0x80) == 0;
}

std::function<void(const std::string&)>& command_log() {
  static std::function<void(const std::string&)> log;
  return log;
}

class LoggedTransport final : public Transport {
 public:
  explicit LoggedTransport(std::unique_ptr<Transport> inner) : inner_(std::move(inner)) {}
  const std::string& path() const override { return inner_->path(); }
  Result<Reply> execute(const Command& command) override {
    auto reply = inner_->execute(command);
    command_log()(fmt::format("{} cdb {:02x} out {:02x}: {}", path(), fmt::join(command.cdb, " "),
                              fmt::join(command.data_out, " "),
                              reply ? fmt::format("{} sense {:02x} in {:02x}", describe(reply->status),
                                                  fmt::join(reply->sense, " "), fmt::join(reply->data_in, " "))
                                    : reply.error().message));
    return reply;
  }

 private:
  std::unique_ptr<Transport> inner_;
};

Result<std::unique_ptr<Transport>> open_any(const std::string& path);

}  // namespace

void log_commands(std::function<void(const std::string&)> line) { command_log() = std::move(line); }

Result<std::unique_ptr<Transport>> open_transport(const std::string& path) {
  auto opened = open_any(path);
  if (!opened || !command_log()) return opened;
  return std::make_unique<LoggedTransport>(std::move(*opened));
}

namespace {

Result<std::unique_ptr<Transport>> open_any(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return cannot_open(path, errno);
  if (S_ISSOCK(st.st_mode)) return open_socket_transport(path);
  if (!S_ISCHR(st.st_mode)) {
    return fail(Error::Kind::device,
                fmt::format("control device {} is not a SCSI device: it must be the drive's generic device "
                            "(/dev/sgN, see \"lsscsi -g\") or a socket of shstore-target",
                            path));
  }
  if (is_rewinding_tape(st)) {
    return fail(Error::Kind::device,
                fmt::format("control device {} is the rewinding tape device: using it would rewind the tape. "
                            "Give the drive's generic device (/dev/sgN, see \"lsscsi -g\")",
                            path));
  }
  return open_sg_transport(path);
}

}  // namespace

}  // namespace shstore::scsi
