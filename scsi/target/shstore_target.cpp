// shstore-target: a SCSI target in user space, so that everything runs without a SAN.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <iostream>

#include "scsi/base/printable.h"
#include "scsi/base/usage_words.h"
#include "scsi/target/server.h"

namespace {

using namespace shstore::scsi;
using namespace shstore::scsi::target;

enum ExitStatus { kOk = 0, kUsage = 1, kFailed = 2 };

constexpr const char* kHelp =
    "Every device of every initiator in SAN.json becomes a Unix socket DIR/<initiator>/<device>. Give that path as "
    "a\n"
    "Control Device, or to storage-ctl. The line \"ready\" on standard output says that all of them can be used.\n"
    "Reservations are kept in memory: a target that is started anew is a drive that was powered on. Where the media\n"
    "of a library are is kept in DIR/<changer>.state; without that file the library starts as SAN.json has it.\n"
    "SIGTERM or SIGINT ends the target and removes the sockets.\n"
    "\nExit status: 0 ended by a signal, 1 usage, 2 SAN.json or DIR cannot be used.\n";

int failed(const std::string& message) {
  std::cerr << "shstore-target: " << shstore::base::printable(message) << '\n';
  return kFailed;
}

// The signals that end us arrive as bytes to read, like everything else.
Descriptor stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    struct sigaction action {};
    const bool ignored = ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;  // nohup
    if (!ignored) sigaddset(&signals, signal);
  }
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return Descriptor(::signalfd(-1, &signals, SFD_CLOEXEC));
}

int run(const std::string& san_file, const std::string& folder) {
  const auto san = load_san(san_file);
  if (!san) return failed(san.error().message);
  ::umask(::umask(0) | S_IWOTH);  // media and folders are not for everybody, whatever we were started with
  const auto stop = stop_signals();
  if (stop.get() < 0) return failed("signalfd: " + errno_text(errno));
  Target target(*san);
  auto server = Server::open(target, folder);
  if (!server) return failed(server.error().message);
  for (const auto& path : server->paths()) spdlog::info("serving {}", path);
  std::cout << "ready" << std::endl;
  const auto ended = server->run(stop.get());
  return ended ? kOk : failed(ended.error().message);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "A SCSI target in user space: tape drives and libraries with persistent reservations, seen by several "
      "initiators."};
  app.footer(kHelp);
  std::string san_file, folder;
  bool verbose = false;
  app.add_option("SAN.json", san_file,
                 "the drives and libraries, the initiators and what each sees (see samples/san.json)")
      ->required();
  app.add_option("--directory", folder, "the folder to put the sockets in; created if need be")
      ->required()
      ->type_name("DIR");
  app.add_flag("--verbose", verbose, "log every command and its reply");
  app.set_version_flag("--version", std::string("shstore-target (shstore) " SHSTORE_VERSION));
  app.failure_message([](const CLI::App*, const CLI::Error& e) { return shstore::base::usage_words(e.what()); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kOk : kUsage;
  }
  try {
    spdlog::set_default_logger(spdlog::stderr_logger_st("shstore-target"));
    spdlog::set_level(verbose ? spdlog::level::debug : spdlog::level::warn);
    return run(san_file, folder);
  } catch (const std::exception& e) {
    return failed(e.what());
  }
}
