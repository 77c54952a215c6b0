// One drive with its persistent reservations, and the Storage Daemons that share it: the real reserve::Drive
// of each, with jobs, faults and a clock that the test moves. For tests that try every order of events, or
// many.
#pragma once

#include <bitset>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reserve/drive.h"

namespace shstore::reserve {

/// The reservation state of a drive, by the rules of SPC-4 5.13 that matter here. Hosts are numbers; -1 is
/// nobody.
class ModelDrive {
 public:
  static constexpr int kNobody = -1;

  /// `counts_unregistering`: as SPC-4 has it; Linux's own target does not.
  explicit ModelDrive(bool counts_unregistering = true) : counts_unregistering_(counts_unregistering) {}

  LockReading reading(int host) const;
  bool register_key(int host);  ///< counted if it was not registered
  bool reserve(int host);       ///< false: somebody else holds it
  void release(int host);
  void unregister(int host);  ///< and releases
  void clear();
  void preempt(int by, int victim);  ///< `by` is registered; it holds the lock afterwards if the victim did
  void power_cycle();
  /// True once for each host after a power cycle: the unit attention that its next command is told.
  bool take_reset(int host);

  int holder() const { return holder_; }
  const std::set<int>& keys() const { return keys_; }
  /// Somebody else than `host` has held the lock since `host` was last seen to hold it.
  bool others_held_since(int host) const { return others_held_.test(bit(host)); }
  void seen_holding(int host) { others_held_.reset(bit(host)); }
  uint32_t generation() const { return generation_; }

  /// As reserve/digest.h wants it.
  template <class F>
  friend void each_member(const ModelDrive& d, F f) {
    const auto first = [](Hosts all) { return (all & Hosts(0xff)).to_ullong(); };
    f(d.keys_, d.holder_, first(d.others_held_),
      first(d.reset_untold_));  // the generation is what the others count from
  }

 private:
  using Hosts = std::bitset<128>;
  static size_t bit(int host) { return static_cast<size_t>(host + 2); }  // from the stranger on, -2
  void held_by(int host);

  bool counts_unregistering_;
  std::set<int> keys_;
  int holder_ = kNobody;
  uint32_t generation_ = 1;
  Hosts others_held_, reset_untold_;
};

std::string key_of(int host);

/// What an action of `host` does to the drive, and how it ends. `device_open`: a release finds the device
/// open.
Outcome perform(ModelDrive& drive, int host, Action action, bool keep_registration, bool device_open = false);

}  // namespace shstore::reserve
