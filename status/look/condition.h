// What a drive's lock amounts to, in one word for programs and in sentences for the administrator. Every
// renderer says it in these words. No I/O.
#pragma once

#include <string>
#include <vector>

#include "status/look/snapshot.h"

namespace shstore::status {

enum class Condition {
  not_shared,     ///< no Lock Command
  free,           ///< nobody holds it
  locked,         ///< jobs of this daemon use it
  kept,           ///< no job uses it, but the daemon still has it open
  promised,       ///< locked ahead for a job that has been told to come
  blocked,        ///< another key holds it
  other_product,  ///< something that is no Storage Daemon holds it
  yielding,       ///< free, and it is another daemon's turn
  lost,           ///< jobs rely on a lock that is gone
  must_close,     ///< it was lost, and the daemon still has the device open: no job gets it
  contradicts,    ///< the plugin says that it holds the lock, and the drive says that it does not
  unprotected,    ///< the daemon runs and does not lock it: without the plugin, or started before the device was shared
  left_behind,    ///< locked under this host's key, and the daemon does not run
  holder_unknown,   ///< locked under this host's key, and it is not known whether the daemon runs
  not_ours,         ///< locked under this host's key, but not by the plugin
  duplicate_key,    ///< another host uses this host's key
  misconfigured,    ///< the configuration does not say how it is locked
  own_command,      ///< locked by a command of the site's own: the drive's key is not known
  unsupported,      ///< the drive knows no persistent reservations
  spc2_reserved,    ///< another host holds it by the old RESERVE command
  no_answer,        ///< not within the deadline
  cannot_be_asked,  ///< the control device cannot be opened, or the drive answers with an error
};

Condition condition_of(const SdSnapshot& sd, const DeviceSnapshot& device);

/// "free", "left-behind", ...: stable words for programs.
std::string word(Condition condition);

/// All of them, for those who list the words.
std::vector<Condition> all_conditions();

/// As a Nagios plugin counts: how bad the condition is, whatever its age.
enum class Severity : int { ok = 0, warning = 1, critical = 2, unknown = 3 };
/// Of the condition alone; contradicts is critical while jobs rely on the lock.
Severity severity_of(Condition condition);
Severity severity_of(const SdSnapshot& sd, const DeviceSnapshot& device);

/// Critical is worse than warning, that than unknown, that than ok: as the guidelines for Nagios plugins rank them.
bool is_worse(Severity a, Severity b);
/// "ok", "warning", "critical", "unknown": stable words for programs.
const char* word(Severity severity);

/// Sentences without their full stops, keys with names: what is the matter and what to do. None for a drive
/// that is free, locked or blocked, about which the white paper's lines say it all.
std::vector<std::string> remarks_on(const SdSnapshot& sd, const DeviceSnapshot& device);

}  // namespace shstore::status
