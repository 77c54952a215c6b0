#include <fmt/format.h>

#include "config/command_words.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

bool runs_reset_storageid(const RunScript& script) {
  return runs_program(command_words(script.command), "reset-storageid");
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  for (const DirJob& job : site.director->jobs) {
    for (const RunScript& script : job.run_scripts) {
      if (!runs_reset_storageid(script)) continue;
      report.add(place(*site.director, script.at),
                 fmt::format("{} \"{}\" runs reset-storageid, which is not needed since version 6.0.2",
                             job.is_job_defs ? "JobDefs" : "Job", *job.name),
                 "remove it, and say by Shared Storage which Autochangers are one library");
    }
  }
}

}  // namespace

const Rule shs045{"SHS045", Level::info, "reset-storageid is still run", check,
                  R"(What: A job runs the script reset-storageid.

Why: In version 6.0.1 it made the Volumes of one Storage visible to another, before `update slots`, once a
day. Since version 6.0.2 Shared Storage in the Autochanger resource does this at all times. The script
changes the catalog behind the Director's back: it says of Volumes that are loaded elsewhere that they are
here.

Example:
    Job {
      Name = share-volumes
      Type = Admin
      Run Before Job = ")" SHSTORE_SCRIPTS_DIR R"(/reset-storageid LTO-9 Changer-2"
      ...
    }

Fix: Remove it, and write Shared Storage = Changer-1 in the second host's Autochanger resource (SHS024).)"};

}  // namespace shstore::config::lint
