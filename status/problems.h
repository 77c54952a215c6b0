// What is wrong with daemons and their drives, and how bad it is: one list, which text, --check, --html, --watch, --json and
// --prometheus show. No view has an opinion of its own. No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "status/look/condition.h"
#include "status/look/snapshot.h"

namespace shstore::status {

struct Problem {
  Severity severity = Severity::critical;
  std::string code;             ///< a stable word for programs: a condition's, or one of problem_codes()
  std::vector<size_t> daemons;  ///< indices of the snapshots that it is about; empty: a daemon that could not be read
  std::optional<size_t> device{};      ///< of the first daemon's devices; nothing: it is about the daemon
  std::string what;                    ///< a few words: "Lock lost while jobs rely on it"
  std::string where;                   ///< "cibou-sd", "cibou-sd, Drive-0", a file
  std::vector<std::string> lines;      ///< for a monitor: what is the matter, each naming what it is about
  std::vector<std::string> in_full{};  ///< for people: what is the matter and what to do, without full stops
};

/// The worst first, a lost lock before all else, since tapes are being written on; what is equally bad stays in the order of
/// the daemons, and there a daemon's own problems stand before those of its drives. A daemon that shares no drive is not asked
/// whether it runs.
std::vector<Problem> problems_of(const std::vector<SdSnapshot>& daemons,
                                 const std::vector<Unreadable>& unreadable = {});

/// ok of an empty list.
Severity worst_of(const std::vector<Problem>& problems);

/// The worst that is said of this device.
Severity severity_of(const std::vector<Problem>& problems, size_t daemon, size_t device);

/// The codes besides the conditions' words.
std::vector<std::string_view> problem_codes();

}  // namespace shstore::status
