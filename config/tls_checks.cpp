#include <fmt/format.h>

#include "config/resource_checks.h"

namespace shstore::config {
namespace {

bool is_yes(const TypedResource& resource, std::string_view directive, bool otherwise = false) {
  const bool* const value = resource.find<bool>(directive);
  return value ? *value : otherwise;
}

}  // namespace

void check_tls(const TypedResource& resource, Findings& findings) {
  const bool is_client = resource.type == "Client";
  // Where TLS is only required, newer versions use the password, but not beside half of what certificates need.
  const bool has_a_part = !is_client && (resource.find("TLS Certificate") || resource.find("TLS Key"));
  const bool is_on = is_yes(resource, "TLS Enable") || is_yes(resource, "TLS Authenticate") ||
                     (has_a_part && is_yes(resource, "TLS Require"));
  if (!is_on && !is_yes(resource, "TLS Require")) return;
  const auto lacks = [&](std::string_view directive) {
    if (is_on) {
      return findings.missing(resource.block->at,
                              fmt::format("{}: TLS is on, but \"{}\" is missing", resource.title(), directive));
    }
    findings.diagnostics.depends(resource.block->at, fmt::format("TLS Require without {}", directive), 11);
  };
  for (const std::string_view directive : {"TLS Certificate", "TLS Key"}) {
    if (!is_client && !resource.find(directive)) lacks(directive);
  }
  if (!is_client && !is_yes(resource, "TLS Verify Peer", true)) return;
  if (!resource.find("TLS CA Certificate File") && !resource.find("TLS CA Certificate Dir")) {
    lacks("TLS CA Certificate File");
  }
}

}  // namespace shstore::config
