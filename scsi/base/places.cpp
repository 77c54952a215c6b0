#include "scsi/base/places.h"

#include <array>

namespace shstore::base {
namespace {

constexpr std::string_view kScripts = SHSTORE_SCRIPTS_DIR, kPlugins = SHSTORE_PLUGIN_DIR;
constexpr std::array<std::string_view, 2> kScriptsElsewhere = {"/etc/bacula/scripts", "/opt/bacula/scripts"};
constexpr std::string_view kPluginsElsewhere = "/opt/bacula/plugins";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from == to) return;
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

}  // namespace

std::string_view scripts_dir() { return kScripts; }
std::string_view etc_dir() { return kScripts.starts_with("/opt/bacula/") ? "/opt/bacula/etc" : "/etc/bacula"; }
std::string_view plugin_dir() { return kPlugins; }

std::string with_own_places(std::string text) {
  for (const auto folder : kScriptsElsewhere) replace_all(text, folder, kScripts);
  replace_all(text, kPluginsElsewhere, kPlugins);
  return text;
}

}  // namespace shstore::base
