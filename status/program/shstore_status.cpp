// shstore-status --sd bacula-sd.conf [...]: who holds which drive, and which job waits for whom.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "status/printable.h"
#include "status/program/command.h"
#include "scsi/base/usage_words.h"

namespace {

using namespace shstore::status;

// Nagios takes 1 for a warning.
int usage_status(int argc, char** argv) {
  constexpr int kUnknown = 3;
  const bool nagios =
      std::any_of(argv + 1, argv + argc, [](const char* word) { return std::string_view(word) == "--check"; });
  return nagios ? kUnknown : kUsage;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Shows which Storage Daemon holds which drive, and which jobs wait for whom."};
  app.footer(
      "Exit status: 0 done, 1 usage, 2 a configuration cannot be read, 3 a drive or bacula-sd cannot be "
      "asked, "
      "4 this daemon does not know the job. With --check those of a Nagios plugin.");
  Request request;
  add_options(app, request);
  std::vector<Command> all;
  for (const auto& add : commands()) all.push_back(add(app));
  app.set_version_flag("--version", std::string("shstore-status (shstore) " SHSTORE_VERSION));
  int status = kDevice;
  app.failure_message([](const CLI::App*, const CLI::Error& e) { return shstore::base::usage_words(e.what()); });
  try {
    app.parse(argc, argv);
    if (const auto wrong = mistake(app, request, all); !wrong.empty()) {
      std::cerr << "shstore-status: " << printable(wrong) << '\n';
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
    std::cerr << "shstore-status: " << printable(e.what()) << '\n';
  }
  // A thread may still be stuck in a device that does not answer; nothing of ours is left to be done.
  std::cout.flush();
  std::_Exit(status);
}
