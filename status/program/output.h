// Writing what a command made to the file that an option names.
#pragma once

#include <string>

#include "status/program/command.h"

namespace shstore::status {

/// As base::write_output(), mode 0644 (a web server or node_exporter reads it as another user). A configuration that was read
/// for it is not written over. Says what went wrong on standard error. kDone, kUsage or kDevice.
int write_to_file(const Request& request, const std::string& path, const std::string& text);

}  // namespace shstore::status
