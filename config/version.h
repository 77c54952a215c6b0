// The versions of Bacula whose configuration is told apart, by the numbers of DirectiveInfo::since: 9 is 9.6.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/document.h"

namespace shstore::config {

/// "9.6", "11", "13" or "15".
std::string to_text(int version);

/// Of "9.6.7", "15", "13.0.4" and the like: 9, 11, 13 or 15, the newest of them that is not newer. Nothing for what is no
/// version, or one before 9.
std::optional<int> version_of(std::string_view written);

/// Of a file name such as libbacsd-15.0.3.so, which each Storage Daemon comes with.
std::optional<int> version_of_library(std::string_view file_name);
/// The same as it is written there, a view of `file_name`: "15.0.3"; empty: it is no such library.
std::string_view text_of_library(std::string_view file_name);

bool accepts(int version, const VersionBound& bound);

}  // namespace shstore::config
