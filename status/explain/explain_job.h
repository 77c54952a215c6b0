// Why does my job wait? What one job does in one Storage Daemon, and for a job that waits for a drive: every
// drive that it could have, and what keeps it from it. No I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "status/explain/selection_input.h"

namespace shstore::status {

/// One drive in the way of a job to its end.
struct DriveExplanation {
  std::string device;                     ///< "Drive-0" (/dev/nst0), quotes included
  bool given = false;                     ///< the job would get this drive if it asked now
  std::string why, what_to_do;            ///< sentences without their full stops; what_to_do may be empty
  std::string line;                       ///< the 36xx line that belongs to it; empty: bacula-sd is silent about it
  std::optional<record::WallTime> since;  ///< when the plugin first refused this drive to the job
  std::vector<std::string> also;          ///< further obstacles met, in words
};

struct JobExplanation {
  enum class State {
    unknown,  ///< this daemon knows no such job
    ended,
    has_drive,  ///< it uses a drive or has been promised one
    waits,      ///< for a drive
    planned,    ///< the daemon does not know it; what it would get was asked for with --device
  };
  State state = State::unknown;
  uint32_t job = 0;
  std::string summary;               ///< the answer in one sentence
  std::vector<std::string> remarks;  ///< what else is said about the drive that it has
  std::vector<DriveExplanation>
      drives;  ///< waits and planned: every drive that comes into question, in the model's order
  std::vector<std::string> bacula_says;  ///< waits: the lines that bacula-sd shows for the job at this moment
  std::vector<std::string> expected;     ///< waits and planned: the lines that the same rules give for what is known
  std::string chosen;                    ///< waits and planned: the Device that it would get now; empty: none
  std::vector<std::string> unknown;      ///< what is not known and what was taken instead
};

JobExplanation explain_job(const SdKnowledge& known, uint32_t job, const WishHints& hints);

std::string to_text(const JobExplanation& explanation);
/// One object, pretty-printed, with a final newline.
std::string to_json(const JobExplanation& explanation);

}  // namespace shstore::status
