// Would bacula-sd load this plugin and take it? bacula-sd itself says little or nothing where it does not, and runs on without:
// so the file is looked at and loaded here as bacula-sd does it (lib/plugins.c, load_plugins; stored/sd_plugins.c,
// is_plugin_compatible), in a process of its own, of which nothing stays in ours.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace shstore::plugin {

struct LoadCheck {
  bool loads = false;
  std::string text;  ///< the plugin's version; or why bacula-sd would run without it, as the end of "FILE: "
};

/// `interfaces`: the versions of the plugin interface of the daemons that it has to serve; it must do for each of them.
/// Call it before this process has threads. What the plugin writes to standard error stays visible.
LoadCheck check_load(const std::string& file, const std::vector<uint32_t>& interfaces,
                     std::chrono::milliseconds deadline = std::chrono::seconds(20));

/// The versions of the plugin interface that a bacula-sd has: one if `program` names the version of its library
/// (libbacsd-9.6.7.so), else all there are, 12 (Bacula 9) and 13 (Bacula 11 to 15).
std::vector<uint32_t> interfaces_of(const std::string& program);

}  // namespace shstore::plugin
