#include <fmt/format.h>

#include "config/resource_checks.h"

namespace shstore::config {

void SdChecker::add(const TypedResource& resource, Findings& findings) {
  if (resource.type == "Storage" || resource.type == "Director") check_tls(resource, findings);
  if (resource.type != "Storage") return;
  const TypedValue* const addresses = resource.find("SD Addresses");
  // lib/address_conf.c, add_address() refuses a mixture.
  if (addresses && (resource.find("SD Address") || resource.find("SD Port"))) {
    findings.add(Severity::error, addresses->written_at,
                 "SDAddresses cannot be combined with SDAddress or SDPort: put the port into the block");
  }
  const Location& at = resource.block->at;
  if (storage_line_ > 0) {
    findings.add(Severity::error, at,
                 fmt::format("only one Storage resource is allowed; the first one is on line {}", storage_line_),
                 Diagnostic::Kind::repeated);
  } else {
    storage_line_ = at.line;
  }
}

}  // namespace shstore::config
