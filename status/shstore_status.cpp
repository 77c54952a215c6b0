// shstore-status --sd bacula-sd.conf [...]: who holds which drive, and which job waits for whom.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "status/state_file.h"
#include "status/text.h"

namespace {

using namespace shstore;

constexpr int kUsage = 1, kConfiguration = 2, kDevice = 3;

status::KnownState known_state(const changer::SharedDevices& shared) {
  auto state = status::read_state(status::state_path(shared.working_directory, shared.sd_name));
  if (!state) return {std::nullopt, false, state.error()};
  const bool alive = status::is_alive(*state);
  return {std::move(*state), alive, {}};
}

// Prints one daemon's status; the exit status it deserves.
int show(const std::string& path, bool with_name) {
  const auto reader = config::disk_reader();
  const auto config = config::load_sd_config(path, *reader);
  if (!config.storage) {
    for (const auto& d : config.diagnostics) std::cerr << config::to_text(d, config.files) << '\n';
    std::cerr << fmt::format("shstore-status: {} is not the configuration of a storage daemon\n", path);
    return kConfiguration;
  }
  const auto shared = changer::shared_devices(config, changer::disk_conf_loader());
  const auto live = status::read_live(shared.devices);
  const auto snapshot = status::join(config, shared, known_state(shared), live);
  if (with_name) std::cout << snapshot.sd_name << ":\n";
  std::cout << status::to_text(snapshot);
  for (const auto& l : live) {
    if (!l.error.empty()) return kDevice;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Shows which Storage Daemon holds which drive, and which jobs wait for whom."};
  app.footer("Exit status: 0 done, 1 usage, 2 a configuration cannot be read, 3 a drive cannot be asked.");
  std::vector<std::string> files;
  app.add_option("--sd", files, "a bacula-sd.conf; may be given more than once")->required()->check(CLI::ExistingFile);
  app.set_version_flag("--version", std::string("shstore-status (shstore) " SHSTORE_VERSION));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kUsage;
  }
  try {
    int worst = 0;
    for (size_t i = 0; i < files.size(); ++i) {
      if (i > 0) std::cout << '\n';
      worst = std::max(worst, show(files[i], files.size() > 1));
    }
    std::cout.flush();
    if (!std::cout.fail()) return worst;
    std::cerr << "shstore-status: cannot write the output\n";
    return kDevice;
  } catch (const std::exception& e) {
    std::cerr << "shstore-status: " << e.what() << '\n';
    return kDevice;
  }
}
