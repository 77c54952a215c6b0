// storage-ctl DEVICE COMMAND: the program named in Lock Command = ".../storage-ctl %l %o", and the administrator's
// hand tool (white paper 2.10 and 3).
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <thread>

#include "scsi/storage_ctl_commands.h"
#include "scsi/transport.h"

namespace {

using namespace shstore::scsi;

std::atomic<bool> g_stop{false};

constexpr const char* kLogFile = "/var/log/bacula/storage-ctl.log";

std::string conf_beside_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (error ? std::filesystem::path(".") : self.parent_path()) / "storage-ctl.conf";
}

std::string command_help() {
  std::string text = "Commands:\n";
  for (const auto& c : control_commands()) text += fmt::format("  {:<11} {}\n", c.name, c.summary);
  return text +
         "\nExit status: 0 done, 1 usage, 2 configuration, 3 device, 4 refused, 5 no persistent reservations,\n"
         "24 another host holds the lock, 75 waited max_lock_wait in vain.\n";
}

// Writes down every SCSI command when debug_log=1.
class LoggedTransport final : public Transport {
 public:
  explicit LoggedTransport(Transport& inner) : inner_(inner) {}
  const std::string& path() const override { return inner_.path(); }
  Result<Reply> execute(const Command& command) override {
    auto reply = inner_.execute(command);
    spdlog::debug("{} cdb {:02x} out {:02x}: {}", path(), fmt::join(command.cdb, " "), fmt::join(command.data_out, " "),
                  reply ? fmt::format("{} sense {:02x} in {:02x}", describe(reply->status), fmt::join(reply->sense, " "),
                                      fmt::join(reply->data_in, " "))
                        : reply.error().message);
    return reply;
  }

 private:
  Transport& inner_;
};

void start_debug_log() {
  spdlog::set_level(spdlog::level::debug);
  try {
    spdlog::set_default_logger(spdlog::basic_logger_st("storage-ctl", kLogFile));
    spdlog::set_level(spdlog::level::debug);
  } catch (const spdlog::spdlog_ex& e) {
    std::cerr << "storage-ctl: no debug log: " << e.what() << '\n';
    spdlog::set_level(spdlog::level::off);
  }
}

ExitStatus report(const Error& error) {
  std::cerr << "storage-ctl: " << error.message << '\n';
  return exit_status(error);
}

ExitStatus run(const std::string& device, const ControlCommand& command, const std::string& conf_path) {
  StorageCtlConf conf;
  if (command.needs_key) {
    auto loaded = load_storage_ctl_conf(conf_path);
    if (!loaded) return report(loaded.error());
    conf = std::move(*loaded);
    for (const auto& unknown : conf.unknown) {
      std::cerr << fmt::format("storage-ctl: {}: unknown setting {}, ignored\n", conf_path, unknown);
    }
  }
  if (conf.debug_log) start_debug_log();
  const auto transport = open_transport(device);
  if (!transport) return report(transport.error());
  LoggedTransport logged(**transport);
  LogicalUnit unit(logged);
  // A sleep that ^C cuts short within a tenth of a second.
  const auto sleep = [](std::chrono::milliseconds t) {
    for (const auto until = std::chrono::steady_clock::now() + t; !g_stop && std::chrono::steady_clock::now() < until;) {
      std::this_thread::sleep_for(std::min(t, std::chrono::milliseconds(100)));
    }
  };
  ControlContext context{unit, conf, std::cout, std::cerr, std::chrono::steady_clock::now, sleep, g_stop};
  const auto status = command.run(context);
  spdlog::debug("{} {} key {}: exit status {}", device, command.name, to_text(conf.key), static_cast<int>(status));
  std::cout.flush();
  if (std::cout.fail()) {
    std::cerr << "storage-ctl: cannot write the output\n";
    return ExitStatus::device;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Locks a tape drive that several Bacula Storage Daemons share, by SCSI persistent reservation."};
  app.footer(command_help());
  std::string device, name, conf_path = conf_beside_program();
  app.add_option("DEVICE", device, "the drive's control device, e.g. /dev/sg0")->required();
  app.add_option("COMMAND", name, "one of the commands below")->required();
  app.add_option("--config", conf_path, "the configuration file")->capture_default_str();
  app.set_version_flag("--version", std::string("storage-ctl (shstore) " SHSTORE_VERSION));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitStatus::usage);
  }
  const auto* command = find_control_command(name);
  if (command == nullptr) {
    std::cerr << fmt::format("storage-ctl: unknown command \"{}\"\n", name) << command_help();
    return static_cast<int>(ExitStatus::usage);
  }
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, [](int) { g_stop = true; });
  try {
    return static_cast<int>(run(device, *command, conf_path));
  } catch (const std::exception& e) {
    std::cerr << "storage-ctl: " << e.what() << '\n';
    return static_cast<int>(ExitStatus::device);
  }
}
