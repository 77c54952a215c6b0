#include "fake_bacula.h"

#include <dlfcn.h>
#include <pthread.h>

#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <stdexcept>

namespace abi = shstore::plugin::abi;

class JCR {
 public:
  char before[248];
  char* errmsg;
  char Job[128];
  char between[132];
  uint32_t JobId;
  std::atomic<bool> failed;  // JobStatus, in truth
};
static_assert(offsetof(JCR, errmsg) == 248 && offsetof(JCR, Job) == 256 && offsetof(JCR, JobId) == 516);

class DCR {
 public:
  char before[32];
  JCR* jcr;
  const fake_bacula::Device* dev;
};
static_assert(offsetof(DCR, jcr) == 32 && offsetof(DCR, dev) == 40);

// ---- what the plugin finds by name

namespace {

constexpr size_t kPoolSize = 4096;
constexpr int kFatal = 3;  // M_FATAL

void format_and_forget(const char* format, va_list arguments) {
  char text[2000];
  std::vsnprintf(text, sizeof text, format, arguments);
}

JCR* jcr_of(const abi::Context* context) { return context ? *static_cast<JCR**>(context->bacula) : nullptr; }

}  // namespace

char* configfile = nullptr;
pthread_cond_t wait_device_release = PTHREAD_COND_INITIALIZER;

extern "C" int generate_plugin_event() { return 0; }

char* sm_get_pool_memory(const char*, int, int) { return static_cast<char*>(std::calloc(1, kPoolSize)); }
void sm_free_pool_memory(const char*, int, char* text) { std::free(text); }

int pm_strcpy(char*& to, const char* text) {
  std::snprintf(to, kPoolSize, "%s", text);
  return static_cast<int>(std::strlen(to));
}

char* edit_device_codes(DCR* dcr, char* text, const char* codes, const char*) {
  std::string out;
  for (const char* c = codes; *c != '\0'; ++c) {
    if (*c != '%') {
      out += *c;
    } else if (*++c == 'a') {
      out += dcr->dev->archive;
    } else if (*c == 'l') {
      out += dcr->dev->control;
    } else if (*c == 'v') {
      out += "TAPE-1";
    } else {
      std::abort();
    }
  }
  pm_strcpy(text, out.c_str());
  return text;
}

void Qmsg(JCR* jcr, int type, long, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  format_and_forget(format, arguments);
  va_end(arguments);
  if (jcr && type == kFatal) jcr->failed = true;
}

// ---- the callbacks

namespace {

int register_events(abi::Context*, ...) { return abi::rc_ok; }

int get_value(abi::Context* context, int variable, void* value) {
  JCR* jcr = jcr_of(context);
  if (variable == abi::variable_job_id) *static_cast<int*>(value) = static_cast<int>(jcr->JobId);
  if (variable == abi::variable_job_name) *static_cast<char**>(value) = jcr->Job;
  return abi::rc_ok;
}

int set_value(abi::Context*, int, void*) { return abi::rc_ok; }

int job_message(abi::Context* context, const char*, int, int type, int64_t, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  format_and_forget(format, arguments);
  va_end(arguments);
  if (JCR* jcr = jcr_of(context); jcr && type == kFatal) jcr->failed = true;
  return abi::rc_ok;
}

int debug_message(abi::Context*, const char*, int, int, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  format_and_forget(format, arguments);
  va_end(arguments);
  return abi::rc_ok;
}

constexpr uint32_t kInterface = 12;
abi::Info info{sizeof(abi::Functions), kInterface};
abi::Functions functions{sizeof(abi::Functions),
                         kInterface,
                         register_events,
                         get_value,
                         set_value,
                         job_message,
                         debug_message,
                         reinterpret_cast<void*>(&edit_device_codes)};

using Load = int (*)(abi::Info*, abi::Functions*, abi::PluginInfo**, abi::PluginFunctions**);

template <class F>
F symbol(void* library, const char* name) {
  const auto found = reinterpret_cast<F>(::dlsym(library, name));
  if (found == nullptr) throw std::runtime_error(::dlerror());
  return found;
}

}  // namespace

// ---- a daemon and its jobs

namespace fake_bacula {

Daemon::Daemon(const std::string& plugin, const std::string& config) {
  struct sigaction empty {};
  empty.sa_handler = [](int) {};
  ::sigaction(SIGUSR2, &empty, nullptr);  // Bacula's TIMEOUT_SIGNAL
  configfile = ::strdup(config.c_str());
  void* library = ::dlopen(plugin.c_str(), RTLD_NOW);
  if (library == nullptr) throw std::runtime_error(::dlerror());
  abi::PluginInfo* theirs = nullptr;
  unload_ = symbol<int (*)()>(library, "unloadPlugin");
  if (symbol<Load>(library, "loadPlugin")(&info, &functions, &theirs, &plugin_) != abi::rc_ok ||
      theirs->version != kInterface) {
    throw std::runtime_error(plugin + " is not compatible");
  }
  const Job start(*this, 0);
}

Daemon::~Daemon() {
  unload_();
  std::free(configfile);
  configfile = nullptr;
}

Job::Job(Daemon& daemon, uint32_t id) : plugin_(daemon.plugin_), jcr_(new JCR{}) {
  jcr_->errmsg = sm_get_pool_memory("", 0, 0);
  jcr_->JobId = id;
  // As dird/job.c makes it: all jobs are of one name, by which the plugin remembers how long they take.
  std::snprintf(jcr_->Job, sizeof jcr_->Job, "job.2026-11-30_01.05.00_%02u", id);
  bacula_context_.jcr = jcr_;
  context_.bacula = &bacula_context_;
  plugin_->new_plugin(&context_);
  if (id != 0) event(abi::event_job_start, nullptr);
}

Job::~Job() { end(); }

int Job::event(uint32_t type, const Device* device) {
  abi::SdEvent what{type};
  DCR dcr{};
  dcr.jcr = jcr_;
  dcr.dev = device;
  return plugin_->handle_event(&context_, &what, device ? &dcr : nullptr);
}

bool Job::try_open(const Device& device) { return event(abi::event_device_try_open, &device) == abi::rc_ok; }
bool Job::open(const Device& device) { return event(abi::event_device_open, &device) == abi::rc_ok; }
void Job::close(const Device& device) { event(abi::event_device_close, &device); }

void Job::end() {
  if (jcr_ == nullptr) return;
  if (jcr_->JobId != 0) event(abi::event_job_end, nullptr);
  plugin_->free_plugin(&context_);
  sm_free_pool_memory("", 0, jcr_->errmsg);
  delete jcr_;
  jcr_ = nullptr;
}

bool Job::sleep() {
  const timespec half_a_minute{30, 0};
  return ::nanosleep(&half_a_minute, nullptr) != 0;
}

std::string Job::waiting_text() const { return jcr_->errmsg; }
bool Job::failed() const { return jcr_->failed; }

}  // namespace fake_bacula
