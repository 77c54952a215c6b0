// shstore-sd.so: what bacula-sd calls. An adapter and nothing more: Bacula's events come in, plugin/admission.h and the engine
// decide; the parts are in plugin/parts.h.
//
// No exception leaves this file. A device that is configured for locking is refused whenever anything about it is not
// understood; a device that is not shared is none of our business.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <memory>

#include "plugin/assembly.h"
#include "plugin/life.h"
#include "plugin/messages.h"
#include "plugin/parts.h"
#include "plugin/tool.h"

namespace shstore::plugin {
namespace {

#ifndef SHSTORE_HAND_OFF  // tests/bench builds the plugin without it too, to compare
#define SHSTORE_HAND_OFF true
#endif

Plugin* g_plugin = nullptr;

// The side of bacula-sd in one event: the job's context, and the DCR whose device it is about.
class DaemonCaller final : public Caller {
 public:
  DaemonCaller(Plugin& p, abi::Context& context, void* dcr)
      : daemon_(p.daemon), log_(p.log), context_(context), dcr_(dcr) {}
  const void* dcr() const override { return dcr_; }
  std::optional<std::string> edit_device_codes(const char* codes) const override {
    return daemon_.edit_device_codes(context_, dcr_, codes);
  }
  bool begins_to_append(const std::string& archive) const override {
    return daemon_.begins_to_append(context_, dcr_, archive);
  }
  void set_reserve_message(const std::string& text) const override { daemon_.set_reserve_message(context_, text); }
  void message(MessageType type, const std::string& text) const override {
    log(text);
    daemon_.message(&context_, type, text);
  }
  void debug(const std::string& text) const override { daemon_.debug(&context_, kDebugLevel, text); }
  void note(const std::string& text) const override { log(text); }

 private:
  void log(const std::string& text) const {
    const auto job = daemon_.job_id(context_);
    const bool named = job == 0 || text.find("JobId=") != std::string::npos;
    log_.line(named ? text : fmt::format("JobId={}: {}", job, text));
  }

  const Daemon& daemon_;
  DebugLog& log_;
  abi::Context& context_;
  void* const dcr_;
};

// Runs `body`; an exception becomes `otherwise`, so that a job is refused rather than let through.
template <class Body>
int guarded(int otherwise, Body body) noexcept {
  try {
    return g_plugin == nullptr ? abi::rc_ok : body(*g_plugin);
  } catch (...) {
    return otherwise;
  }
}

int new_plugin(abi::Context* context) {
  // Any other answer than OK would let the job run without the plugin. One without a Job of ours is refused later.
  return guarded(abi::rc_ok, [&](Plugin& p) {
    context->plugin = nullptr;
    p.daemon.check_layout(*context);
    start(p, *context);
    auto* job = new Job{p.next_owner++, p.daemon.job_id(*context)};
    context->plugin = job;
    p.jobs.begin(job->owner, Daemon::jcr_of(*context), job->id, p.daemon.job_name(*context),
                 p.daemon.job_half(*context));
    if (job->id != 0) tell_limits(p, *context);
    return abi::rc_ok;
  });
}

int free_plugin(abi::Context* context) {
  return guarded(abi::rc_ok, [&](Plugin& p) {
    if (const auto* job = static_cast<const Job*>(context->plugin)) {
      p.jobs.end(job->owner);
      p.drives->end(job->owner);
      delete job;
    }
    context->plugin = nullptr;
    return abi::rc_ok;
  });
}

int no_value(abi::Context*, int, void*) { return abi::rc_ok; }

// Close events are not looked at: they come twice, for other jobs, before the device is closed, from a signal handler
// at shutdown, or not at all. A job's claims end with the job.
int handle_event(abi::Context* context, abi::SdEvent* event, void* value) {
  return guarded(abi::rc_error, [&](Plugin& p) -> int {
    auto* job = static_cast<Job*>(context->plugin);
    const DaemonCaller caller(p, *context, value);
    switch (event->type) {
      case abi::event_device_try_open: return p.admission->try_open(job, caller) ? abi::rc_ok : abi::rc_error;
      case abi::event_device_open: return p.admission->open(job, caller) ? abi::rc_ok : abi::rc_error;
      case abi::event_job_end:
        if (job) p.admission->conclude(*job, caller);
        return abi::rc_ok;
      default: return abi::rc_ok;
    }
  });
}

// A daemon's are for us in handle_event.
int handle_global_event(abi::SdEvent* event, void* value) {
  if (event != nullptr) tool_event(event->type, value);
  return abi::rc_ok;
}

abi::PluginInfo g_info = {sizeof(abi::PluginInfo),
                          0,
                          abi::kMagic,
                          abi::kLicense,
                          "the shstore authors",
                          "2026",
                          SHSTORE_VERSION,
                          "shares tape drives between Storage Daemons by SCSI persistent reservation"};

abi::PluginFunctions g_functions = {
    sizeof(abi::PluginFunctions), 0, new_plugin, free_plugin, no_value, no_value, handle_event, handle_global_event};

}  // namespace
}  // namespace shstore::plugin

#define SHSTORE_EXPORT extern "C" __attribute__((visibility("default")))

SHSTORE_EXPORT int loadPlugin(shstore::plugin::abi::Info* info, shstore::plugin::abi::Functions* functions,
                              shstore::plugin::abi::PluginInfo** our_info,
                              shstore::plugin::abi::PluginFunctions** our_functions) {
  using namespace shstore::plugin;
  try {
    g_info.version = g_functions.version = info->version;
    *our_info = &g_info;
    *our_functions = &g_functions;
    auto plugin = std::make_unique<Plugin>(*info, *functions, SHSTORE_VERSION);
    if (!plugin->daemon.is_storage_daemon()) {
      set_up_tool(plugin->daemon);
      return abi::rc_ok;
    }
    set_up(*plugin, SHSTORE_HAND_OFF);
    g_plugin = plugin.release();
    return abi::rc_ok;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "shstore: the plugin cannot start, drives are NOT protected: %s\n", e.what());
    return abi::rc_error;
  }
}

// Called when the daemon ends and its devices are still open.
SHSTORE_EXPORT int unloadPlugin() {
  using namespace shstore::plugin;
  return guarded(abi::rc_ok, [](Plugin& p) {
    stop(p);
    return abi::rc_ok;
  });
}
