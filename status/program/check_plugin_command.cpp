// shstore-status --check-plugin: would bacula-sd run with the plugin? For ExecStartPre: what bacula-sd does without a word,
// running on without protection, becomes a daemon that is not started and says why.
// shstore-status --check-running: does it? For ExecStartPost.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "config/shared/shared_devices.h"
#include "plugin/abi/load_check.h"
#include "status/program/command.h"
#include "status/look/daemon_process.h"
#include "status/printable.h"
#include "reserve/record/state_file.h"

namespace shstore::status {
namespace {

constexpr const char* kFileName = "shstore-sd.so";
constexpr std::chrono::milliseconds kPause{200};

struct Asked {
  std::string file;     ///< the plugin; empty: the one in the Plugin Directory
  std::string program;  ///< bacula-sd; empty: where it usually is
};

// Each line of it, if it has several.
void tell(std::string_view text) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (!line.empty()) std::cerr << "shstore-status: " << printable(line) << '\n';
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
}

/// Something in it can be protected by the plugin alone.
bool wants_protection(const config::SdConfig& c) {
  const auto set = [](const auto& value) { return !value->empty(); };
  return std::any_of(c.devices.begin(), c.devices.end(),
                     [&](const auto& d) { return set(d.lock_command) || set(d.control_device); }) ||
         std::any_of(c.autochangers.begin(), c.autochangers.end(), [&](const auto& a) { return set(a.lock_command); });
}

std::string bacula_sd(const std::string& given, const std::string& plugin_directory) {
  if (!given.empty()) return given;
  constexpr const char* kOfDebian = "/usr/sbin/bacula-sd";
  constexpr const char* kUnderOpt = "/opt/bacula/bin/bacula-sd";
  std::error_code error;
  const bool opt = plugin_directory.starts_with("/opt/bacula/") || !std::filesystem::exists(kOfDebian, error);
  return opt ? kUnderOpt : kOfDebian;
}

// What the plugin refuses by itself, job by job, is no reason to keep the daemon from its other drives.
void warn(const std::string& sd_file, const config::SdConfig& config) {
  const auto shared = config::shared_devices(config, config::disk_conf_loader());
  if (!shared.unreadable.empty()) tell("warning: " + sd_file + " has an error: " + shared.unreadable);
  for (const auto& d : shared.devices) {
    if (!d.problem.empty()) tell("warning: no job will get " + d.display() + ": " + d.problem);
  }
}

int unprotected(const std::string& sd_file, const std::string& why) {
  tell(why);
  tell("bacula-sd would run without the plugin, and nothing would keep other hosts from the drives of " + sd_file);
  if (std::getenv("INVOCATION_ID") != nullptr) {  // systemd's
    tell(
        "so it is not started. Mend that, then: systemctl reset-failed bacula-sd; systemctl start bacula-sd. "
        "shstore-sd(7) says how to start it unprotected");
  }
  return kConfiguration;
}

bool check_plugin(const std::string& sd_file, const std::string& directory, const Asked& asked) {
  const auto file = asked.file.empty() ? (std::filesystem::path(directory) / kFileName).string() : asked.file;
  const auto result = plugin::check_load(file, plugin::interfaces_of(bacula_sd(asked.program, directory)));
  if (!result.loads) {
    unprotected(sd_file, "the plugin " + file + " cannot be used: " + result.text);
    return false;
  }
  std::cout << printable(file) << ": bacula-sd can load it (shstore " << printable(result.text) << ")\n";
  return true;
}

int check_file(const std::string& sd_file, const Asked& asked) {
  auto config = read_sd_config(sd_file);
  if (!config) {
    // bacula-sd -t, which comes before, is the one to stop at that; if it does not, the plugin refuses every shared drive.
    tell("warning: " + config.error());
    return check_plugin(sd_file, SHSTORE_PLUGIN_DIR, asked) ? kDone : kConfiguration;
  }
  if (!wants_protection(*config) && !config->has_errors()) {
    std::cout << printable(sd_file)
              << ": no device has a Lock Command or a Control Device, so bacula-sd needs no plugin\n";
    return kDone;
  }
  const std::string directory(config->storage ? *config->storage->plugin_directory : std::string_view());
  if (directory.empty()) {
    return unprotected(
        sd_file, sd_file + ": the Storage resource has no Plugin Directory (of Debian's packages: /usr/lib/bacula)");
  }
  if (!check_plugin(sd_file, directory, asked)) return kConfiguration;
  warn(sd_file, *config);
  return kDone;
}

int check_files(const Request& request, const Asked& asked) {
  int worst = kDone;
  for (const auto& file : request.question.sd_files) worst = std::max(worst, check_file(file, asked));
  return worst;
}

/// Empty: the plugin works in it.
std::string why_not_running(const std::string& sd_file, const config::SharedDevices& shared) {
  const auto state = record::read_state(record::state_path(shared.working_directory, shared.sd_name));
  const auto process = find_daemon(sd_file);
  if (!state) return state.error().message;
  if (!record::is_alive(*state))
    return "the plugin of " + shared.sd_name + " has not written its state since bacula-sd was started";
  if (process.pid && *process.pid != state->pid) {
    return fmt::format("bacula-sd (pid {}) runs without the plugin", *process.pid);
  }
  for (const auto& limit : state->limits) {
    if (limit.ends_with(record::kEveryDeviceIsRefused)) return limit;
  }
  return {};
}

int wait_for(const std::string& sd_file, double seconds) {
  const auto config = read_sd_config(sd_file);
  if (!config) {
    tell("warning: " + config.error());
    return kConfiguration;
  }
  if (!wants_protection(*config)) return kDone;
  const auto shared = config::shared_devices(*config, config::disk_conf_loader());
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
  for (;;) {
    const auto why = why_not_running(sd_file, shared);
    if (why.empty()) {
      std::cout << printable(shared.sd_name) << " runs with the plugin\n";
      return kDone;
    }
    if (std::chrono::steady_clock::now() >= end) {
      tell(fmt::format("{}. Look at shstore-status --sd {}", why, sd_file));
      return kConfiguration;
    }
    std::this_thread::sleep_for(kPause);
  }
}

int wait_for_all(const Request& request, const std::string& given) {
  constexpr double kPatience = 10;
  const auto seconds = given.empty() ? kPatience : std::stod(given);
  int worst = kDone;
  for (const auto& file : request.question.sd_files) worst = std::max(worst, wait_for(file, seconds));
  return worst;
}

}  // namespace

