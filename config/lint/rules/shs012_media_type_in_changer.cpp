#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <set>

#include "config/lint/drive.h"
#include "config/lint/lookalike.h"
#include "config/lint/rules/rules.h"
#include "config/spelling.h"

namespace shstore::config::lint {
namespace {

using Changer = std::pair<size_t, size_t>;  ///< index of the Storage Daemon, and of its Autochanger

/// The Media Types by which the Director asks for each Autochanger: a library of two generations has two
/// Storages.
std::set<std::pair<Changer, std::string_view>> asked_for(const Site& site) {
  std::set<std::pair<Changer, std::string_view>> result;
  for (size_t i = 0; i < site.links.size(); ++i) {
    const StorageLink& link = site.links[i];
    if (!link.sd || link.target != StorageLink::Target::autochanger) continue;
    result.emplace(Changer{*link.sd, link.index}, *site.director->storages[i].media_type);
  }
  return result;
}

/// One letter apart within a word, not in a number and not the last: FileA and FileB, LTO-8 and LTO-9 are meant so.
bool is_typing_error(std::string_view a, std::string_view b) {
  constexpr size_t kShortest = 5;
  if (a.size() < kShortest || b.size() < kShortest || a.back() != b.back()) return false;
  const std::array<std::string_view, 1> candidates{b};
  const auto without_digits = [](std::string_view text) {
    std::string letters;
    std::copy_if(text.begin(), text.end(), std::back_inserter(letters),
                 [](char c) { return !std::isdigit(static_cast<unsigned char>(c)); });
    return letters;
  };
  return without_digits(a) != without_digits(b) && !nearest(a, candidates).empty();
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  const auto asked = asked_for(site);
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    const SdConfig& config = site.sds[sd].config;
    for (size_t c = 0; c < config.autochangers.size(); ++c) {
      const SdDevice* first = nullptr;
      std::set<std::string_view> seen;
      for (const Drive& drive : report.drives_of(sd, c)) {
        if (!first) first = drive.device;
        const std::string_view type = *drive.device->media_type;
        const std::string_view usual = *first->media_type;
        if (type == usual || !seen.insert(type).second) continue;
        const bool is_slip = is_typing_error(type, usual);
        if (!is_tape_like(*drive.device) && !is_slip && folded_tightly(type) != folded_tightly(usual)) continue;
        const bool looks_alike = folded_tightly(type) == folded_tightly(usual);
        const auto is_asked = [&](std::string_view t) { return asked.contains({Changer{sd, c}, t}); };
        if (!looks_alike && is_asked(type) && is_asked(usual)) continue;
        Finding& finding = report.add(
            place(config, drive.device->media_type),
            fmt::format("drive \"{}\" of Autochanger \"{}\" has Media Type \"{}\", drive \"{}\" has \"{}\"{}",
                        *drive.device->name, *config.autochangers[c].name, type, *first->name, usual,
                        looks_alike ? fmt::format(" ({})", difference(type, usual))
                        : is_slip   ? ": is that a typing error?"
                                    : ""),
            looks_alike ? "write one Media Type in all drives, in the Director's Storages and in the catalog"
                        : "write one Media Type in all drives that can read and write the same tapes");
        const bool is_known = is_asked(type) || is_asked(usual);
        finding.level = looks_alike ? Level::error : is_known || is_slip ? Level::warning : Level::info;
        finding.notes.push_back({place(config, first->media_type), "the other one is here"});
      }
    }
  }
}

}  // namespace

const Rule shs012{"SHS012", Level::warning, "drives of one Autochanger have different Media Types", check,
                  R"(What: Two drives of an Autochanger have different Media Types. If the two differ only in look-alike
characters (LT0 and LTO, LTO9 and LTO-9) it is an error. Silent if the Director has a Storage for each
of the Media Types, a warning if it has one for some, an info if the Director's file is not known. Of disk
changers only what looks like a typing error (FilaChanger and FileChanger) is told, as a warning.

Why: bacula-sd gives a job only a drive whose Media Type is letter by letter that of the Director's Storage.
The other drive is never used through the Autochanger, and tapes written in one cannot be restored in the
other: the catalog keeps the Media Type of each Volume.

Example:
    Device { Name = Drive-0; Media Type = LTO; ... }
    Device { Name = Drive-1; Media Type = LT0; ... }       # a digit

Fix: Write the same Media Type in every drive that takes the same tapes, on every host, and in the Director's
Storages. For drives of different generations in one library write one Storage for each Media Type.)"};

}  // namespace shstore::config::lint
