// The program that storage-ctl.conf names in `notify`: may the daemon run it?
#pragma once

#include <sys/types.h>

#include <string>

namespace shstore::scsi {

/// Why it is not run; empty: it is. Whoever may write the program decides what bacula-sd's user does, so it must be a regular
/// file that user can execute, of root or of that user, which neither group nor others may write, in folders that others may
/// not write either (a folder like /tmp, in which nobody replaces another's file, is none of these). `user`: 0 looks at it as root.
std::string why_not_run(const std::string& program, uid_t user);

}  // namespace shstore::scsi
