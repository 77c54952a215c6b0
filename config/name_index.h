// Finds things by name, letter by letter as Bacula compares names of resources (lib/res.c, GetResWithName).
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

namespace shstore::config {

/// Positions in a list of named things, found in logarithmic time whatever the names are. `name_of(position)` tells a
/// name and must stay the same from build() to find(); names themselves are not kept, so that whoever holds the list
/// may be copied and moved together with its index.
class NameIndex {
 public:
  template <class NameOf>
  void build(size_t count, NameOf name_of) {
    entries_.clear();
    entries_.reserve(count);
    for (uint32_t i = 0; i < count; ++i) entries_.push_back({hash(name_of(i)), i});
    std::sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
      if (a.hash != b.hash) return a.hash < b.hash;
      const int order = std::string_view(name_of(a.position)).compare(name_of(b.position));
      return order != 0 ? order < 0 : a.position < b.position;
    });
  }

  /// The first thing of that name.
  template <class NameOf>
  std::optional<uint32_t> find(std::string_view name, NameOf name_of) const {
    const uint64_t wanted = hash(name);
    const auto found = std::partition_point(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.hash != wanted ? entry.hash < wanted : std::string_view(name_of(entry.position)) < name;
    });
    if (found == entries_.end() || found->hash != wanted || name_of(found->position) != name) return std::nullopt;
    return found->position;
  }

  size_t size() const { return entries_.size(); }

 private:
  /// Hashes only spare comparisons of names: it does no harm if somebody makes them collide.
  struct Entry {
    uint64_t hash = 0;
    uint32_t position = 0;
  };
  static uint64_t hash(std::string_view name) { return std::hash<std::string_view>()(name); }

  std::vector<Entry> entries_;
};

}  // namespace shstore::config
