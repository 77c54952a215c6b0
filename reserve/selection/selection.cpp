#include "reserve/selection/selection.h"

#include <algorithm>
#include <array>

#include "reserve/selection/attempt.h"

namespace shstore::reserve {
namespace {

using Result = Attempt::Result;

// store_opts in reserve.c. Pass 1 is the first entry.
constexpr std::array<PassOptions, 13> kPasses{{
    // prefer_mounted, exact_match, changer_only, try_low_use, any_drive
    {true, true, false, true, false},
    {true, false, true, true, false},
    {true, false, true, false, true},
    {true, true, false, true, false},
    {false, true, false, false, false},
    {false, false, false, false, false},
    {true, false, false, false, true},
    // Prefer Mounted Volumes = no
    {false, false, true, true, false},
    {false, false, true, false, false},
    {false, false, false, true, false},
    {true, true, false, true, true},
    {true, false, true, true, false},
    {true, false, true, false, true},
}};
constexpr int kFirstOfPreferMounted = 1, kLastOfPreferMounted = 7, kFirstOfFree = 8, kLastOfFree = 13;

class Search {
 public:
  Search(const SdModel& model, const SdUse& use, const JobWish& wish)
      : model_(model), wish_(wish), attempt_(model, use, wish) {}

  Selection run() {
    const int first = wish_.prefer_mounted_volumes ? kFirstOfPreferMounted : kFirstOfFree;
    const int last = wish_.prefer_mounted_volumes ? kLastOfPreferMounted : kLastOfFree;
    for (int pass = first; pass <= last; ++pass) {
      attempt_.begin_pass(pass, kPasses[static_cast<size_t>(pass - 1)]);
      low_use_.reset();
      if (find_drive()) break;
    }
    return std::move(attempt_).result();
  }

 private:
  // find_suitable_device_for_job()
  bool find_drive() {
    if (wish_.append && attempt_.options().prefer_mounted && take_mounted_volume()) return true;
    for (const auto& storage : wish_.storages) {
      for (const auto& device : storage.devices) {
        if (search_resources(storage, device)) return true;
      }
    }
    return false;
  }

  // The Volume list is a copy: what the tries change does not change the order of this search.
  bool take_mounted_volume() {
    std::vector<std::pair<std::string, size_t>> mounted;
    for (size_t i = 0; i < model_.drives.size(); ++i) {
      if (!attempt_.use(i).volume.empty()) mounted.emplace_back(attempt_.use(i).volume, i);
    }
    std::sort(mounted.begin(), mounted.end());
    for (const auto& [volume, drive] : mounted) {
      if (attempt_.want_volume(volume) && take_mounted(volume, drive)) return true;
      attempt_.forget_volume();
    }
    return false;
  }

  bool take_mounted(const std::string& volume, size_t drive) {
    for (const auto& storage : wish_.storages) {
      for (const auto& device : storage.devices) {
        if (!is_meant(device, drive)) continue;
        attempt_.want_volume(volume);
        if (attempt_.reserve(storage, drive, {}) == Result::reserved) return true;
      }
    }
    return false;
  }

  // A drive with a Volume in it: may a Storage that names `device` have it?
  bool is_meant(const std::string& device, size_t drive) {
    const auto& facts = model_.drives[drive];
    if (facts.read_only) return false;
    if (!facts.autochanger) return facts.name == device;
    const auto in_changer = [&](const Changer& c) { return c.name == device && contains(c, drive); };
    return std::any_of(model_.changers.begin(), model_.changers.end(), in_changer) && facts.auto_select &&
           attempt_.use(drive).enabled;
  }

  static bool contains(const Changer& changer, size_t drive) {
    return std::find(changer.drives.begin(), changer.drives.end(), drive) != changer.drives.end();
  }

  // search_res_for_device()
  bool search_resources(const StorageWish& storage, const std::string& device) {
    for (const auto& changer : model_.changers) {
      if (changer.name != device) continue;
      if (attempt_.options().try_low_use) {
        compare_use(changer);
        if (low_use_) return attempt_.reserve(storage, *low_use_, low_use_) == Result::reserved;
      } else if (search_changer(storage, changer)) {
        return true;
      }
    }
    if (attempt_.options().changer_only) return false;
    for (size_t i = 0; i < model_.drives.size(); ++i) {
      if (model_.drives[i].name == device && attempt_.reserve(storage, i, low_use_) == Result::reserved) return true;
    }
    return false;
  }

  bool search_changer(const StorageWish& storage, const Changer& changer) {
    for (const auto drive : changer.drives) {
      if (may_be_selected(drive) && attempt_.reserve(storage, drive, low_use_) == Result::reserved) return true;
    }
    return false;
  }

  // Only the least used drive is tried in such a pass; one left over from another changer stays in the race.
  void compare_use(const Changer& changer) {
    for (const auto drive : changer.drives) {
      if (!may_be_selected(drive)) continue;
      const auto& use = attempt_.use(drive);
      if (!low_use_ || use.usage < attempt_.use(*low_use_).usage ||
          (use.usage == attempt_.use(*low_use_).usage && use.reserved < attempt_.use(*low_use_).reserved)) {
        low_use_ = drive;
      }
    }
  }

  bool may_be_selected(size_t drive) {
    const auto& facts = model_.drives[drive];
    if (wish_.append && facts.read_only) {
      attempt_.pass_over(drive, Obstacle::read_only);
      return false;
    }
    if (!facts.auto_select) {
      attempt_.pass_over(drive, Obstacle::not_auto_select);
      return false;
    }
    return true;
  }

  const SdModel& model_;
  const JobWish& wish_;
  Attempt attempt_;
  std::optional<size_t> low_use_;
};

}  // namespace

bool is_preference(Obstacle obstacle) {
  return obstacle == Obstacle::not_free || obstacle == Obstacle::nothing_mounted || obstacle == Obstacle::other_volume;
}

Selection select(const SdModel& model, const SdUse& use, const JobWish& wish) { return Search(model, use, wish).run(); }

std::vector<Verdict> verdicts(const Selection& selection) {
  std::vector<Verdict> all;
  for (const auto& t : selection.tries) {
    auto verdict = std::find_if(all.begin(), all.end(), [&](const Verdict& v) { return v.drive == t.drive; });
    if (verdict == all.end()) {
      all.push_back({t.drive, t, {}});
      continue;
    }
    auto loser = t;
    if (t.obstacle == Obstacle::none || !is_preference(t.obstacle) || is_preference(verdict->decisive.obstacle)) {
      std::swap(loser, verdict->decisive);
    }
    const auto same = [&](const Try& other) { return other.obstacle == loser.obstacle; };
    if (loser.obstacle != verdict->decisive.obstacle &&
        std::none_of(verdict->others.begin(), verdict->others.end(), same)) {
      verdict->others.push_back(loser);
    }
  }
  std::sort(all.begin(), all.end(), [](const Verdict& a, const Verdict& b) { return a.drive < b.drive; });
  for (auto& v : all) std::erase_if(v.others, [&](const Try& t) { return t.obstacle == v.decisive.obstacle; });
  return all;
}

}  // namespace shstore::reserve
