// Commands that run before or after a job: RunScript blocks and the short forms such as `Run Before Job = command`
// (dird/dird_conf.c, store_runscript and store_short_runscript).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/document.h"
#include "config/value.h"

namespace shstore::config {

/// One command. A block with several commands becomes several of them.
struct RunScript {
  Location at;
  std::string when;  ///< "Before", "After", "AfterVSS" or "Any"; empty if the block does not say
  bool on_success = true, on_failure = false, fail_job_on_error = true;
  Value<std::string> client;  ///< the Client that a block names; not given for the job's own client or the Director
  bool on_director = false;   ///< runs where the Director is
  bool is_console = false;    ///< a console command, not a program
  std::string command;
};

/// Errors go to `diagnostics`; what is wrong is left out.
std::vector<RunScript> read_run_script(const Directive& block, Diagnostics& diagnostics);

/// Nothing if the command is wrong, which goes to `diagnostics`.
std::optional<RunScript> read_short_run_script(const Directive& directive, Diagnostics& diagnostics);

}  // namespace shstore::config
