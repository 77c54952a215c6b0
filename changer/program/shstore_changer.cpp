// shstore-changer CHANGER COMMAND SLOT ARCHIVE-DEVICE DRIVE-INDEX: a drop-in for Bacula's mtx-changer, for a library that
// several Storage Daemons share. Changer Command = ".../shstore-changer %c %o %S %a %d"
#include <fmt/format.h>
#include <syslog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <thread>

#include "changer/interruptible.h"
#include "changer/program/commands.h"
#include "changer/program/plugin_says.h"
#include "scsi/base/places.h"
#include "scsi/base/printable.h"
#include "scsi/base/usage_words.h"
#include "scsi/base/stop_signals.h"

namespace {

using namespace shstore::changer;
using namespace shstore::changer::program;
namespace config = shstore::config;
namespace scsi = shstore::scsi;

std::atomic<bool> g_stop{false};

struct Options {
  std::string config, sd, via, salt;
  bool json = false;
};

std::string conf_beside_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (error ? std::filesystem::path(".") : self.parent_path()) / "shstore-changer.conf";
}

std::string command_help() {
  std::string text = "Commands (CHANGER COMMAND ...):\n";
  for (const auto& c : commands())
    text += fmt::format("  {:<42} {}\n", fmt::format("{} {}", c.name, c.arguments), c.summary);
  return text +
         "\nExit status: 0 done, 1 the library's state forbids it or the arguments make no sense, 2 configuration,\n"
         "3 device, 4 refused by the guard, 24 another host holds the drive, 75 waited in vain;\n"
         "with --via: the exit status of that program.\n";
}

void system_log(int priority, const Arguments& arguments, const std::string& text) {
  const auto line = shstore::base::printable(arguments.changer_device + ' ' + arguments.command + ": " + text);
  ::syslog(LOG_DAEMON | priority, "%s", line.c_str());
}

int report(const ChangerCommand* command, const Arguments& arguments, const Failure& failure) {
  std::cout.flush();
  const auto message = shstore::base::printable(failure.message);
  std::cerr << "shstore-changer: " << message << '\n';
  // bacula-sd keeps the reason of a refused "unload" of another drive to itself (stored/autochanger.c, unload_dev).
  if (command != nullptr && command->moves) {
    system_log(LOG_WARNING, arguments, message);
  }
  return static_cast<int>(failure.status);
}

void interruptible_sleep(std::chrono::milliseconds t) {
  constexpr std::chrono::milliseconds kSlice{50};
  const auto until = std::chrono::steady_clock::now() + t;
  for (auto now = until - t; !g_stop && now < until; now = std::chrono::steady_clock::now()) {
    std::this_thread::sleep_for(std::min(kSlice, std::chrono::ceil<std::chrono::milliseconds>(until - now)));
  }
}

// The key of a drive of this changer, else of any drive of this host.
scsi::ReservationKey robot_key(const config::SharedDevices& shared, const std::string& changer_device) {
  scsi::ReservationKey any{};
  for (const auto& d : shared.devices) {
    if (!d.problem.empty() || d.key.value == 0) continue;
    if (d.changer_device == changer_device) return d.key;
    if (any.value == 0) any = d.key;
  }
  return any;
}

