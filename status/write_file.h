// Files that are replaced whole.
#pragma once

#include <sys/types.h>

#include <string>
#include <tl/expected.hpp>

namespace shstore::status {

/// Writes `text` beside `path` and renames it, so that a reader sees the old file or the new one. What is
/// beside is `path` with ".new" behind it: not to be called by two at the same time for one path. The error
/// names the path and the reason.
tl::expected<void, std::string> write_whole(const std::string& path, const std::string& text, mode_t mode);

}  // namespace shstore::status
