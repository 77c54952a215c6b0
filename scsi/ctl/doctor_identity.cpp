#include "scsi/ctl/doctor_identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace shstore::scsi::ctl {
namespace {

using Verdict = Check::Verdict;

bool is_named(const Element& drive, const OwnIdentity& own) {
  if (!drive.device) return false;
  if (names_serial(*drive.device, own.serial)) return true;
  return std::any_of(own.designators.begin(), own.designators.end(), [&](const Designator& d) {
    return d.type == drive.device->type && d.identifier == drive.device->identifier;
  });
}

constexpr const char* kConsequence =
    "so whether a Device is the library's drive of its Drive Index is not checked before a move (\"identity=required\" in "
    "shstore-changer.conf lets nothing be moved then)";

}  // namespace

Check check_identity(const std::string& changer, const std::vector<Element>& drives, const OwnIdentity& own) {
  for (size_t i = 0; i < drives.size(); ++i) {
    if (is_named(drives[i], own)) {
      return {Verdict::ok, "identity", fmt::format("it is drive {} of {} (element {})", i, changer, drives[i].address)};
    }
  }
  const auto told = static_cast<size_t>(
      std::count_if(drives.begin(), drives.end(), [](const Element& d) { return d.device.has_value(); }));
  const bool in_letters = std::all_of(drives.begin(), drives.end(),
                                      [](const Element& d) { return d.device && !device_serial(*d.device).empty(); });
  if (told == drives.size() && !drives.empty() && !in_letters) {
    return {Verdict::warning, "identity",
            fmt::format("{} names its drives in another way than this drive does itself, {}", changer, kConsequence)};
  }
  if (told == drives.size() && !drives.empty() && !(own.serial.empty() && own.designators.empty())) {
    return {Verdict::failed, "identity",
            fmt::format("it is none of the {} drives of {}: is that the robot of another library?", drives.size(),
                        changer)};
  }
  const bool cut = std::any_of(drives.begin(), drives.end(), [](const Element& d) { return d.device_cut; });
  const auto why = drives.empty()          ? fmt::format("{} has told of no drive", changer)
                   : cut                   ? fmt::format("{} sends the beginning of its drives' names only", changer)
                   : told == drives.size() ? std::string("the drive does not tell who it is")
                                           : fmt::format("{} does not tell which of its drives is which", changer);
  return {Verdict::warning, "identity", fmt::format("{}, {}", why, kConsequence)};
}

Check ask_identity(const std::string& changer, const OwnIdentity& own, const std::atomic<bool>* stop) {
  const auto transport = open_transport(changer);
  if (!transport) return {Verdict::failed, "identity", transport.error().message};
  LogicalUnit unit(**transport, LogicalUnit::Pause{}, stop);
  const auto kind = unit.inquiry();
  if (!kind) return {Verdict::failed, "identity", kind.error().message};
  if (kind->device_type != kMediumChanger) {
    return {Verdict::failed, "identity",
            fmt::format("{} is a {}, not a medium changer", changer, device_type_text(kind->device_type))};
  }
  const auto status = MediumChanger(unit).read_element_status();
  if (!status) return {Verdict::warning, "identity", fmt::format("{}, {}", status.error().message, kConsequence)};
  return check_identity(changer, status->data_transfer, own);
}

}  // namespace shstore::scsi::ctl