Command add_check_plugin_command(CLI::App& app) {
  const auto asked = std::make_shared<Asked>();
  auto* option =
      app.add_option("--check-plugin", asked->file,
                     "before bacula-sd is started: would it run with the plugin, that in its Plugin Directory or "
                     "FILE? Exit status 2: it would run without protection");
  option->expected(0, 1)->type_name("[FILE]")->group("systemd");
  auto* program = app.add_option("--bacula-sd", asked->program, "with --check-plugin: the daemon's program");
  program->check(CLI::ExistingFile)->needs(option)->group("systemd");
  return {option, [asked](const Request& request) { return check_files(request, *asked); }};
}

Command add_check_running_command(CLI::App& app) {
  const auto seconds = std::make_shared<std::string>();
  auto* option =
      app.add_option("--check-running", *seconds,
                     "after bacula-sd was started: wait up to 10 s (or SECONDS) until its plugin says that it works. "
                     "Exit status 2: it does not");
  option->expected(0, 1)
      ->check([](const std::string& text) { return text.empty() ? std::string{} : no_seconds(text, 0, 3600); })
      ->type_name("[SECONDS]")
      ->group("systemd");
  return {option, [seconds](const Request& request) { return wait_for_all(request, *seconds); }};
}

}  // namespace shstore::status
