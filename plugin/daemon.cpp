#include "plugin/daemon.h"

#include <dlfcn.h>
#include <libintl.h>
#include <errno.h>  // program_invocation_short_name
#include <pthread.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "reserve/record/state.h"
#include "scsi/base/printable.h"

namespace shstore::plugin {
namespace {

// Where a build keeps the text that TryOpen may set, and the fields by which that is proven (bytes from the JCR; the
// fields errmsg, Job and JobId of jcr.h, class JCR), on amd64. 9.6.7 and 15.0.3 are Debian's builds; 11.0.6 and 13.0.3 were
// built by hand from the public source. 13.0.4 is Ubuntu 24.04's (docs/versions.md says what was run with it).
// sd_client: as job_cmd() of Debian's builds sets it; 0: not known. It is the last but one of a row of `flags` bools, before which come
// the pointers director, write_store, read_store and reserve_msgs.
struct JcrLayout {
  std::string_view version;
  size_t errmsg, job_name, job_id, sd_client, flags;
};

// Where a build keeps what a device is doing (bytes from the DEVICE; m_fd, num_writers, state and dev_type of stored/dev.h), on amd64:
// Debian's builds. That m_fd is an open descriptor of the very tape shows that it is that structure.
struct DeviceLayout {
  std::string_view version;
  size_t fd, writers, state, type;
};
constexpr std::array kDeviceLayouts = {DeviceLayout{"9.6.7", 480, 492, 500, 520},
                                       DeviceLayout{"15.0.3", 504, 516, 524, 544}};
constexpr int kTapeDevice = 2;                                    // B_TAPE_DEV
constexpr uint32_t kStateAppend = 1U << 8, kStateRead = 1U << 9;  // ST_APPEND, ST_READ

constexpr size_t kDebugPiece = 1900;  // bacula-sd cuts what is longer than 2000 bytes (sd_plugins.c, baculaDebugMsg)
constexpr std::array kJcrLayouts = {
    JcrLayout{"9.6.7", 248, 256, 516, 1460, 6},  JcrLayout{"11.0.6", 248, 256, 516, 0, 0},
    JcrLayout{"13.0.3", 256, 264, 524, 0, 0},    JcrLayout{"13.0.4", 256, 264, 524, 0, 0},
    JcrLayout{"15.0.3", 264, 272, 536, 1654, 8},
};

// Those that load plugins of the Storage Daemon without being one (load_sd_plugins in stored/btape.c, bls.c, ...).
constexpr std::array<std::string_view, 5> kTools = {"bcopy", "bextract", "bls", "bscan", "btape"};

// DCR::jcr and DCR::dev (stored/dev.h) are at these places in 9.6 to 15; jcr is compared before dev is believed.
constexpr size_t kDcrJcr = 32;
constexpr size_t kDcrDev = 40;

constexpr int kFatalBeforeEvents = 3;  // M_FATAL in lib/message.h of 9.6 and 11.0

template <class T>
T look_up(const char* name) {
  return reinterpret_cast<T>(::dlsym(RTLD_DEFAULT, name));
}

template <class T>
T read_at(const void* base, size_t offset) {
  T value;
  std::memcpy(&value, static_cast<const char*>(base) + offset, sizeof value);
  return value;
}

// argv[0] is what whoever started it liked: a bacula-sd is one whatever it is called there.
std::string own_name() {
  std::error_code error;
  const auto file = std::filesystem::read_symlink("/proc/self/exe", error).filename().string();
  return file.starts_with("bacula-sd") ? "bacula-sd" : ::program_invocation_short_name;
}

// The daemon's libraries carry the version in their names: ".../libbacsd-9.6.7.so".
std::string version_of_daemon() {
  Dl_info where{};
  void* symbol = ::dlsym(RTLD_DEFAULT, "generate_plugin_event");
  if (symbol == nullptr || ::dladdr(symbol, &where) == 0 || where.dli_fname == nullptr) return {};
  constexpr std::string_view kBefore = "libbacsd-", kAfter = ".so";
  const std::string name = std::filesystem::path(where.dli_fname).filename();
  if (!name.starts_with(kBefore) || !name.ends_with(kAfter)) return {};
  return name.substr(kBefore.size(), name.size() - kBefore.size() - kAfter.size());
}

// "11.0.6": {11, 0}; nothing if that is no version
std::optional<std::pair<int, int>> major_and_minor(std::string_view version) {
  std::pair<int, int> numbers;
  const auto* end = version.data() + version.size();
  const auto major = std::from_chars(version.data(), end, numbers.first);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
  if (std::from_chars(major.ptr + 1, end, numbers.second).ec != std::errc{}) return std::nullopt;
  return numbers;
}

const JcrLayout* layout_of(std::string_view version) {
  for (const auto& layout : kJcrLayouts) {
    if (layout.version == version) return &layout;
  }
  return nullptr;
}

// What lies around sd_client looks as it does in the build that the place is of: the Director that sent the job is known, lists
// are there or not, and a bool is 0 or 1.
bool sd_client_is_there(const void* jcr, const JcrLayout& layout) {
  constexpr size_t kPointer = sizeof(uintptr_t);
  const size_t first = layout.sd_client + 2 - layout.flags;
  for (size_t i = 0; i < layout.flags; ++i) {
    if (read_at<uint8_t>(jcr, first + i) > 1) return false;
  }
  for (size_t i = 1; i <= 4; ++i) {
    if (read_at<uintptr_t>(jcr, first - i * kPointer) % kPointer != 0) return false;
  }
  return read_at<uintptr_t>(jcr, first - 4 * kPointer) != 0;
}

// Text in Bacula's own pool memory (lib/mem_pool.c): what edit_device_codes writes to must be one of its buffers.
class PoolText {
 public:
  PoolText() : text_(get_ ? get_(__FILE__, __LINE__, kMessagePool) : nullptr) {
    if (text_) *text_ = '\0';
  }
  ~PoolText() {
    if (text_) free_(__FILE__, __LINE__, text_);
  }
  PoolText(const PoolText&) = delete;
  PoolText& operator=(const PoolText&) = delete;
  char*& text() { return text_; }

