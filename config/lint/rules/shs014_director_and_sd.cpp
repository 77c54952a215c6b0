#include <fmt/format.h>

#include <unordered_map>

#include "config/lint/drive.h"
#include "config/lint/lookalike.h"
#include "config/lint/rules/rules.h"
#include "config/spelling.h"

namespace shstore::config::lint {
namespace {

/// Finds the name that was meant among those of one Storage Daemon.
class Names {
 public:
  explicit Names(const SdConfig& config) {
    const auto add = [&](const auto& resources) {
      for (const auto& resource : resources) {
        names_.push_back(*resource.name);
        by_fold_.try_emplace(folded(*resource.name), *resource.name);
      }
    };
    add(config.autochangers);
    add(config.devices);
  }

  bool empty() const { return names_.empty(); }

  /// Which names there are, where they are few enough to read.
  std::string help() const {
    if (names_.size() > 8) return "write the name of the resource in bacula-sd.conf, letter by letter";
    std::string list;
    for (size_t i = 0; i < names_.size(); ++i) {
      list += fmt::format("{}\"{}\"", i == 0 ? "" : i + 1 == names_.size() ? " and " : ", ", names_[i]);
    }
    return fmt::format("write a name that it has, letter by letter: {}", list);
  }

  /// `; did you mean "LTO-Changer-1" (the letter "O" in one, ...)?`, or empty.
  std::string suggestion(std::string_view written) {
    const auto alike = by_fold_.find(folded(written));
    if (alike != by_fold_.end()) {
      return fmt::format("; did you mean \"{}\" ({})?", alike->second, difference(written, alike->second));
    }
    // Comparing with every name is slow: a file with more mistakes than this needs another remedy.
    if (++compared_ > 50) return {};
    return did_you_mean(written, names_);
  }

 private:
  std::vector<std::string_view> names_;
  std::unordered_map<std::string, std::string_view> by_fold_;
  int compared_ = 0;
};

/// The Media Types that a job can get by this name: the device's, or those of the Autochanger's drives.
std::vector<const TextValue*> media_types(const Site& site, size_t sd, const DeviceTarget& target) {
  if (target.kind == DeviceTarget::Kind::device) return {&site.sds[sd].config.devices[target.index].media_type};
  std::vector<const TextValue*> types;
  for (const Drive& drive : drives_of(site, sd, target.index)) {
    if (*drive.device->enabled) types.push_back(&drive.device->media_type);
  }
  return types;
}

void check_media_type(const Site& site, const DirStorage& storage, size_t sd, const TextValue& name,
                      const DeviceTarget& target, Reporter& report) {
  if (!storage.media_type.given) return;
  const auto types = media_types(site, sd, target);
  if (types.empty()) return;
  for (const TextValue* type : types) {
    if (**type == *storage.media_type) return;
  }
  const std::string_view type = **types.front();
  const bool is_alike = folded_tightly(type) == folded_tightly(*storage.media_type);
  Finding& finding =
      report.add(place(*site.director, storage.media_type),
                 fmt::format("Storage \"{}\" has Media Type \"{}\", but \"{}\" of {} has \"{}\"{}: no job can use it",
                             *storage.name, *storage.media_type, *name, name_of(site.sds[sd]), type,
                             is_alike ? fmt::format(" ({})", difference(*storage.media_type, type)) : ""),
                 fmt::format("write Media Type = {} in both", type));
  finding.notes.push_back({place(site.sds[sd].config, *types.front()), "the Storage Daemon's is here"});
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (!site.director) return;
  std::vector<Names> names;
  for (const SiteSd& sd : site.sds) names.emplace_back(sd.config);
  for (size_t i = 0; i < site.links.size(); ++i) {
    const StorageLink& link = site.links[i];
    const DirStorage& storage = site.director->storages[i];
    if (!link.sd || names[*link.sd].empty()) continue;
    for (size_t n = 0; n < link.devices.size(); ++n) {
      const TextValue& name = storage.devices[n];
      if (link.devices[n].kind != DeviceTarget::Kind::unknown) {
        check_media_type(site, storage, *link.sd, name, link.devices[n], report);
        continue;
      }
      report.add(place(*site.director, name),
                 fmt::format("Storage \"{}\": {} has no Autochanger or Device \"{}\"{}", *storage.name,
                             name_of(site.sds[*link.sd]), *name, names[*link.sd].suggestion(*name)),
                 names[*link.sd].help());
    }
  }
}

}  // namespace

const Rule shs014{"SHS014", Level::error, "the Director asks for what the Storage Daemon does not have", check,
                  R"(What: The Device of a Director's Storage or Autochanger is the name of no Autochanger or Device
resource of its Storage Daemon; or the Media Types of the two differ. Which Storage Daemon it is is
known by address and port, password, or names.

Why: The Storage Daemon compares both letter by letter. Neither daemon complains when it starts; each job
then fails with "Device not in SD Device resources or no matching Media Type".

Example:
    Autochanger { Name = LTO-Changer-1; ... }                               # bacula-sd.conf, the letter O
    Autochanger { Name = Changer-1; Device = LT0-Changer-1; ... }           # bacula-dir.conf, the digit 0

Fix: Copy the name and the Media Type from bacula-sd.conf. If tapes were already written under the other
Media Type, change bacula-sd.conf instead: the catalog keeps the Media Type of each Volume.)"};

}  // namespace shstore::config::lint
