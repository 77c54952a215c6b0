// Puts new texts into files, so that at every moment each file is whole: the old one or the new one.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace shstore::config::lint {

struct FileChange {
  std::string path;
  std::string before;  ///< the bytes that were read
  std::string after;
};

/// Writes all of them or, as far as that can be known beforehand, none: each new text is complete on the disk
/// beside its file before the first file is replaced. Mode, owner, group and access control list are kept; a
/// symbolic link stays and its target is replaced. Refused, with a message that names the file and what to
/// do: a file that is no longer as it was read, that is not a regular file, that has other hard links (they
/// would keep the old text), whose owner cannot be kept, a folder that cannot be written, a full disk.
/// Nothing is left behind then.
tl::expected<void, std::string> write_files(const std::vector<FileChange>& changes);

}  // namespace shstore::config::lint
