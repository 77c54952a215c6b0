#include "scsi/debug_log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace shstore::scsi {
namespace {

constexpr mode_t kMode = 0640;

void give_to_owner_of_folder(int file, const std::string& path) {
  struct stat folder {};
  if (::geteuid() != 0 || ::stat(std::filesystem::path(path).parent_path().c_str(), &folder) != 0) return;
  [[maybe_unused]] const int ignored = ::fchown(file, folder.st_uid, folder.st_gid);
}

}  // namespace

Result<base::Descriptor> open_debug_log(const std::string& path) {
  const auto cannot = [&](const std::string& why) {
    return fail(Error::Kind::config, fmt::format("no debug log: cannot write {}: {}", path, why));
  };
  // The folder is the daemon's, and we may be root: what is there may have been put there for us.
  constexpr int kFlags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  bool fresh = true;
  base::Descriptor file(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, kMode));
  if (!file && errno == EEXIST) {
    fresh = false;
    file = base::Descriptor(::open(path.c_str(), kFlags));
  }
  if (!file && errno == ELOOP) return cannot("it is a symbolic link");
  if (!file && errno == ENXIO) return cannot("it is not a regular file");
  struct stat st {};
  if (!file || ::fstat(file.get(), &st) != 0) return cannot(errno_text(errno));
  if (!S_ISREG(st.st_mode)) return cannot("it is not a regular file");
  if (st.st_nlink > 1) return cannot("it has another name, too");
  if (fresh) give_to_owner_of_folder(file.get(), path);
  return file;
}

}  // namespace shstore::scsi
