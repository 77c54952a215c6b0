#include "scsi/cannot_open.h"

#include <fmt/format.h>

#include <cerrno>

namespace shstore::scsi {

std::string what_to_type(const std::string& path, int error) {
  const bool device_node = path.starts_with("/dev/");
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      if (!device_node)
        return "If it is to be a socket of shstore-target, start that first (\"shstore-target --help\")";
      return "\"lsscsi -g\" shows the drives of this host with their generic devices, \"ls -l /dev/tape/by-nexus\" names of "
             "them that last";
    case EACCES:
    case EPERM:
      return fmt::format(
          "The user that runs bacula-sd must be able to read and write it (group tape): \"ls -lL {}\" shows who may, "
          "\"adduser bacula tape\" puts that user into the group (restart bacula-sd then). By hand, try it as root",
          path);
    case ENXIO:
    case ENODEV: return "The drive behind it is gone: \"lsscsi -g\" shows those that this host has now";
    case EBUSY: return fmt::format("Another program keeps it for itself: \"fuser -v {}\" shows which", path);
    case ECONNREFUSED:
      return "No shstore-target serves it: was it stopped? (\"shstore-target --help\" tells how to start it)";
    default: return {};
  }
}

tl::unexpected<Error> cannot_open(const std::string& path, int error) {
  const auto what = what_to_type(path, error);
  return fail(Error::Kind::device, fmt::format("cannot open control device {}: {}{}{}", path, errno_text(error),
                                               what.empty() ? "" : ". ", what));
}

}  // namespace shstore::scsi
