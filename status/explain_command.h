// shstore-status --explain-job: collects what can be known about one Storage Daemon and prints what
// explain_job() says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "status/bconsole.h"
#include "status/selection_input.h"

namespace shstore::status {

struct ExplainRequest {
  uint32_t job = 0;
  WishHints hints;
  std::string
      bacula_status;         ///< a file with the output of `status storage`, "-": standard input; empty: none
  BconsoleRequest bconsole;  ///< used if its configuration is not empty
  bool json = false;
};

/// What the daemon's configuration, state file and drives gave; the caller has read them already.
struct SdFacts {
  const config::SdConfig& config;
  const changer::SharedDevices& shared;
  const KnownState& state;
  const std::vector<LiveLock>& live;
};

/// How it ended: the program's exit status is made of this.
enum class ExplainResult {
  explained,
  unknown_job,  ///< this daemon does not know the job
  cannot_ask,   ///< bconsole or the file gave no status
};

/// Prints to standard output; errors go to standard error.
ExplainResult explain(const SdFacts& facts, const ExplainRequest& request);

}  // namespace shstore::status
