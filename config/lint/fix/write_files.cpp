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

namespace shstore::config::lint {
namespace {

using Result = tl::expected<void, std::string>;

tl::unexpected<std::string> failed(std::string_view what, const std::string& path) {
  return tl::make_unexpected(fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int operator*() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  /// close(2) may be where a full disk is told of.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

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

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(file, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    text.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

/// A file to be replaced, and the new text beside it, which goes away again unless it takes the file's place.
class Replacement {
 public:
  explicit Replacement(const FileChange& change) : change_(change) {}
  Replacement(Replacement&& other) noexcept
      : change_(other.change_),
        target_(std::move(other.target_)),
        beside_(std::exchange(other.beside_, {})) {}
  Replacement& operator=(Replacement&&) = delete;
  ~Replacement() {
    if (!beside_.empty()) ::unlink(beside_.c_str());
  }

  Result prepare() {
    std::error_code error;
    target_ = std::filesystem::canonical(change_.path, error).string();
    if (error) return tl::make_unexpected(fmt::format("cannot write {}: {}", change_.path, error.message()));
    const Descriptor old(::open(target_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!old) return failed("open", target_);
    struct stat status {};
    if (::fstat(*old, &status) != 0) return failed("look at", target_);
    if (const auto refused = refuse(status)) return tl::make_unexpected(*refused);
    if (auto same = unchanged(*old); !same) return same;
    return write_beside(*old, status);
  }

  Result take_place() {
    const Descriptor old(::open(target_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!old) return failed("open", target_);
    if (auto same = unchanged(*old); !same) return same;
    if (::rename(beside_.c_str(), target_.c_str()) != 0) return failed("replace", target_);
    beside_.clear();
    // So that the new name survives a power failure, too; there is nothing to do if this fails.
    const Descriptor folder(::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder) ::fsync(*folder);
    return {};
  }

 private:
  static std::string folder_of(const std::string& path) {
    return std::filesystem::path(path).parent_path().string();
  }

  std::optional<std::string> refuse(const struct stat& status) const {
    if (!S_ISREG(status.st_mode))
      return fmt::format("cannot write {}: it is not a regular file", change_.path);
    if (status.st_nlink == 1) return std::nullopt;
    return fmt::format("{} has {} hard links, and only one of them would get the new text: change it by hand",
                       target_, status.st_nlink);
  }

  Result unchanged(int file) const {
    const auto now = contents(file);
    if (!now) return failed("read", target_);
    if (*now == change_.before) return {};
    return tl::make_unexpected(
        fmt::format("{} changed since it was read, and was left alone: try again", target_));
  }

  Result write_beside(int old, const struct stat& status) {
    std::string name = target_ + ".XXXXXX";
    Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
    if (!file) return failed("write beside", target_);
    beside_ = name;
    if (auto alike = make_alike(*file, old, status); !alike) return alike;
    if (!write_all(*file, change_.after)) return failed("write", beside_);
    if (::fsync(*file) != 0) return failed("write", beside_);
    if (!file.close()) return failed("write", beside_);
    return {};
  }

  /// Owner first: chown(2) takes away set-id bits.
  Result make_alike(int file, int old, const struct stat& status) const {
    struct stat fresh {};
    if (::fstat(file, &fresh) != 0) return failed("look at", beside_);
    const bool same_owner = fresh.st_uid == status.st_uid && fresh.st_gid == status.st_gid;
    if (!same_owner && ::fchown(file, status.st_uid, status.st_gid) != 0) {
      return tl::make_unexpected(
          fmt::format("cannot keep the owner of {}: {}; run this as its owner or as root", target_,
                      std::strerror(errno)));
    }
    if (::fchmod(file, status.st_mode & 07777) != 0) return failed("keep the mode of", target_);
    return copy_access_list(file, old);
  }

  Result copy_access_list(int file, int old) const {
    constexpr const char* name = "system.posix_acl_access";
    std::array<char, 65536> list{};
    const ssize_t size = ::fgetxattr(old, name, list.data(), list.size());
    if (size < 0) return {};  // it has none, or the file system knows none
    if (::fsetxattr(file, name, list.data(), static_cast<size_t>(size), 0) == 0) return {};
    return failed("keep the access control list of", target_);
  }

  const FileChange& change_;
  std::string target_;  ///< where the path leads, links followed
  std::string beside_;  ///< the new text; empty: there is none to be removed
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
