// Files that are replaced as a whole.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace shstore::status {

/// Writes beside (PATH.new) and renames, so that a reader sees the old text or the new one. The error names the path and
/// the reason. Not to be called by two threads for one path.
tl::expected<void, std::string> replace_file(const std::string& path, std::string_view text, mode_t mode);

/// All of it. The error names the path and the reason.
tl::expected<std::string, std::string> read_whole_file(const std::string& path);

/// write(2) until all of it is written: 0, or errno.
int write_all(int fd, std::string_view text);

/// "cannot read /x/y: Permission denied"
std::string file_error(const std::string& what, const std::string& path, int error);

}  // namespace shstore::status
