// shstore-status --check: a Nagios plugin.
#include <iostream>
#include <memory>

#include "status/show/check.h"
#include "status/program/command.h"

namespace shstore::status {
namespace {

struct Asked {
  bool chosen = false;
  Thresholds warning, critical;
};

int run_check(const Request& request, const Asked& asked) {
  std::vector<SdSnapshot> snapshots;
  std::vector<Unreadable> unreadable;
  for (auto& facts : gather(request.question)) {
    if (facts) {
      snapshots.push_back(std::move(facts->snapshot));
    } else {
      unreadable.push_back(std::move(facts.error()));
    }
  }
  const auto result = check(snapshots, asked.warning, asked.critical, unreadable);
  std::cout << result.text;
  return static_cast<int>(result.severity);
}

CLI::Option* add_thresholds(CLI::App& app, const char* name, Thresholds& place, const char* text) {
  return app
      .add_option_function<std::string>(
          name,
          [&place, name](const std::string& words) {
            auto thresholds = parse_thresholds(words);
            if (!thresholds) throw CLI::ValidationError(name, thresholds.error());
            place = std::move(*thresholds);
          },
          text)
      ->type_name("AGE[,WAIT]")
      ->group("Nagios");
}

}  // namespace

Command add_check_command(CLI::App& app) {
  const auto asked = std::make_shared<Asked>();
  auto* option =
      app.add_flag("--check", asked->chosen, "be a Nagios plugin: exit status 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN");
  option->group("Nagios");
  add_thresholds(app, "-w,--warning", asked->warning, "ranges in seconds: for how long a lock is held, and a job waits")
      ->needs(option);
  add_thresholds(app, "-c,--critical", asked->critical, "the same")->needs(option);
  return {option, [asked](const Request& request) { return run_check(request, *asked); }};
}

}  // namespace shstore::status
