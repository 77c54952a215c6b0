#include <fmt/format.h>

#include <map>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (size_t i = 0; i < site.sds.size(); ++i) {
    const SiteSd& sd = site.sds[i];
    for (size_t c = 0; c < sd.config.autochangers.size(); ++c) {
      const SdAutochanger& changer = sd.config.autochangers[c];
      std::map<uint32_t, const SdDevice*> first_with;
      for (const Drive& drive : report.drives_of(i, c)) {
        if (is_virtual_changer(changer_command(drive))) continue;  // no robot looks at the number
        const SdDevice* const device = drive.device;
        const auto [entry, is_new] = first_with.try_emplace(*device->drive_index, device);
        if (is_new) continue;
        const SdDevice& first = *entry->second;
        const Value<uint32_t>& index = device->drive_index;
        Finding& finding =
            report.add(index.given ? place(sd.config, index) : place(sd.config, device->at),
                       fmt::format("drives \"{}\" and \"{}\" of Autochanger \"{}\" have the same Drive Index {}{}",
                                   *first.name, *device->name, *changer.name, *index,
                                   index.given ? "" : ", which is what a missing Drive Index means"),
                       "give each drive its number in the library's element order, from 0");
        const Value<uint32_t>& other = first.drive_index;
        finding.notes.push_back(
            {other.given ? place(sd.config, other) : place(sd.config, first.at), "the first one is here"});
      }
    }
  }
}

}  // namespace

const Rule shs001{"SHS001", Level::error, "two drives of one Autochanger have the same Drive Index", check,
                  R"(What: Two Device resources of one Autochanger have the same Drive Index, or both have none, which
means 0.

Why: Bacula tells the robot to load a tape into drive N and then opens the Archive Device. With a wrong
number the tape is in another drive: Bacula waits for it, or reads and writes the tape that happens to be in
this one. bacula-sd does not check it.

Example:
    Device { Name = Drive-0; Drive Index = 0; ... }
    Device { Name = Drive-1; Drive Index = 0; ... }   # loads into Drive-0

Fix: Number the drives as the library does, from 0. `mtx -f /dev/sgN status` lists its Data Transfer Elements
in that order; compare serial numbers if in doubt.)"};

}  // namespace shstore::config::lint
