// What the words mean that programs and alarms show: the states of a drive and of a daemon. For shstore-status --explain. No I/O.
#pragma once

#include <string>
#include <vector>

#include "status/look/condition.h"

namespace shstore::status {

/// `what` and `action` are whole sentences. An empty `action`: nothing is to be done.
struct Meaning {
  std::string kind;      ///< "state of a drive", "state of a daemon"
  std::string word;      ///< as --json and the metrics have it
  std::string severity;  ///< what --check says of it: "OK", "WARNING", ...; empty: it has no severity of its own
  std::string what;
  std::string action;
};

/// Every state of a drive (condition.h), then every state of a daemon (Life in snapshot.h).
std::vector<Meaning> meanings();

}  // namespace shstore::status
