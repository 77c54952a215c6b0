#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "config/lint/rules/rules.h"
#include "config/spelling.h"

namespace shstore::config::lint {
namespace {

void check_destination(const SdConfig& config, const SdMessages& messages, const Directive& destination,
                       const std::set<std::string_view>& directors, Reporter& report) {
  for (const Token& name : destination.values) {
    if (!directors.contains(name.text) && !name.text.starts_with('@')) {  // not of a template
      const std::vector<std::string_view> known(directors.begin(), directors.end());
      report.add(place(config, name.at, static_cast<uint32_t>(name.text.size())),
                 fmt::format("Messages \"{}\" names Director \"{}\", which this file does not define{}", *messages.name,
                             name.text, did_you_mean(name.text, known)),
                 "write the name of a Director resource");
    }
    if (name.separator != ',') return;  // message types follow
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (const SiteSd& sd : site.sds) {
    std::set<std::string_view> directors;
    for (const SdDirector& director : sd.config.directors) directors.insert(*director.name);
    if (directors.empty() || directors.contains("")) continue;  // one of an unusable name may be meant
    for (const SdMessages& messages : sd.config.messages) {
      for (const Directive& destination : messages.destinations) {
        if (destination.broken || !same_name(destination.name, "Director")) continue;
        check_destination(sd.config, messages, destination, directors, report);
      }
    }
  }
}

}  // namespace

const Rule shs035{
    "SHS035", Level::info, "Messages are sent to a Director that is not defined", check,
    R"(What: A Messages resource of bacula-sd.conf has `director = NAME = ...` with a NAME that no Director
resource has.

Why: bacula-sd sends a job's messages to the Director that started the job, whatever the name is, so nothing
is lost. But it is often the trace of a Director that was renamed in one place only; where the name counts,
in the Director resource, the connection is refused.

Example:
    Director { Name = backup-dir; ... }
    Messages { Name = Standard; director = bacula-dir = all; }

Fix: Write the name of the Director resource: director = backup-dir = all.)"};

}  // namespace shstore::config::lint
