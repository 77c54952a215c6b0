// shstore-status --serve [ADDRESS]: the page, JSON and metrics by HTTP, from what the plugins have written down.
#include <signal.h>

#include <iostream>
#include <memory>

#include "config/shared/shared_devices.h"
#include "reserve/record/state_file.h"
#include "scsi/base/places.h"
#include "status/look/stored.h"
#include "status/printable.h"
#include "status/program/command.h"
#include "status/serve/address.h"
#include "status/serve/answers.h"
#include "status/serve/http_server.h"

namespace shstore::status {
namespace {

std::string working_directory() {
  return base::etc_dir().starts_with("/opt/") ? "/opt/bacula/working" : "/var/lib/bacula";
}

struct AskedToServe {
  serve::Address address;
  std::vector<std::string> states, names;
};

int cannot(const std::string& why, Exit status) {
  std::cerr << "shstore-status: " << printable_lines(why) << '\n';
  return status;
}

/// The state of each daemon that --sd names: its configuration is read once, and not again.
tl::expected<std::vector<std::string>, std::string> states_of(const std::vector<std::string>& sd_files) {
  std::vector<std::string> states;
  for (const auto& file : sd_files) {
    const auto config = read_sd_config(file);
    if (!config) return tl::make_unexpected(config.error());
    const auto shared = config::shared_devices(*config, config::disk_conf_loader());
    states.push_back(record::state_path(shared.working_directory, shared.sd_name));
  }
  return states;
}

int run_server(const Request& request, const AskedToServe& asked) {
  auto places = states_of(request.question.sd_files);
  if (!places) return cannot(places.error(), kConfiguration);
  places->insert(places->end(), asked.states.begin(), asked.states.end());
  if (places->empty()) places->push_back(working_directory());
  serve::Answers answers([places = *places] { return read_stored(places); }, asked.names);
  const auto server =
      serve::HttpServer::listen(asked.address, [&](const serve::Asked& one) { return answers.to(one); });
  if (!server) return cannot(server.error(), kDevice);
  const auto address = (*server)->address();
  if (!address.loopback()) {
    cannot("warning: whoever reaches " + address.text() + " can read who holds which drive; nothing is encrypted",
           kDone);
  }
  std::cout << "http://" << address.text() << "/" << std::endl;
  (*server)->run({SIGINT, SIGTERM});
  return kDone;
}

}  // namespace

Command add_serve_command(CLI::App& app) {
  const auto asked = std::make_shared<AskedToServe>();
  auto* option = app.add_option_function<std::string>(
      "--serve",
      [asked](const std::string& text) {
        const auto address = serve::parse_address(text);
        if (!address) throw CLI::ValidationError("--serve", address.error());
        asked->address = *address;
      },
      "show the page, kept new, and /json, /metrics and /healthz by HTTP at this address (default 127.0.0.1:9848); reads "
      "what the plugins have written down and asks no drive");
  option->expected(0, 1)->default_str("127.0.0.1:9848")->type_name("ADDRESS")->group("By HTTP");
  option->excludes(app.get_option("--json"))->excludes(app.get_option("--bacula-status"));
  auto* state = app.add_option("--state", asked->states,
                               "a state file, or a Working Directory with those of its daemons (default " +
                                   working_directory() + "); in place of --sd, so that no bacula-sd.conf is read");
  state->expected(1)->allow_extra_args(false)->take_all()->needs(option)->type_name("PLACE")->group("By HTTP");
  auto* name = app.add_option("--serve-name", asked->names,
                              "a name of this host that browsers may use for it, besides localhost and IP addresses");
  name->expected(1)->allow_extra_args(false)->take_all()->needs(option)->type_name("NAME")->group("By HTTP");
  name->check(CLI::Validator([](std::string& text) { return serve::no_host_name(text); }, "NAME"));
  return {option, [asked](const Request& request) { return run_server(request, *asked); }, false};
}

}  // namespace shstore::status
