// storage-ctl DEVICE COMMAND: the program named in Lock Command = ".../storage-ctl %l %o", and the administrator's
// hand tool (white paper 2.10 and 3).
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iostream>
#include <memory>
#include <thread>

#include "scsi/base/printable.h"
#include "scsi/base/usage_words.h"
#include "scsi/base/stop_signals.h"
#include "scsi/ctl/child.h"
#include "scsi/command_log.h"
#include "scsi/conf_place.h"
#include "scsi/ctl/commands.h"
#include "scsi/ctl/debug_log.h"
#include "scsi/ctl/pair.h"
#include "scsi/ctl/site_doctor.h"
#include "scsi/machine_sign.h"
#include "scsi/transport.h"

namespace {

using namespace shstore::scsi;
using namespace shstore::scsi::ctl;
namespace base = shstore::base;

std::atomic<bool> g_stop{false};
base::SignalSet g_sent{0};

std::string command_help() {
  std::string text = "Commands:\n";
  for (const auto& c : commands())
    text += fmt::format("  {:<21} {}\n", fmt::format("{} {}", c.name, c.arguments), c.summary);
  return text +
         "\nExit status: 0 done, 1 usage, 2 configuration, 3 device, 4 refused, 5 no persistent reservations,\n"
         "6 lock lost meanwhile (exec, prove), 24 another host holds the lock, 75 waited max_lock_wait in vain;\n"
         "exec: the exit status of the program, or 124 if --timeout ended it.\n";
}

int report(const Error& error) {
  std::cerr << "storage-ctl: " << base::printable(error.message) << '\n';
  return static_cast<int>(exit_status(error));
}

// Sleeps, but a signal cuts it short within a tenth of a second.
void interruptible_sleep(std::chrono::milliseconds t) {
  const auto until = std::chrono::steady_clock::now() + t;
  while (!g_stop && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::min(t, std::chrono::milliseconds(100)));
  }
}

