#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <unordered_map>

#include "config/lint/duplicates.h"
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
  const TextValue* value = nullptr;
  const SdConfig* sd = nullptr;         ///< the file it is in, or
  const DirConfig* director = nullptr;  ///< the Director's
};

Place place_of(const Named& named) {
  return named.sd ? place(*named.sd, *named.value) : place(*named.director, *named.value);
}

/// Reports each new spelling of a name that was there before.
class Spellings {
 public:
  explicit Spellings(Reporter& report) : report_(report) {}

  /// First all names, then all again with add().
  void expect(std::string_view name) { alike_.add(hash_of(name)); }
  void reserve(size_t names) { alike_.reserve(names); }
  /// False if no two names look alike.
  bool all_are_expected() {
    alike_.find();
    return !alike_.empty();
  }

  void add(const Named& named) {
    if (!alike_.contains(hash_of(named.name))) return;
    const auto [entry, is_new] = by_fold_.try_emplace(folded(named.name));
    std::vector<Named>& spellings = entry->second;
    const auto is_same = [&](const Named& other) { return other.name == named.name; };
    if (!is_new && std::any_of(spellings.begin(), spellings.end(), is_same)) return;
    for (const Named& other : spellings) {
      // Between hosts, Drive_0 and drive-0 are a matter of taste.
      if (other.sd != named.sd && plain(other.name) == plain(named.name)) continue;
      report(named, other);
      break;
    }
    if (spellings.size() < 8) spellings.push_back(named);
  }

 private:
  void report(const Named& named, const Named& other) {
    Finding& finding = report_.add(place_of(named),
                                   fmt::format("{} \"{}\" and {} \"{}\" look alike: {}", named.type, named.name,
                                               other.type, other.name, difference(named.name, other.name)),
                                   "write both in the same way, or give one a name that cannot be mistaken");
    finding.notes.push_back({place_of(other), "the other one is here"});
  }

  static uint64_t hash_of(std::string_view name) { return folded_hash(name); }

  Reporter& report_;
  Duplicates alike_;
  std::unordered_map<std::string, std::vector<Named>> by_fold_;
};

template <class Each>
void for_each_name(const Site& site, Each each) {
  for (const SiteSd& sd : site.sds) {
    for (const SdAutochanger& changer : sd.config.autochangers)
      each(Named{*changer.name, "Autochanger", &changer.name, &sd.config});
    for (const SdDevice& device : sd.config.devices) each(Named{*device.name, "Device", &device.name, &sd.config});
  }
}

template <class Each>
void for_each_storage(const DirConfig& director, Each each) {
  for (const DirStorage& storage : director.storages) {
    const std::string_view type = storage.is_autochanger_resource ? "Autochanger" : "Storage";
    each(Named{*storage.name, type, &storage.name, nullptr, &director});
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  size_t count = 0;
  for (const SiteSd& sd : site.sds) count += sd.config.autochangers.size() + sd.config.devices.size();
  Spellings daemons(report);
  daemons.reserve(count);
  for_each_name(site, [&](const Named& named) { daemons.expect(named.name); });
  if (daemons.all_are_expected()) for_each_name(site, [&](const Named& named) { daemons.add(named); });
  if (!site.director) return;
  Spellings storages(report);
  for_each_storage(*site.director, [&](const Named& named) { storages.expect(named.name); });
  if (storages.all_are_expected()) for_each_storage(*site.director, [&](const Named& named) { storages.add(named); });
}

}  // namespace

const Rule shs025{
    "SHS025", Level::warning, "two names look alike", check,
    R"(What: Two names of Devices or Autochangers of the Storage Daemons, or two of the Director's Storages,
differ only in characters that look alike: 0 and O, 1, l and I; within one file also in case or in the
kind of separator.

Why: Bacula compares names letter by letter. LT09 and LTO9 are two names to it and one to whoever reads a
report, types a command in bconsole, or copies a resource from the other host.

Example:
    Device { Name = LT09_1_Drive0; ... }      # cibou: a zero
    Device { Name = LTO9_1_Drive0; ... }      # dir: the letter O

Fix: Write the letter O in LTO on every host, and change the names in the Autochanger's list and in
bacula-dir.conf too.)"};

}  // namespace shstore::config::lint
