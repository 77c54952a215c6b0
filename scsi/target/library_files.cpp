#include "scsi/target/library_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "scsi/base/foreign_file.h"
#include "scsi/base/output_file.h"
#include "scsi/target/library_state.h"
#include "scsi/target/listener.h"

namespace shstore::scsi::target {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFileMode = 0660;
constexpr mode_t kStateMode = 0644;

tl::unexpected<Error> cannot(const char* what, const std::string& path, const std::string& why) {
  return fail(Error::Kind::device, fmt::format("cannot {} {}: {}", what, path, why));
}

// Beside the file, so that rename() stays within one file system.
std::string draft_of(const std::string& path) { return path + ".new"; }

Result<void> put_in_place(const std::string& path) {
  if (::rename(draft_of(path).c_str(), path.c_str()) != 0) return cannot("replace", path, errno_text(errno));
  return {};
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return cannot("create", folder.string(), error.message());
  return {};
}

Result<void> make_medium(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, kFileMode));
  if (file.get() < 0) return cannot("create medium", path, errno_text(errno));
  return {};
}

// Only a link is ever replaced: anything else at that path may be somebody's data.
Result<void> replace_link(const std::string& path, const std::string& to) {
  struct stat st {};
  const bool there = ::lstat(path.c_str(), &st) == 0;
  if (there && !S_ISLNK(st.st_mode)) return cannot("replace", path, "it is not a link, and may hold data");
  std::error_code none;
  if (there && fs::read_symlink(path, none) == to) return {};
  ::unlink(draft_of(path).c_str());
  if (::symlink(to.c_str(), draft_of(path).c_str()) != 0) return cannot("create", draft_of(path), errno_text(errno));
  return put_in_place(path);
}

Result<Contents> read_state(const std::string& path, const Changer& changer) {
  const auto file = base::read_foreign_file(path);
  if (!file) return fail(Error::Kind::device, file.error().message);
  return parse_state(file->text, changer, path);
}

}  // namespace

std::string LibraryFiles::full_path(const std::string& path) const {
  return fs::absolute(fs::path(folder_) / path).lexically_normal().string();
}

std::string LibraryFiles::state_file(const Changer& changer) const {
  return (fs::path(folder_) / (changer.name + ".state")).string();
}

Result<LibraryFiles> LibraryFiles::open(Target& target, const std::string& folder) {
  LibraryFiles files(target, folder);
  const auto& changers = target.san().changers;
  for (size_t i = 0; i < changers.size(); ++i) {
    const auto path = files.state_file(changers[i]);
    std::error_code error;
    if (fs::exists(path, error)) {
      auto contents = read_state(path, changers[i]);
      if (!contents) return tl::make_unexpected(contents.error());
      target.restore(i, std::move(*contents));
    }
    if (auto written = files.write(i); !written) return tl::make_unexpected(written.error());
    files.written_.push_back(target.library(i).version());
  }
  return files;
}

Result<void> LibraryFiles::update() {
  for (size_t i = 0; i < written_.size(); ++i) {
    const auto version = target_.library(i).version();
    if (version == written_[i]) continue;
    if (auto written = write(i); !written) return written;
    written_[i] = version;
  }
  return {};
}

// Links first: a state file never promises a medium that the drive does not show.
Result<void> LibraryFiles::write(size_t i) const {
  const auto& changer = target_.san().changers[i];
  const auto& library = target_.library(i);
  for (size_t drive = 0; drive < changer.drives.size(); ++drive) {
    const auto& described = target_.san().drives[changer.drives[drive]];
    if (described.archive.empty()) continue;
    if (auto linked = link(changer, described, library.loaded_barcode(drive)); !linked) return linked;
  }
  return base::replace_file(state_file(changer), state_text(library.contents()), kStateMode)
      .map_error([](const std::string& why) {
        return Error{Error::Kind::device, why};
      });
}

Result<void> LibraryFiles::link(const Changer& changer, const Drive& drive, const std::string& barcode) const {
  const auto archive = full_path(drive.archive);
  if (auto made = make_folder(fs::path(archive).parent_path()); !made) return made;
  const auto which = base::replace_file(archive + ".drive", drive.serial + '\n', kStateMode);  // scsi/same_drive.h
  if (!which) return fail(Error::Kind::device, which.error());
  if (barcode.empty()) return replace_link(archive, kNoMedium);
  const auto media = fs::path(full_path(changer.media_folder));
  if (auto made = make_folder(media); !made) return made;
  const auto medium = (media / barcode).string();
  if (auto made = make_medium(medium); !made) return made;
  return replace_link(archive, medium);
}

}  // namespace shstore::scsi::target
