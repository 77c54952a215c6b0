// Which of many things can be the same at all: found by sorting hashes, because a hash table of a million names costs more
// than all the rest of a rule.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <vector>

namespace shstore::config::lint {

class Duplicates {
 public:
  void reserve(size_t count) { hashes_.reserve(count); }
  void add(uint64_t hash) { hashes_.push_back(hash); }

  /// Once, after the last add().
  void find() {
    std::sort(hashes_.begin(), hashes_.end());
    for (size_t i = 1; i < hashes_.size(); ++i) {
      if (hashes_[i] == hashes_[i - 1]) twice_.insert(hashes_[i]);
    }
    hashes_ = {};
  }
  /// Nothing was added more than once.
  bool empty() const { return twice_.empty(); }
  /// True for what was added more than once; it does no harm if different things have one hash.
  bool contains(uint64_t hash) const { return !twice_.empty() && twice_.contains(hash); }

 private:
  std::vector<uint64_t> hashes_;
  std::unordered_set<uint64_t> twice_;
};

}  // namespace shstore::config::lint
