#include "scsi/transport.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

namespace shstore::scsi {
namespace {

constexpr unsigned kScsiTapeMajor = 9;  // Documentation/admin-guide/devices.txt

// The st driver rewinds the tape when a minor below 128 is closed: opening it to look at a lock would move the tape.
bool is_rewinding_tape(const struct stat& st) {
  return major(st.st_rdev) == kScsiTapeMajor && (minor(st.st_rdev) & 0x80) == 0;
}

}  // namespace

Result<std::unique_ptr<Transport>> open_transport(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) {
    return fail(Error::Kind::device, fmt::format("cannot open control device {}: {}", path, errno_text(errno)));
  }
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

}  // namespace shstore::scsi
