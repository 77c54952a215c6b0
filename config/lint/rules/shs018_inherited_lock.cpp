#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr size_t kMostNames = 4;

/// `"Drive-0", "Drive-1" and 3 more`
std::string listed(const std::vector<std::string>& names) {
  std::string result;
  for (size_t i = 0; i < names.size() && i < kMostNames; ++i) {
    result += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", names[i]);
  }
  return names.size() > kMostNames ? fmt::format("{} and {} more", result, names.size() - kMostNames) : result;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    const SdConfig& config = site.sds[sd].config;
    for (size_t c = 0; c < config.autochangers.size(); ++c) {
      const SdAutochanger& changer = config.autochangers[c];
      if (changer.lock_command->empty()) continue;
      std::vector<std::string> names;
      for (const Drive& drive : report.drives_of(sd, c)) {
        if (drive.lock_command == &changer.lock_command) names.emplace_back(*drive.device->name);
      }
      if (names.empty()) continue;
      report.add(place(config, changer.lock_command),
                 fmt::format("Autochanger \"{}\" gives its Lock Command to {}", *changer.name, listed(names)),
                 "Bacula 9.6 itself does not pass it on, the plugin does; to be independent of the version "
                 "write it in "
                 "each Device");
    }
  }
}

}  // namespace

const Rule shs018{"SHS018", Level::info, "a Lock Command comes from the Autochanger", check,
                  R"(What: Devices without a Lock Command of their own take that of their Autochanger.

Why: Bacula 11 and later copy the Autochanger's Lock Command to its Devices when they start; Bacula 9.6
accepts the directive and does nothing with it. The plugin treats both alike, but what bacula-sd itself does
by the Device's Lock Command differs: 9.6 does not end when the Plugin Directory is missing, and runs without
locks instead.

Example:
    Autochanger {
      Name = LTO-Changer-1
      Device = LT09_1_Drive0, LT09_1_Drive1
      Lock Command = ")" SHSTORE_SCRIPTS_DIR R"(/storage-ctl %l %o"
      ...
    }

Fix: None is needed. To have the same with every version of Bacula, write the Lock Command in each Device.)"};

}  // namespace shstore::config::lint
