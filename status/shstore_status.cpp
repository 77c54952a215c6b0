// shstore-status --sd bacula-sd.conf [...]: who holds which drive, and which job waits for whom.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "status/command.h"

namespace {

using namespace shstore::status;

constexpr const char* kDefaultBconsole = "/etc/bacula/bconsole.conf";

void add_question(CLI::App& app, Question& q) {
  app.add_option("--sd", q.sd_files, "a bacula-sd.conf; may be given more than once")->check(CLI::ExistingFile);
  auto* seconds = app.add_option_function<double>(
      "--deadline", [&q](double s) { q.deadline = std::chrono::milliseconds(static_cast<int64_t>(s * 1000)); },
      "how many seconds the drives are waited for (default 6)");
  seconds->check(CLI::Range(0.1, 3600.0));
  auto* file = app.add_option("--bacula-status", q.bacula_status,
                              "what `status storage=NAME` printed: a file, or - for standard input");
  auto* storage = app.add_option("--storage", q.storages,
                                 "with --bconsole: the Director's Storage for this daemon; one for each --sd");
  auto* bconsole = app.add_option("--bconsole", q.bconsole.configuration,
                                  std::string("ask the Director for that status, with this bconsole.conf (default ") + kDefaultBconsole + ")");
  bconsole->expected(0, 1)->excludes(file)->needs(storage);
  storage->needs(bconsole);
  app.add_option("--bconsole-program", q.bconsole.program, "the bconsole to run")->needs(bconsole);
}

const Command& chosen_of(const std::vector<Command>& all) {
  return *std::find_if(all.begin(), all.end() - 1, [](const auto& c) { return c.chosen != nullptr && *c.chosen; });
}

// What CLI11 cannot say; the message, or nothing.
std::string mistake(const CLI::App& app, Request& request, const std::vector<Command>& all) {
  auto& q = request.question;
  const auto chosen = std::count_if(all.begin(), all.end(), [](const auto& c) { return c.chosen != nullptr && *c.chosen; });
  if (chosen > 1) return "one thing at a time: give one of the options that say what to do";
  if (q.sd_files.empty() && chosen_of(all).needs_sd) return "--sd is required";
  if (app.count("--bconsole") > 0 && q.bconsole.configuration.empty()) q.bconsole.configuration = kDefaultBconsole;
  if (!q.storages.empty() && q.storages.size() != q.sd_files.size()) return "give --storage once for each --sd, in the same order";
  if (!q.bacula_status.empty() && q.sd_files.size() > 1) return "--bacula-status is about one daemon: give --sd once";
  return {};
}

// Nagios takes 1 for a warning.
int usage_status(int argc, char** argv) {
  constexpr int kUnknown = 3;
  const bool nagios = std::any_of(argv + 1, argv + argc, [](const char* word) { return std::string_view(word) == "--check"; });
  return nagios ? kUnknown : kUsage;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Shows which Storage Daemon holds which drive, and which jobs wait for whom."};
  app.footer(
      "Exit status: 0 done, 1 usage, 2 a configuration cannot be read, 3 a drive or bacula-sd cannot be asked, "
      "4 this daemon does not know the job. With --check those of a Nagios plugin.");
  Request request;
  add_question(app, request.question);
  app.add_flag("--json", request.json, "print JSON");
  app.add_flag("--names", request.names, "print the host's name beside every key: 0xbac999 (dir)");
  std::vector<Command> all;
  for (const auto& add : commands()) all.push_back(add(app));
  app.set_version_flag("--version", std::string("shstore-status (shstore) " SHSTORE_VERSION));
  int status = kDevice;
  try {
    app.parse(argc, argv);
    if (const auto wrong = mistake(app, request, all); !wrong.empty()) {
      std::cerr << "shstore-status: " << wrong << '\n';
      return usage_status(argc, argv);
    }
    status = chosen_of(all).run(request);
    std::cout.flush();
    if (std::cout.fail()) {
      std::cerr << "shstore-status: cannot write the output\n";
      status = kDevice;
    }
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : usage_status(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "shstore-status: " << e.what() << '\n';
  }
  // A thread may still be stuck in a device that does not answer; nothing of ours is left to be done.
  std::cout.flush();
  std::_Exit(status);
}
