#include <fmt/format.h>

#include <map>
#include <string_view>
#include <unordered_map>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// The devices of one SD that are drives of several SDs, by name.
using SharedByName = std::unordered_map<std::string_view, DriveRef>;

std::vector<SharedByName> shared_by_name(const Site& site) {
  std::vector<SharedByName> result(site.sds.size());
  for (const auto& group : site.same_drive) {
    for (const DriveRef& ref : group) result[ref.sd].try_emplace(*site.device(ref).name, ref);
  }
  return result;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  const std::vector<SharedByName> by_name = shared_by_name(site);
  for (const auto& group : site.same_drive) {
    const Drive first = drive_at(site, group.front());
    for (const DriveRef& ref : group) {
      const Drive drive = drive_at(site, ref);
      if (ref.sd == first.ref.sd || *drive.device->name == *first.device->name) continue;
      if (!by_name[ref.sd].contains(*first.device->name)) continue;
      Finding& finding =
          report.add(place(drive.config(), drive.device->name),
                     fmt::format("\"{}\" here is the drive that {} calls \"{}\", a name that is another drive here",
                                 *drive.device->name, name_of(*first.sd), *first.device->name),
                     "give one drive one name on all hosts, or names that say which host's they are");
      finding.notes.push_back({place(first.config(), first.device->name), "the other host's is here"});
    }
  }
}

}  // namespace

const Rule shs044{"SHS044", Level::warning, "hosts use each other's names for different drives", check,
                  R"(What: By the hosts' inventories a drive is named Drive-1 on one host, and on the other that name
belongs to another drive that they share.

Why: It works, but whoever reads "waiting for Drive-0" on one host looks at the wrong drive on the other, and
clears a lock that is in use. It often shows that the drives of one host are in another order than was meant.

Example:
    Device { Name = Drive-0; Archive Device = /dev/nst0; ... }     # cibou: serial HU19477B2C
    Device { Name = Drive-1; Archive Device = /dev/nst1; ... }     # dir: serial HU19477B2C

Fix: Name the drives alike on all hosts, by the library's order (SHS002), or put the host's name into each:
cibou-Drive-0.)"};

}  // namespace shstore::config::lint
