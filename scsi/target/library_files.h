// What the file system shows of the libraries: where the media are, and which of them each drive has loaded.
#pragma once

#include <string>
#include <vector>

#include "scsi/error.h"
#include "scsi/target/target.h"

namespace shstore::scsi::target {

/// Where an empty drive's archive link leads. Nothing can ever be there, and nobody can create it: a Vtape
/// device of Bacula finds no medium (vtape_dev.c, vtape::d_open), and a File device, which opens with O_CREAT
/// (file_dev.c, file_dev::open_device), makes no file that would be a cartridge of nobody's.
inline constexpr const char* kNoMedium = "/dev/null/no-medium";

/// For each changer of the San a file FOLDER/<changer>.state that outlives the process, and for each drive
/// with an archive a link to MEDIA-FOLDER/<barcode>, which is created empty if it is not there. Files and
/// links are replaced atomically. Relative paths of the San are relative to the served folder.
class LibraryFiles {
 public:
  /// Gives `target`, which outlives this, the contents that the state files hold, and makes the links fit.
  /// Errors are of kind config (a state file that does not fit) or device (the file system refuses).
  static Result<LibraryFiles> open(Target& target, const std::string& folder);

  /// Makes the files fit what the libraries hold now. Cheap if nothing has changed since it was called last.
  /// After an error (of kind device) the next call tries again.
  Result<void> update();

 private:
  LibraryFiles(const Target& target, std::string folder) : target_(target), folder_(std::move(folder)) {}
  std::string state_file(const Changer& changer) const;
  std::string full_path(const std::string& path) const;
  Result<void> write(size_t changer) const;
  Result<void> link(const Changer& changer, const Drive& drive, const std::string& barcode) const;

  const Target& target_;
  std::string folder_;
  std::vector<uint64_t> written_;  // the Library::version() that is on disk
};

}  // namespace shstore::scsi::target
