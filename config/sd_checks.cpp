#include <fmt/format.h>

#include <array>

#include "config/typed_config.h"

namespace shstore::config {

void check_sd_resources(std::span<const TypedResource> resources, Findings& findings) {
  const TypedResource* storage = nullptr;
  for (const TypedResource& resource : resources) {
    if (resource.type != "Storage") continue;
    check_addresses(resource, "SD Addresses", "SD Address", "SD Port", findings);
    if (storage) {
      findings.add(Severity::error, resource.block->at,
                   fmt::format("only one Storage resource is allowed; the first one is on line {}",
                               storage->block->at.line),
                   Diagnostic::Kind::repeated);
    } else {
      storage = &resource;
    }
  }
  constexpr std::array<std::string_view, 4> needed{"Storage", "Director", "Device", "Messages"};
  check_types(resources, needed, "bacula-sd", findings);
}

}  // namespace shstore::config
