// Where the history of an SD's locks lies on disk, and how it is read. plugin/history_writer.h writes it.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace shstore::record {

/// "/var/lib/bacula/cibou-sd.shstore.history"
std::string history_path(const std::string& working_directory, const std::string& sd_name);

/// Its text, for parse_history(). The error names the path and the reason.
tl::expected<std::string, std::string> read_history_text(const std::string& path);

}  // namespace shstore::record
