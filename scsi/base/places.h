// Where Bacula's files are on the systems that this was built for (cmake -DSHSTORE_SCRIPTS_DIR=..., -DSHSTORE_PLUGIN_DIR=...): so that
// what a help text says can be pasted.
#pragma once

#include <string>
#include <string_view>

namespace shstore::base {

std::string_view scripts_dir();  ///< "/etc/bacula/scripts", or "/opt/bacula/scripts"
std::string_view etc_dir();      ///< of bacula-sd.conf and bconsole.conf: "/etc/bacula", or "/opt/bacula/etc"
std::string_view plugin_dir();   ///< "/usr/lib/bacula", or "/opt/bacula/plugins"

/// An example that names one system's folder of scripts or of plugins, with this system's.
std::string with_own_places(std::string text);

}  // namespace shstore::base
