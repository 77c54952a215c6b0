// shstore-status --sd bacula-sd.conf [...]: who holds which drive, and which job waits for whom.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "status/explain_command.h"
#include "status/state_file.h"
#include "status/text.h"

namespace {

using namespace shstore;

constexpr int kUsage = 1, kConfiguration = 2, kDevice = 3, kUnknownJob = 4;

status::KnownState known_state(const changer::SharedDevices& shared) {
  auto state = status::read_state(status::state_path(shared.working_directory, shared.sd_name));
  if (!state) return {std::nullopt, false, state.error()};
  const bool alive = status::is_alive(*state);
  return {std::move(*state), alive, {}};
}

int exit_status(status::ExplainResult result) {
  switch (result) {
    case status::ExplainResult::explained: return 0;
    case status::ExplainResult::unknown_job: return kUnknownJob;
    case status::ExplainResult::cannot_ask: break;
  }
  return kDevice;
}

// Prints one daemon's status, or what `explain` asks about it; the exit status it deserves.
int show(const std::string& path, bool with_name, const std::optional<status::ExplainRequest>& explain) {
  const auto reader = config::disk_reader();
  const auto config = config::load_sd_config(path, *reader);
  if (!config.storage) {
    for (const auto& d : config.diagnostics) std::cerr << config::to_text(d, config.files) << '\n';
    std::cerr << fmt::format("shstore-status: {} is not the configuration of a storage daemon\n", path);
    return kConfiguration;
  }
  const auto shared = changer::shared_devices(config, changer::disk_conf_loader());
  const auto live = status::read_live(shared.devices);
  const auto state = known_state(shared);
  if (explain) return exit_status(status::explain({config, shared, state, live}, *explain));
  const auto snapshot = status::join(config, shared, state, live);
  if (with_name) std::cout << snapshot.sd_name << ":\n";
  std::cout << status::to_text(snapshot);
  for (const auto& l : live) {
    if (!l.error.empty()) return kDevice;
  }
  return 0;
}

// The options of --explain-job; `request.job` is 0 unless it is given.
CLI::Option* add_explain_options(CLI::App& app, status::ExplainRequest& request) {
  auto* job = app.add_option("--explain-job", request.job, "say what this job does in the daemon, and why it waits for a drive");
  const auto add = [&](const char* name, auto& value, const char* text) { return app.add_option(name, value, text)->needs(job); };
  auto* file = add("--bacula-status", request.bacula_status, "what `status storage=NAME` printed: a file, or - for standard input");
  auto* bconsole = add("--bconsole", request.bconsole.configuration, "a bconsole.conf: ask the Director for that status")->excludes(file);
  bconsole->needs(add("--storage", request.bconsole.storage, "with --bconsole: the Director's Storage for this daemon"));
  add("--bconsole-program", request.bconsole.program, "the bconsole to run")->needs(bconsole);
  add("--device", request.hints.device, "the Autochanger or Device that the job asks for");
  add("--pool", request.hints.pool, "the Pool that it asks for");
  add("--media-type", request.hints.media_type, "the Media Type that it asks for");
  add("--volume", request.hints.volumes, "a Volume that the Director may offer; may be given more than once, in its order");
  add("--reads", request.hints.reads, "yes or no: the job reads");
  add("--prefer-mounted", request.hints.prefers_mounted, "yes or no: Prefer Mounted Volumes of the Job");
  app.add_flag("--json", request.json, "print the explanation as JSON")->needs(job);
  return job;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Shows which Storage Daemon holds which drive, and which jobs wait for whom."};
  app.footer(
      "Exit status: 0 done, 1 usage, 2 a configuration cannot be read, 3 a drive or bacula-sd cannot be asked, "
      "4 this daemon does not know the job.");
  std::vector<std::string> files;
  app.add_option("--sd", files, "a bacula-sd.conf; may be given more than once")->required()->check(CLI::ExistingFile);
  status::ExplainRequest request;
  const auto* explain = add_explain_options(app, request);
  app.set_version_flag("--version", std::string("shstore-status (shstore) " SHSTORE_VERSION));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kUsage;
  }
  if (*explain && files.size() > 1) {
    std::cerr << "shstore-status: --explain-job is about one daemon: give --sd once\n";
    return kUsage;
  }
  try {
    int worst = 0;
    for (size_t i = 0; i < files.size(); ++i) {
      if (i > 0) std::cout << '\n';
      worst = std::max(worst, show(files[i], files.size() > 1, *explain ? std::optional(request) : std::nullopt));
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
