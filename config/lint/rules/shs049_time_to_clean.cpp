#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check_time(const Drive& drive, Reporter& report) {
  const ChangerText& text = *drive.sd->changer_conf;
  const SdDevice& device = *drive.device;
  if (*text.clean_wait < *device.maximum_changer_wait || !runs_our_changer(changer_command(drive))) return;
  report.add(
      place(text, text.clean_wait.given ? text.clean_wait.at : text.auto_clean.at),
      fmt::format(
          "clean_wait is {} s, but bacula-sd ends the unload of Device \"{}\" after {} s (Maximum Changer Wait), with the "
          "cleaning cartridge in the drive",
          *text.clean_wait, *device.name, *device.maximum_changer_wait),
      fmt::format("Maximum Changer Wait = {} seconds or more in the Device resource, or a smaller clean_wait",
                  *text.clean_wait + 120));
}

void check(const Site&, const Surroundings&, Reporter& report) {
  for (const Drive& drive : report.drives()) {
    if (drive.sd->changer_conf && *drive.sd->changer_conf->auto_clean != 0) check_time(drive, report);
  }
}

}  // namespace

const Rule shs049{
    "SHS049", Level::warning, "a drive is not given the time to be cleaned", check,
    R"(What: shstore-changer.conf says auto_clean=1, and its clean_wait is not below the Maximum Changer Wait of a
Device.

Why: With auto_clean=1 an unload takes longer if the drive has asked to be cleaned: until it is clean, at
most clean_wait seconds. bacula-sd ends whatever its changer does after Maximum Changer Wait, by SIGTERM and
five seconds later by SIGKILL, too soon for a cartridge that is still in the drive to be put back. The drive
stays locked meanwhile; the robot is free for other drives and hosts.

Example:
    auto_clean=1
    clean_wait=600                    # shstore-changer.conf
    Maximum Changer Wait = 5 minutes  # bacula-sd.conf

Fix: Raise Maximum Changer Wait in the Device resources above clean_wait.)"};

}  // namespace shstore::config::lint
