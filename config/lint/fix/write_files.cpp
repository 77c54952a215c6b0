#include "config/lint/fix/write_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "scsi/base/descriptor.h"
#include "scsi/base/output_file.h"

namespace shstore::config::lint {
namespace {

using Result = tl::expected<void, std::string>;

tl::unexpected<std::string> failed(std::string_view what, const std::string& path) {
  return tl::make_unexpected(fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

using base::Descriptor;

std::optional<std::string> contents(int file) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(file, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
}

/// A file to be replaced, and the new text beside it, which goes away again unless it takes the file's place.
class Replacement {
 public:
  explicit Replacement(const FileChange& change) : change_(change) {}

  Result prepare() {
    std::error_code error;
    target_ = std::filesystem::canonical(change_.path, error).string();
    if (error) return tl::make_unexpected(fmt::format("cannot write {}: {}", change_.path, error.message()));
    const Descriptor old(::open(target_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!old) return failed("open", target_);
    struct stat status {};
    if (::fstat(old.get(), &status) != 0) return failed("look at", target_);
    if (const auto refused = refuse(status)) return tl::make_unexpected(*refused);
    if (auto same = unchanged(old.get()); !same) return same;
    return write_beside(old.get(), status);
  }

  Result take_place() {
    const Descriptor old(::open(target_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!old) return failed("open", target_);
    if (auto same = unchanged(old.get()); !same) return same;
    return draft_->take_place();
  }

 private:
  std::optional<std::string> refuse(const struct stat& status) const {
    if (!S_ISREG(status.st_mode)) return fmt::format("cannot write {}: it is not a regular file", change_.path);
    if (status.st_nlink == 1) return std::nullopt;
    return fmt::format("{} has {} hard links, and only one of them would get the new text: change it by hand", target_,
                       status.st_nlink);
  }

  Result unchanged(int file) const {
    const auto now = contents(file);
    if (!now) return failed("read", target_);
    if (*now == change_.before) return {};
    return tl::make_unexpected(fmt::format("{} changed since it was read, and was left alone: try again", target_));
  }

  Result write_beside(int old, const struct stat& status) {
    auto draft = base::FileDraft::beside(
        target_, change_.after, [&](int file) { return make_alike(file, old, status); }, base::FileDraft::Durable::yes);
    if (!draft) return tl::make_unexpected(draft.error());
    draft_.emplace(std::move(*draft));
    return {};
  }

  /// Owner first: chown(2) takes away set-id bits.
  Result make_alike(int file, int old, const struct stat& status) const {
    struct stat fresh {};
    if (::fstat(file, &fresh) != 0) return failed("look beside", target_);
    const bool same_owner = fresh.st_uid == status.st_uid && fresh.st_gid == status.st_gid;
    if (!same_owner && ::fchown(file, status.st_uid, status.st_gid) != 0) {
      return tl::make_unexpected(fmt::format("cannot keep the owner of {}: {}; run this as its owner or as root",
                                             target_, std::strerror(errno)));
    }
    if (::fchmod(file, status.st_mode & 07777) != 0) return failed("keep the mode of", target_);
    return copy_access_list(file, old);
  }

  Result copy_access_list(int file, int old) const {
    constexpr const char* kName = "system.posix_acl_access";
    std::array<char, 65536> list{};
    const ssize_t size = ::fgetxattr(old, kName, list.data(), list.size());
    if (size < 0) return {};  // it has none, or the file system knows none
    if (::fsetxattr(file, kName, list.data(), static_cast<size_t>(size), 0) == 0) return {};
    return failed("keep the access control list of", target_);
  }

  const FileChange& change_;
  std::string target_;  ///< where the path leads, links followed
  std::optional<base::FileDraft> draft_;
};

}  // namespace

tl::expected<void, std::string> write_files(const std::vector<FileChange>& changes) {
  std::vector<Replacement> replacements;
  replacements.reserve(changes.size());
  for (const FileChange& change : changes) {
    replacements.emplace_back(change);
    if (auto ready = replacements.back().prepare(); !ready) return ready;
  }
  size_t done = 0;
  for (Replacement& replacement : replacements) {
    if (auto placed = replacement.take_place(); !placed) {
      if (done == 0) return placed;
      return tl::make_unexpected(
          fmt::format("{}; {} of {} files were already written", placed.error(), done, changes.size()));
    }
    ++done;
  }
  return {};
}

}  // namespace shstore::config::lint
