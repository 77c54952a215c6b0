// Where Bacula's files are on the systems that this was built for (cmake -DSHSTORE_SCRIPTS_DIR=...).
#pragma once

#include <string_view>

namespace shstore::base {

/// The folder of bacula-sd.conf and bconsole.conf: "/etc/bacula", or "/opt/bacula/etc".
std::string_view etc_dir();

}  // namespace shstore::base
