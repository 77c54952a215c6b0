#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <unordered_map>

#include "config/lint/lookalike.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// Without regard to case and kind of separator: what is left of a difference is digits against letters.
std::string plain(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    if (c == '_' || c == '.' || c == ':' || c == ' ') c = '-';
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

struct Named {
  std::string_view name, type;
  Place at;
  size_t file = 0;  ///< which configuration it is in
};

/// Reports each new spelling of a name that was there before.
class Spellings {
 public:
  explicit Spellings(Reporter& report) : report_(report) {}

  void add(const Named& named) {
    std::vector<Named>& spellings = by_fold_[folded(named.name)];
    const auto is_same = [&](const Named& other) { return other.name == named.name; };
    if (std::any_of(spellings.begin(), spellings.end(), is_same)) return;
    for (const Named& other : spellings) {
      // Between hosts, Drive_0 and drive-0 are a matter of taste.
      if (other.file != named.file && plain(other.name) == plain(named.name)) continue;
      report(named, other);
      break;
    }
    if (spellings.size() < 8) spellings.push_back(named);
  }

 private:
  void report(const Named& named, const Named& other) {
    Finding& finding = report_.add(
        named.at,
        fmt::format("{} \"{}\" and {} \"{}\" look alike: {}", named.type, named.name, other.type, other.name,
                    difference(named.name, other.name)),
        "write both in the same way, or give one a name that cannot be mistaken");
    finding.notes.push_back({other.at, "the other one is here"});
  }

  Reporter& report_;
  std::unordered_map<std::string, std::vector<Named>> by_fold_;
};

void check(const Site& site, const Surroundings&, Reporter& report) {
  Spellings daemons(report);
  for (size_t i = 0; i < site.sds.size(); ++i) {
    const SdConfig& config = site.sds[i].config;
    for (const SdAutochanger& changer : config.autochangers) {
      daemons.add({*changer.name, "Autochanger", place(config, changer.name), i});
    }
    for (const SdDevice& device : config.devices) {
      daemons.add({*device.name, "Device", place(config, device.name), i});
    }
  }
  if (!site.director) return;
  Spellings storages(report);
  for (const DirStorage& storage : site.director->storages) {
    storages.add({*storage.name, storage.is_autochanger_resource ? "Autochanger" : "Storage",
                  place(*site.director, storage.name), 0});
  }
}

}  // namespace

const Rule shs025{
    "SHS025", Level::warning, "two names look alike", check,
    R"(What: Two names of Devices or Autochangers of the Storage Daemons, or two of the Director's Storages, differ only in
characters that look alike: 0 and O, 1, l and I; within one file also in case or in the kind of separator.

Why: Bacula compares names letter by letter. LT09 and LTO9 are two names to it and one to whoever reads a report, types a
command in bconsole, or copies a resource from the other host.

Example:
    Device { Name = LT09_1_Drive0; ... }      # cibou: a zero
    Device { Name = LTO9_1_Drive0; ... }      # dir: the letter O

Fix: Write the letter O in LTO on every host, and change the names in the Autochanger's list and in bacula-dir.conf too.)"};

}  // namespace shstore::config::lint