bool ask_at_terminal(const std::string& question) {
  if (::isatty(STDIN_FILENO) == 0) return false;
  std::cerr << question << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

int run(std::string device, const ControlCommand& command, const std::string& conf_path, Options options,
        const std::string& sd_conf) {
  auto conf = load_storage_ctl_conf(conf_path);
  if (!conf && command.needs_key) return report(conf.error());
  if (conf && command.needs_key) {
    for (const auto& unknown : conf->unknown) {
      std::cerr << base::printable(fmt::format("storage-ctl: {}: unknown setting {}, ignored", conf_path, unknown))
                << '\n';
    }
  }
  spdlog::set_level(spdlog::level::off);
  if (conf && conf->debug_log) {
    log_commands([](const std::string& line) { spdlog::debug("{}", line); });
    if (const auto started = start_debug_log(kDebugLogFile); !started)
      std::cerr << "storage-ctl: " << started.error().message << '\n';
  }
  std::unique_ptr<Transport> transport;
  std::unique_ptr<LogicalUnit> unit;
  options.control = device;
  if (command.needs_device && !options.archive.empty()) {
    auto path = device_to_lock(device, options.archive, std::cerr);
    if (!path) return report(path.error());
    device = std::move(*path);
  }
  if (command.needs_device) {
    auto opened = open_transport(device);
    if (!opened) return report(opened.error());
    transport = std::move(*opened);
    unit = std::make_unique<LogicalUnit>(*transport, LogicalUnit::Pause{}, &g_stop);
  }
  std::optional<ProcessLock> processes;
  if (conf && command.needs_device) processes.emplace(device, conf->key);
  const auto renew = [&processes] {
    if (processes) processes->renew();
  };
  const auto context_device = options.control, state_file = options.state;
  Context context{device,
                  unit.get(),
                  conf.value_or(StorageCtlConf{}),
                  conf_path,
                  std::move(options),
                  read_local_ports(),
                  std::cout,
                  std::cerr,
                  std::chrono::steady_clock::now,
                  interruptible_sleep,
                  g_stop,
                  ask_at_terminal,
                  [&, timeout = options.timeout](const std::vector<std::string>& words) {
                    return run_child(words, g_sent, std::cerr, timeout, renew);
                  },
                  [&] { return plugin_memory(context_device, state_files(state_file), machine_sign()); },
                  [&] { return tape_users(read_node(device)); },
                  processes ? &*processes : nullptr};
  context.plugin_check = [&] { return check_plugin_of(sd_conf); };
  context.progress = base::progress_on_terminal();
  const int status = command.run(context);
  if (context.progress) context.progress("");
  spdlog::debug("{} {} key {}: exit status {}", device, command.name, to_text(context.conf.key), status);
  std::cout.flush();
  if (std::cout.fail()) {
    std::cerr << "storage-ctl: cannot write the output\n";
    return static_cast<int>(ExitStatus::device);
  }
  return status;
}

// A safety catch: what is not exactly a number such as query shows is refused, not guessed at.
std::optional<uint32_t> parse_generation(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const auto digits = hex ? text.substr(2) : text;
  if (digits.empty() || (!hex && digits.size() > 1 && digits[0] == '0')) return std::nullopt;  // 010: who means what?
  uint32_t value = 0;
  const auto* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional(value) : std::nullopt;
}

// CLI11 takes words in square brackets apart, also behind "--" (findings/cli11-brackets.sh): what belongs to another program
// it never sees.
struct CommandLine {
  std::vector<std::string> ours;  ///< the last one first, as CLI11 wants it
  std::vector<std::string> behind_dashes;
};
CommandLine split(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto dashes = std::find(words.begin(), words.end(), "--");
  CommandLine line{{words.begin(), dashes}, {dashes == words.end() ? dashes : dashes + 1, words.end()}};
  std::reverse(line.ours.begin(), line.ours.end());
  return line;
}

// Those before "--", where an option that we do not have is a mistake.
std::vector<std::string> free_arguments(const CLI::App& app) {
  auto words = app.remaining();
  for (const auto& word : words) {
    if (word.size() > 1 && word.starts_with('-')) throw CLI::ExtrasError({word});
  }
  return words;
}

// CLI11's own would tell DEVICE and COMMAND twice, because they have arguments behind them that it does not know.
struct UsageLine : CLI::Formatter {
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: storage-ctl DEVICE COMMAND [ARGUMENTS] [OPTIONS]\n       storage-ctl doctor --all [OPTIONS]\n";
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Locks a tape drive that several Bacula Storage Daemons share, by SCSI persistent reservation."};
  app.footer(command_help());
  std::string device, name, conf_path, if_key, if_generation;
  Options options;
  unsigned timeout = 0;
  app.formatter(std::make_shared<UsageLine>());
  app.add_option("DEVICE", device, "the drive's control device, e.g. /dev/sg0")->required();
  app.add_option("COMMAND", name, "one of the commands below");
  app.allow_extras();  // what the command needs: free_arguments()
  app.add_option(
      "--config", conf_path,
      "the configuration file (default: storage-ctl.conf beside this program, or beside what it is a link to)");
  app.add_flag("--json", options.json, "query, regkeys, wholocked, explain, capabilities, doctor: print JSON");
  app.add_flag("--yes", options.yes, "preempt, reclaim, confirm: do not ask");
  app.add_flag("--no-abort", options.no_abort, "preempt: leave the victim's running commands alone (PREEMPT)");
  app.add_option("--if-key", if_key, "preempt, clear: only if this key holds the lock");
  app.add_option("--if-generation", if_generation, "preempt, clear: only if the drive still shows this PR generation");
  app.add_option("--timeout", timeout,
                 "exec: end the program if it has not ended by itself after so many seconds (exit status 124)")
      ->check(CLI::Range(1u, 31536000u));
  app.add_option("--archive", options.archive,
                 "the Archive Device that belongs to DEVICE: refuse if they are two drives, use the path that writes");
  app.add_option("--state", options.state,
                 "reclaim, confirm: the plugin's state file (default: those in /var/lib/bacula)");
  app.add_option("--changer", options.changer,
                 "doctor: the robot of the library that the drive is in: is the drive known there?");
  app.add_flag("--report", options.report,
               "doctor: print what the drive is and can, as JSON without its identity, to be given to others");
  app.add_option("--salt", options.salt,
                 "doctor --report: the file of the salt with which names are hidden (default: this host's)");
  bool all = false;
  std::string sd_conf;
  app.add_flag("--all", all,
               "doctor without DEVICE: the plugin and every drive that bacula-sd.conf shares, with one verdict");
  app.add_option("--sd", sd_conf,
                 "doctor: bacula-sd.conf (default: /etc/bacula/bacula-sd.conf, or /opt/bacula/etc/bacula-sd.conf)");
  app.set_version_flag("--version", std::string("storage-ctl (shstore) " SHSTORE_VERSION));
  app.failure_message([](const CLI::App*, const CLI::Error& e) { return base::usage_words(e.what()); });
  auto line = split(argc, argv);
  try {
    app.parse(line.ours);
    options.arguments = free_arguments(app);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitStatus::usage);
  }
  options.arguments.insert(options.arguments.end(), line.behind_dashes.begin(), line.behind_dashes.end());
  options.timeout = std::chrono::seconds(timeout);
  const auto usage = [](const std::string& why) {
    std::cerr << "storage-ctl: " << base::printable(why) << '\n' << command_help();
    return static_cast<int>(ExitStatus::usage);
  };
  if (all && device == "doctor" && name.empty()) {
    base::install_stop_signals(g_stop, &g_sent);
    SiteDoctor how;
    how.sd_conf = sd_conf;
    how.json = options.json;
    how.ports = read_local_ports();
    how.stop = &g_stop;
    how.progress = base::progress_on_terminal();
    return site_doctor(how, std::cout);
  }
  if (all) return usage("--all is for storage-ctl doctor --all, without a DEVICE");
  if (name.empty()) return usage("COMMAND is missing");
  const auto* command = find_command(name);
  if (command == nullptr) return usage(fmt::format("unknown command \"{}\"", name));
  if (command->arguments.empty() && !options.arguments.empty()) {
    return usage(fmt::format("{} takes no arguments, but got \"{}\"", name, options.arguments[0]));
  }
  if (!if_key.empty()) {
    const auto key = parse_any_key(if_key);
    if (!key) return usage(key.error().message);
    options.if_key = *key;
  }
  if (!if_generation.empty()) {
    options.if_generation = parse_generation(if_generation);
    if (!options.if_generation) return usage(fmt::format("\"{}\" is not a PR generation such as 0x493", if_generation));
  }
  if (conf_path.empty()) {
    auto found = conf_of_program(own_program());
    if (!found) return report(found.error());
    conf_path = std::move(*found);
  }
  base::install_stop_signals(g_stop, &g_sent);
  try {
    return run(device, *command, conf_path, std::move(options), sd_conf);
  } catch (const std::exception& e) {
    return report(Error{Error::Kind::device, e.what()});
  }
}
