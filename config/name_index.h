// Finds things by name, letter by letter as Bacula compares names of resources (lib/res.c, GetResWithName).
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace shstore::config {

/// Positions in a list of named things, found in constant time; in logarithmic time if somebody has made up names whose
/// hashes collide. `name_of(position)` tells a name and must stay the same from build() to find(); names themselves are
/// not kept, so that whoever holds the list may be copied and moved together with its index.
class NameIndex {
 public:
  /// `repeated`, if given, gets the positions whose name an earlier one has, in ascending order.
  template <class NameOf>
  void build(size_t count, NameOf name_of, std::vector<uint32_t>* repeated = nullptr) {
    size_ = count;
    sorted_.clear();
    slots_.assign(std::bit_ceil(2 * count + 1), {});
    for (uint32_t i = 0; i < count; ++i) {
      const std::string_view name = name_of(i);
      Slot* const slot = slot_of(slots_, name, name_of);
      if (!slot) return sort(count, name_of, repeated);
      if (slot->next == 0) {
        *slot = {tag(std::hash<std::string_view>()(name)), i + 1};
      } else if (repeated) {
        repeated->push_back(i);
      }
    }
  }

  /// The first thing of that name.
  template <class NameOf>
  std::optional<uint32_t> find(std::string_view name, NameOf name_of) const {
    if (!sorted_.empty()) {
      const auto found = std::partition_point(sorted_.begin(), sorted_.end(), [&](uint32_t position) {
        return std::string_view(name_of(position)) < name;
      });
      return found == sorted_.end() || name_of(*found) != name ? std::nullopt : std::optional(*found);
    }
    if (slots_.empty()) return std::nullopt;
    const Slot* const slot = slot_of(slots_, name, name_of);
    return slot && slot->next != 0 ? std::optional(slot->next - 1) : std::nullopt;
  }

  size_t size() const { return size_; }

 private:
  struct Slot {
    uint32_t tag = 0;   ///< a part of the hash, which spares most comparisons of names
    uint32_t next = 0;  ///< the position behind the thing's; 0: free
  };
  static constexpr size_t kMostSteps = 512;  ///< far more than chance makes of a table that is half empty

  static uint32_t tag(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

  /// Where the name is or belongs; nullptr if it takes too long to find out.
  template <class Slots, class NameOf>
  static auto slot_of(Slots& slots, std::string_view name, NameOf name_of) -> decltype(slots.data()) {
    const uint64_t hash = std::hash<std::string_view>()(name);
    const size_t mask = slots.size() - 1;
    for (size_t step = 0; step < kMostSteps; ++step) {
      auto& slot = slots[(hash + step) & mask];
      if (slot.next == 0 || (slot.tag == tag(hash) && name_of(slot.next - 1) == name)) return &slot;
    }
    return nullptr;
  }

  template <class NameOf>
  void sort(size_t count, NameOf name_of, std::vector<uint32_t>* repeated) {
    slots_ = {};
    sorted_.resize(count);
    for (uint32_t i = 0; i < count; ++i) sorted_[i] = i;
    std::sort(sorted_.begin(), sorted_.end(), [&](uint32_t a, uint32_t b) {
      const int order = std::string_view(name_of(a)).compare(name_of(b));
      return order != 0 ? order < 0 : a < b;
    });
    if (!repeated) return;
    repeated->clear();
    for (size_t i = 1; i < count; ++i) {
      if (name_of(sorted_[i]) == name_of(sorted_[i - 1])) repeated->push_back(sorted_[i]);
    }
    std::sort(repeated->begin(), repeated->end());
  }

  size_t size_ = 0;
  std::vector<Slot> slots_;       ///< open addressing, at least half of them free
  std::vector<uint32_t> sorted_;  ///< positions by name; only used instead of the slots
};

}  // namespace shstore::config
