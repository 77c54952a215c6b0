#include "scsi/notify_program.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "scsi/error.h"

namespace shstore::scsi {
namespace {

namespace fs = std::filesystem;

// The first folder on the way to the file in which somebody else can put another file in its place.
std::string open_folder(const fs::path& file, uid_t user) {
  for (auto folder = file.parent_path();; folder = folder.parent_path()) {
    struct stat st {};
    if (::stat(folder.c_str(), &st) != 0) return fmt::format("{}: {}", folder.string(), errno_text(errno));
    const bool others = (st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0;
    if (others) return fmt::format("every user may write its folder {}: \"chmod o-w\" that first", folder.string());
    if (st.st_uid != 0 && st.st_uid != user) {
      return fmt::format("its folder {} belongs to another user (uid {}) than root and the daemon's", folder.string(),
                         st.st_uid);
    }
    if (folder == folder.parent_path()) return {};
  }
}

}  // namespace

std::string why_not_run(const std::string& program, uid_t user) {
  if (!program.starts_with('/')) return "it is not an absolute path";
  std::error_code error;
  const auto file = fs::canonical(program, error);  // a link's way, too, is one that others may write
  if (error) return errno_text(error.value());
  struct stat st {};
  if (::stat(file.c_str(), &st) != 0) return errno_text(errno);
  if (!S_ISREG(st.st_mode)) return "it is not a regular file";
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "others than its owner may write it: \"chmod go-w\" it first";
  if (st.st_uid != 0 && st.st_uid != user) {
    return fmt::format("it belongs to another user (uid {}) than root and the daemon's", st.st_uid);
  }
  if (::access(file.c_str(), X_OK) != 0) return "it cannot be executed";
  if (auto why = open_folder(file, user); !why.empty()) return why;
  return fs::path(program).parent_path() == file.parent_path() ? std::string{} : open_folder(program, user);
}

}  // namespace shstore::scsi
