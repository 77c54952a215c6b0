#include "status/look/health_words.h"

#include <fmt/format.h>

#include "scsi/drive_health.h"

namespace shstore::status {

std::vector<std::string> health_complaints(const record::DriveHealth& h) {
  std::vector<std::string> all;
  if (h.cleaning == "required") {
    all.emplace_back(
        "asks to be cleaned at once: \"shstore-changer CHANGER clean DRIVE-INDEX\" does it, or auto_clean=1 after the next unload");
  } else if (!h.cleaning.empty()) {
    all.emplace_back("asks to be cleaned soon");
  }
  if (h.recovery_requested)
    all.emplace_back("has met an error that it does not get over by itself (recovery requested)");
  std::string alerts;
  for (const auto flag : h.alerts) {
    const bool told = flag == scsi::alert::cleaning_required || flag == scsi::alert::cleaning_requested;
    if (!told) alerts += fmt::format("{}{} ({})", alerts.empty() ? "" : ", ", scsi::describe_alert(flag), flag);
  }
  if (!alerts.empty()) all.push_back("has raised TapeAlert flags since the daemon started: " + alerts);
  return all;
}

std::vector<std::string> health_complaints_of(const DeviceSnapshot& d) {
  return d.plugin && d.plugin->health ? health_complaints(*d.plugin->health) : std::vector<std::string>{};
}

std::string health_activity(const record::DriveHealth& h) {
  if (h.calibrates)
    return "takes a cartridge in or calibrates it, which takes an LTO-9 drive up to two hours at the first load: do not interrupt it";
  if (h.activity == scsi::describe_activity(scsi::dt_activity::cleaning)) return "is being cleaned";
  return {};
}

}  // namespace shstore::status
