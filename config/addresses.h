// The SDAddresses block: `{ ip = { addr = host; port = 9103 } ... }` (lib/address_conf.c, store_addresses).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/document.h"
#include "config/value.h"

namespace shstore::config {

struct Endpoint {
  TextValue address;     ///< an IP address or host name, unresolved; not given: all addresses
  Value<uint32_t> port;  ///< not given: the default port
};

/// The endpoints of a directive that has a block. Errors go to `diagnostics`, and the endpoint is left out.
std::vector<Endpoint> read_endpoints(const Directive& directive, Diagnostics& diagnostics);

}  // namespace shstore::config