int run(const ChangerCommand& command, Arguments arguments, const Options& options) {
  const bool given = !options.config.empty();
  auto settings = load_settings(given ? options.config : conf_beside_program(), !given);
  if (!settings) return report(&command, arguments, to_failure(settings.error()));
  if (!options.sd.empty()) settings->sd = options.sd;
  if (!options.via.empty()) settings->via = options.via;
  Context c{.arguments = std::move(arguments),
            .json = options.json,
            .salt = options.salt,
            .settings = std::move(*settings),
            .open = interruptible(scsi::open_transport, g_stop),
            .key_text = {},
            .job_holds_lock = {},
            .out = std::cout,
            .err = std::cerr,
            .waiting = {std::chrono::steady_clock::now, interruptible_sleep, g_stop}};
  if (command.moves) c.log = [&](const std::string& text) { system_log(LOG_NOTICE, c.arguments, text); };
  const bool for_program = c.settings.via.find("%l") != std::string::npos;
  if (command.needs_sd || c.settings.inventory || for_program) {
    const auto reader = config::disk_reader();
    c.sd = config::load_sd_config(c.settings.sd, *reader);
    c.shared = config::shared_devices(c.sd, config::disk_conf_loader());
    c.own_key = robot_key(c.shared, c.arguments.changer_device);
  }
  c.key_text = [&](scsi::ReservationKey key) {
    const auto name = c.shared.peers.find(key);
    return scsi::to_text(key) + (name == c.shared.peers.end() ? "" : " (" + name->second + ')');
  };
  c.prove = [&](const config::SharedDevice& device) { return prove_lock(c.shared, device); };
  c.job_holds_lock = [&](const config::SharedDevice& device) { return job_holds_lock(c.shared, device); };
  c.daemon_use = [&](const config::SharedDevice& device) { return daemon_use(c.shared, device); };
  c.drive_wish = [&](const config::SharedDevice& device) { return drive_wish(c.shared, device); };
  c.other_users = [](const std::string& archive, pid_t daemon) { return other_users(archive, daemon); };
  c.processes = [](const config::SharedDevice& device) { return scsi::ProcessLock(device.control_device, device.key); };
  if (command.moves || c.settings.inventory) c.ports = scsi::read_local_ports();
  const auto status = command.run(c);
  std::cout.flush();
  if (!status) return report(&command, c.arguments, status.error());
  if (std::cout.fail()) {
    return report(nullptr, c.arguments, {ExitStatus::device, "cannot write the output"});
  }
  return *status;
}

// Bacula's codes may expand to anything, "-1" for one: only what begins with two hyphens is an option, wherever it stands.
struct CommandLine {
  std::vector<std::string> options, positionals;
};
CommandLine split(int argc, char** argv) {
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with("--") && word != "-h") {
      line.positionals.push_back(word);
      continue;
    }
    line.options.push_back(word);
    const bool takes_value = word == "--sd" || word == "--config" || word == "--via" || word == "--salt";
    if (takes_value && i + 1 < argc) line.options.emplace_back(argv[++i]);
  }
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Moves tapes in a library that several Bacula Storage Daemons share: mtx-changer with a guard."};
  app.footer(command_help());
  Options options;
  app.add_option("--sd", options.sd,
                 fmt::format("the Storage Daemon's configuration (default: \"sd\" of shstore-changer.conf, else "
                             "{}/bacula-sd.conf)",
                             shstore::base::etc_dir()));
  app.add_option("--config", options.config,
                 "the settings (default: shstore-changer.conf beside this program, if there is one)");
  app.add_option("--via", options.via, "let this program move, e.g. " SHSTORE_SCRIPTS_DIR "/mtx-changer");
  app.add_option("--salt", options.salt,
                 "report: the file of the salt with which names are hidden (default: this host's)");
  app.add_flag("--json", options.json, "status, inventory: print JSON");
  app.set_version_flag("--version", std::string("shstore-changer (shstore) " SHSTORE_VERSION));
  app.name("shstore-changer CHANGER COMMAND [SLOT ARCHIVE-DEVICE DRIVE-INDEX]");
  app.failure_message([](const CLI::App*, const CLI::Error& e) { return shstore::base::usage_words(e.what()); });
  auto line = split(argc, argv);
  try {
    std::reverse(line.options.begin(), line.options.end());
    app.parse(line.options);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitStatus::library);
  }
  line.positionals.resize(std::max<size_t>(line.positionals.size(), 2));
  const auto given = static_cast<size_t>(
      std::count_if(line.positionals.begin(), line.positionals.end(), [](const auto& word) { return !word.empty(); }));
  const auto& name = line.positionals[1];
  const auto* command = find_command(name);
  const auto usage = [](const std::string& why) {
    std::cerr << "shstore-changer: " << shstore::base::printable(why) << '\n' << command_help();
    return static_cast<int>(ExitStatus::library);
  };
  if (given < 2) return usage("a changer device and a command are needed");
  if (command == nullptr) return usage(fmt::format("unknown command \"{}\"", name));
  if (line.positionals.size() < command->fewest) {
    return usage(fmt::format("{} needs {}", name, command->arguments));
  }
  // A move is not cut because nobody listens any more.
  shstore::base::install_stop_signals(g_stop, nullptr, shstore::base::BrokenPipe::go_on);
  ::openlog("shstore-changer", LOG_PID, LOG_DAEMON);
  const auto arguments = arguments_of(line.positionals);
  try {
    return run(*command, arguments, options);
  } catch (const std::exception& e) {
    return report(command, arguments, {ExitStatus::device, e.what()});
  }
}
