// Files that are replaced whole.
#pragma once

#include <sys/types.h>

#include <string>
#include <tl/expected.hpp>

namespace shstore::record {

/// Writes `text` beside `path` and renames it, so that a reader sees the old file or the new one, also where two write at
/// the same time. What is beside is `path` with a "." and six characters behind it; a process that is killed leaves it
/// there. The error names the path and the reason.
tl::expected<void, std::string> write_whole(const std::string& path, const std::string& text, mode_t mode);

}  // namespace shstore::record
