#include <fmt/format.h>

#include <string_view>
#include <unordered_map>

#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (const SiteSd& sd : site.sds) {
    std::unordered_map<std::string_view, const SdAutochanger*> changers;
    for (const SdAutochanger& changer : sd.config.autochangers) changers.try_emplace(*changer.name, &changer);
    if (changers.empty()) continue;
    for (const SdDevice& device : sd.config.devices) {
      const auto found = changers.find(*device.name);
      if (found == changers.end()) continue;
      Finding& finding = report.add(place(sd.config, device.name),
                                    fmt::format("a Device and an Autochanger are both named \"{}\": jobs get the "
                                                "Autochanger, console commands the Device",
                                                *device.name),
                                    "give the Device another name, and change it in the Autochanger's list");
      finding.notes.push_back({place(sd.config, found->second->name), "the Autochanger is here"});
    }
  }
}

}  // namespace

const Rule shs041{"SHS041", Level::warning, "an Autochanger and a Device have the same name", check,
                  R"(What: An Autochanger and a Device resource of one bacula-sd.conf have the same name.

Why: The Director asks for either by its name only. When a job asks, bacula-sd looks among the Autochangers
first; for label, mount, unmount and other console commands it looks among the Devices first. So a job may
use another drive than the one in which the tape was mounted by hand.

Example:
    Autochanger { Name = LTO; Device = LTO, LTO-1; ... }
    Device { Name = LTO; Drive Index = 0; ... }

Fix: Give each drive a name of its own, such as LTO-Drive-0, and write it in the Autochanger's Device list
and wherever the Director means the drive.)"};

}  // namespace shstore::config::lint
