#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "config/lint/drive.h"
#include "config/lint/library.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr uint64_t kCalibration = 2 * 3600;  // seconds

// "LTO-9", "LTO9", "lto_9", "Ultrium 9": a generation of LTO, which is not followed by another digit.
bool is_lto9(std::string_view media_type) {
  std::string plain;
  for (const char c : media_type) {
    const auto ch = static_cast<unsigned char>(c);
    if (std::isalnum(ch)) plain += static_cast<char>(std::tolower(ch));
  }
  for (const std::string_view name : {"lto9", "ultrium9", "lt09", "lto09"}) {
    const auto at = plain.find(name);
    const auto behind = at + name.size();
    if (at != std::string::npos && (behind >= plain.size() || !std::isdigit(static_cast<unsigned char>(plain[behind]))))
      return true;
  }
  return false;
}

// "ULT3580-TD9", "ULTRIUM-HH9", "Ultrium 9-SCSI", as the drive itself says it.
bool is_generation_9(std::string_view product) {
  std::string upper;
  for (const unsigned char ch : product) upper += static_cast<char>(std::toupper(ch));
  for (const std::string_view name : {"-TD9", "-HH9", "-FH9"}) {
    const auto at = upper.find(name);
    const auto behind = at + name.size();
    if (at != std::string::npos && (behind >= upper.size() || !std::isdigit(static_cast<unsigned char>(upper[behind]))))
      return true;
  }
  return is_lto9(product);
}

void check(const Site&, const Surroundings&, Reporter& report) {
  OurChanger ours;
  for (const Drive& drive : report.drives()) {
    const SdDevice& device = *drive.device;
    if (!ours.is_run_by(changer_command(drive))) continue;
    const InventoryDevice* const known = known_drive(drive);
    const bool calibrates = is_lto9(*device.media_type) || (known != nullptr && is_generation_9(known->product));
    if (!calibrates || *device.maximum_changer_wait >= kCalibration) continue;
    report.add(
        !device.maximum_changer_wait.given ? place(drive.config(), device.media_type)
                                           : place(drive.config(), device.maximum_changer_wait),
        fmt::format(
            "Device \"{}\": Maximum Changer Wait is {} s, but the first load of a new LTO-9 cartridge takes up to two hours",
            *device.name, *device.maximum_changer_wait),
        "Maximum Changer Wait = 3 hours");
  }
}

}  // namespace

const Rule shs047{
    "SHS047", Level::warning, "an LTO-9 drive is not given the time to calibrate a new cartridge", check,
    R"(What: A Device of Media Type LTO-9, or whose drive is an LTO-9 drive by the host's inventory, has a Maximum
Changer Wait below two hours; 5 minutes is Bacula's default.

Why: An LTO-9 drive calibrates every new cartridge at its first load. This takes 20 minutes to two hours,
during which the drive says that it is becoming ready and ignores an unload. bacula-sd gives up after
Maximum Changer Wait: the first job of every new tape fails, `label barcodes` of a new batch fails for each
of them, and the next unload is refused by the library. A cartridge that was loaded once needs no more of
this. LTO-10 does not do it.

Example:
    Device {
      Media Type = LTO-9
      Maximum Changer Wait = 5 minutes
      ...
    }

Fix: Maximum Changer Wait = 3 hours, or load each new cartridge once by hand before its first job.)"};

}  // namespace shstore::config::lint
