// Where storage-ctl.conf is: the same place for storage-ctl and for the plugin, which knows storage-ctl by its name in
// Lock Command only.
#pragma once

#include <string>

#include "scsi/error.h"

namespace shstore::scsi {

/// The storage-ctl.conf that belongs to this storage-ctl: beside it, or, where the program is a symbolic link, beside anything
/// that the link leads to; of a program in a folder bin or sbin also in the scripts folder of Bacula (/etc/bacula/scripts,
/// /opt/bacula/scripts), because that is where Bacula's users look for it. Two of them that differ are an error: which key
/// counts must not depend on the name by which the program was called. Where there is none, the path beside `program`.
Result<std::string> conf_of_program(const std::string& program);

/// As this process was started: the path of its program, links not resolved.
std::string own_program();

}  // namespace shstore::scsi
