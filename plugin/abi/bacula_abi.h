// Bacula's Storage Daemon plugin interface, without Bacula's headers: the structures that cross the border, for amd64.
// Sources: bacula 9.6.7 to 15.0.3, stored/sd_plugins.h and lib/plugins.h. Each layout is checked by static_assert.
#pragma once

#include <cstddef>
#include <cstdint>

namespace shstore::plugin::abi {

// bRC (lib/plugins.h)
enum Bacula_rc : int { rc_ok = 0, rc_stop = 1, rc_error = 2 };

// bsdEventType (stored/sd_plugins.h)
enum Event : uint32_t {
  event_job_start = 1,
  event_job_end = 2,
  event_device_init = 3,
  event_device_open = 4,
  event_device_try_open = 5,
  event_device_close = 6,
};

// bsdrVariable: the only two that bacula-sd answers.
enum Variable : int { variable_job_id = 4, variable_job_name = 11 };

struct Context {
  void* bacula;  ///< begins with the job's JCR*, in every version
  void* plugin;  ///< ours
};

struct SdEvent {
  uint32_t type;
};

struct Info {
  uint32_t size, version;  ///< size is that of Functions as the daemon has it
};

struct Functions {
  uint32_t size, version;
  int (*register_events)(Context*, ...);
  int (*get_value)(Context*, int variable, void* value);
  int (*set_value)(Context*, int variable, void* value);
  int (*job_message)(Context*, const char* file, int line, int type, int64_t mtime, const char* format, ...);
  int (*debug_message)(Context*, const char* file, int line, int level, const char* format, ...);
  void* edit_device_codes;  ///< see EditCodes9 and EditCodes15
};

using EditCodes9 = char* (*)(void* dcr, char* omsg, const char* imsg, const char* command);
using EditCodes15 = void (*)(void* dcr, char** omsg, const char* imsg, const char* command);

struct PluginInfo {
  uint32_t size, version;
  const char *magic, *license, *author, *date, *plugin_version, *description;
};

struct PluginFunctions {
  uint32_t size, version;
  int (*new_plugin)(Context*);
  int (*free_plugin)(Context*);
  int (*get_plugin_value)(Context*, int variable, void* value);
  int (*set_plugin_value)(Context*, int variable, void* value);
  int (*handle_event)(Context*, SdEvent*, void* value);
  int (*handle_global_event)(SdEvent*, void* value);
};

static_assert(sizeof(PluginInfo) == 56 && offsetof(PluginInfo, magic) == 8 && offsetof(PluginInfo, description) == 48);
static_assert(sizeof(PluginFunctions) == 56 && offsetof(PluginFunctions, handle_event) == 40);
static_assert(sizeof(Functions) == 56 && offsetof(Functions, job_message) == 32);
static_assert(offsetof(Functions, edit_device_codes) == 48);
static_assert(sizeof(Info) == 8 && sizeof(Context) == 16);

inline constexpr const char* kMagic = "*BaculaSDPluginData*";
inline constexpr const char* kLicense = "AGPLv3";  // one of those that bacula-sd accepts

}  // namespace shstore::plugin::abi
