// Asking a Director for the status of one of its Storage Daemons, through bconsole.
#pragma once

#include <chrono>
#include <string>
#include <tl/expected.hpp>

namespace shstore::status {

struct BconsoleRequest {
  std::string configuration;         ///< bconsole.conf
  std::string storage;               ///< a Storage resource of the Director
  std::string program = "bconsole";  ///< looked for in PATH if it has no slash
  std::chrono::seconds deadline{30};
};

/// What `status storage=NAME` printed. Runs bconsole without a shell; one that does not end in time is
/// killed with what it started. The error says what was run and what went wrong. Not to be called by a process that reaps unknown
/// children.
tl::expected<std::string, std::string> bacula_status_text(const BconsoleRequest& request);

}  // namespace shstore::status