  static bool available() { return get_ && free_; }

 private:
  static constexpr int kMessagePool = 2;  // PM_MESSAGE
  static inline const auto get_ = look_up<char* (*)(const char*, int, int)>("_Z18sm_get_pool_memoryPKcii");
  static inline const auto free_ = look_up<void (*)(const char*, int, char*)>("_Z19sm_free_pool_memoryPKciPc");
  char* text_;
};

using PmStrcpy = int (*)(char**, const char*);
PmStrcpy pm_strcpy() {
  static const auto function = look_up<PmStrcpy>("_Z9pm_strcpyRPcPKc");
  return function;
}

}  // namespace

Daemon::Daemon(const abi::Info& info, const abi::Functions& functions)
    : functions_(functions), interface_version_(info.version), program_(own_name()), version_(version_of_daemon()) {
  if (const auto* path = look_up<char**>("configfile"); path != nullptr && *path != nullptr) config_path_ = *path;
  first_type_ = number_of_fatal(version_, look_up<void*>("_Z15events_send_msgP3JCRPKcS2_S2_lS2_z") != nullptr);
  if (version_.starts_with("11.0.")) {
    lock_manager_knows_ = look_up<bool (*)()>("_Z26lmgr_thread_is_initializedv");
    tell_lock_manager_ = look_up<void (*)()>("_Z16lmgr_init_threadv");
  }
  qmsg_ = look_up<QMsg>("_Z4QmsgP3JCRilPKcz");
  wait_device_release_ = look_up<void*>("wait_device_release");
  operation_of_ = look_up<const char* (*)(void*)>("_ZN3JCR17get_OperationNameEv");
  if (!PoolText::available()) return;
  // Interface version 13 stands for two different prototypes; the mangled name tells which one this daemon has.
  if (look_up<void*>("_Z17edit_device_codesP3DCRPcPKcS3_") != nullptr) {
    edit9_ = reinterpret_cast<abi::EditCodes9>(functions.edit_device_codes);
  } else if (look_up<void*>("_Z17edit_device_codesP3DCRPPcPKcS4_") != nullptr) {
    edit15_ = reinterpret_cast<abi::EditCodes15>(functions.edit_device_codes);
  }
}

int number_of_fatal(std::string_view version, bool has_events) {
  const auto numbers = major_and_minor(version);
  const bool moved = has_events && (!numbers || *numbers >= std::pair(11, 3));
  return moved ? kFatalBeforeEvents + 1 : kFatalBeforeEvents;
}

void Daemon::announce_thread() const {
  if (lock_manager_knows_ != nullptr && tell_lock_manager_ != nullptr && !lock_manager_knows_()) tell_lock_manager_();
}

bool Daemon::is_storage_daemon() const { return std::find(kTools.begin(), kTools.end(), program_) == kTools.end(); }

std::vector<std::string> Daemon::limits() const {
  std::vector<std::string> limits;
  if (!can_name_devices())
    limits.push_back("device codes of this bacula-sd cannot be used: " + std::string(record::kEveryDeviceIsRefused));
  const bool known = layout_of(version_) != nullptr && pm_strcpy() != nullptr;
  if (!known || layout_disproved_) {
    limits.push_back(
        "Bacula's \"status storage\" does not say which host a waiting job waits for, because the layout of "
        "bacula-sd " +
        (version_.empty() ? std::string("(unknown version)") : version_) +
        (known ? " is not that of the build that was tested" : " is not proven"));
  }
  if (!can_queue_messages()) {
    limits.push_back(
        "a job whose lock is lost while it writes fails at its next volume or its end only, because this bacula-sd "
        "has no Qmsg");
  }
  return limits;
}

void Daemon::check_layout(abi::Context& context) {
  if (layout_of(version_) != nullptr && reserve_message_of(context) == nullptr) layout_disproved_ = true;
}

std::optional<std::string> Daemon::edit_device_codes(abi::Context& context, void* dcr, const char* codes) const {
  if (dcr == nullptr || !can_name_devices()) return std::nullopt;
  // %a of a job without a device crashes Bacula's own function.
  if (read_at<void*>(dcr, kDcrJcr) != jcr_of(context) || read_at<void*>(dcr, kDcrDev) == nullptr) return std::nullopt;
  PoolText out;
  if (out.text() == nullptr) return std::nullopt;
  if (edit9_ != nullptr) {
    out.text() = edit9_(dcr, out.text(), codes, "");
  } else {
    edit15_(dcr, &out.text(), codes, "");
  }
  return std::string(out.text());
}

bool Daemon::begins_to_append(abi::Context& context, void* dcr, const std::string& archive_device) const {
  const auto layout =
      std::find_if(kDeviceLayouts.begin(), kDeviceLayouts.end(), [&](const auto& l) { return l.version == version_; });
  if (layout == kDeviceLayouts.end() || dcr == nullptr) return false;
  const auto* device = read_at<const void*>(dcr, kDcrDev);
  if (read_at<void*>(dcr, kDcrJcr) != jcr_of(context) || device == nullptr) return false;
  struct stat opened {
  }, node{};
  if (::fstat(read_at<int>(device, layout->fd), &opened) != 0 || ::stat(archive_device.c_str(), &node) != 0)
    return false;
  if (!S_ISCHR(opened.st_mode) || !S_ISCHR(node.st_mode) || opened.st_rdev != node.st_rdev) return false;
  const auto state = read_at<uint32_t>(device, layout->state);
  return read_at<int>(device, layout->type) == kTapeDevice && read_at<int>(device, layout->writers) == 0 &&
         (state & (kStateAppend | kStateRead)) == kStateAppend;
}

uint32_t Daemon::job_id(abi::Context& context) const {
  int id = 0;
  functions_.get_value(&context, abi::variable_job_id, &id);
  return static_cast<uint32_t>(id);
}

std::string Daemon::job_name(abi::Context& context) const {
  char* name = nullptr;
  functions_.get_value(&context, abi::variable_job_name, &name);
  return name == nullptr ? std::string{} : std::string(name);
}

reserve::JobHalf Daemon::job_half(abi::Context& context) const {
  using reserve::JobHalf;
  auto* jcr = jcr_of(context);
  if (jcr == nullptr || operation_of_ == nullptr) return JobHalf::unknown;
  const char* operation = operation_of_(jcr);
  if (operation == nullptr) return JobHalf::unknown;
  // Bacula translates the words, in this very process.
  const auto is = [&](const char* word) { return std::string_view(operation) == ::gettext(word); };
  if (is("Copying") || is("Migration")) return JobHalf::reads;
  if (!is("Backup")) return JobHalf::whole;
  const auto* layout = layout_of(version_);
  if (layout == nullptr || layout->sd_client == 0 || reserve_message_of(context) == nullptr) return JobHalf::unknown;
  if (!sd_client_is_there(jcr, *layout)) return JobHalf::unknown;
  return read_at<uint8_t>(jcr, layout->sd_client) == 1 ? JobHalf::writes : JobHalf::whole;
}

// Nothing unless JobId and Job are found where this build is said to keep them, errmsg beside them.
char** Daemon::reserve_message_of(abi::Context& context) const {
  const auto* layout = layout_of(version_);
  auto* jcr = static_cast<char*>(jcr_of(context));
  if (layout == nullptr || layout_disproved_ || jcr == nullptr || pm_strcpy() == nullptr) return nullptr;
  char* name = nullptr;
  functions_.get_value(&context, abi::variable_job_name, &name);
  if (name != jcr + layout->job_name || read_at<uint32_t>(jcr, layout->job_id) != job_id(context)) return nullptr;
  return reinterpret_cast<char**>(jcr + layout->errmsg);
}

void Daemon::set_reserve_message(abi::Context& context, const std::string& text) const {
  if (char** place = reserve_message_of(context)) pm_strcpy()(place, (base::printable(text) + '\n').c_str());
}

void Daemon::message(abi::Context* context, MessageType type, const std::string& text) const {
  announce_thread();
  functions_.job_message(context, "shstore-sd", 0, first_type_ + static_cast<int>(type), 0, "%s\n",
                         base::printable(text).c_str());
}

void Daemon::debug(abi::Context* context, int level, const std::string& any_text) const {
  announce_thread();
  const auto text = base::printable_lines(any_text);  // a program's output has lines of its own
  for (size_t at = 0; at == 0 || at < text.size(); at += kDebugPiece) {
    functions_.debug_message(context, "shstore-sd", 0, level, "%s\n", text.substr(at, kDebugPiece).c_str());
  }
}

void Daemon::queue_message(void* jcr, MessageType type, const std::string& text) const {
  if (qmsg_ == nullptr || jcr == nullptr) return;
  announce_thread();
  qmsg_(jcr, first_type_ + static_cast<int>(type), 0, "%s\n", base::printable(text).c_str());
}

void Daemon::wake_reserving_jobs() const {
  if (wait_device_release_ != nullptr) pthread_cond_broadcast(static_cast<pthread_cond_t*>(wait_device_release_));
}

}  // namespace shstore::plugin
