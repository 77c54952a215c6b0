// A plugin that is not ours: what is wrong with it is said by its file's name.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "plugin/abi/bacula_abi.h"

#ifdef SHSTORE_UNDEFINED  // what no library of the process has
extern "C" void shstore_nobody_defines_this();
#endif

namespace {

namespace abi = shstore::plugin::abi;

bool named(const char* what) {
  Dl_info where{};
  static const char kHere = 0;
  return ::dladdr(&kHere, &where) != 0 && std::string(where.dli_fname).find(what) != std::string::npos;
}

abi::PluginInfo g_info{sizeof(abi::PluginInfo), 0, abi::kMagic, abi::kLicense, "nobody", "2026", "7.5", "not ours"};
abi::PluginFunctions g_functions{};

}  // namespace

extern "C" int loadPlugin(abi::Info* info, abi::Functions*, abi::PluginInfo** ours, abi::PluginFunctions** functions) {
#ifdef SHSTORE_UNDEFINED
  shstore_nobody_defines_this();
#endif
  g_info.version = named("interface") ? 12 : info->version;
  if (named("magic")) g_info.magic = "*BaculaFDPluginData*";
  if (named("licence")) g_info.license = "GPLv3";
  if (named("bacula-licence")) g_info.license = "Bacula";
  if (named("size")) g_info.size = 48;
  if (named("refuses")) return abi::rc_error;
  if (named("dies")) std::abort();
  if (named("leaves")) ::_exit(0);
  if (named("hangs")) ::sleep(600);
  *ours = &g_info;
  *functions = &g_functions;
  return abi::rc_ok;
}

extern "C" int unloadPlugin() { return abi::rc_ok; }
