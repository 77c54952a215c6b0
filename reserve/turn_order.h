// Whose turn it is: the order among the hosts that wait for one drive, made out of nothing but the registered
// keys.
//
// Whoever waits for a drive has its key registered there. When we begin to wait, the keys that are there
// already are ahead of us; so are, when we give the lock back, all that wait then. Once the drive is free,
// those ahead of us get a while to take it. Who is ahead of whom cannot go round in a circle but by a rare
// race, and the while is bounded, so nobody is kept from a free drive for longer.
//
// A host that lets its while pass is one that does not watch the drive: a Storage Daemon that only tries
// again every 30 s (it gets one while that is long enough for that), or one that is dead (it gets none after
// that, for some time). Pure: no clock, no I/O; a value, of which all but the timing is what was seen.
#pragma once

#include <map>
#include <set>

#include "reserve/types.h"

namespace shstore::reserve {

/// Between two looks at the drive of a host that waits and is not next in turn, at most, where so many wait: all of them together
/// look less than three times a second (Drive::watch_again()). Zero: they are so few that each may look as often as it likes.
Duration longest_pause(size_t waiting);

struct TurnOrder {
  struct Timing {
    Duration while_for_watchers{
        8000};  ///< longer than the longest pause between two looks of a watcher; more where many wait
    Duration while_for_others{35000};  ///< longer than Bacula's 30 s between two tries
    Duration memory{600000};           ///< a key that let both pass is waited for again after this
    friend bool operator==(const Timing&, const Timing&) = default;
  };
  /// A key that let its while pass.
  struct Missed {
    bool again = false;  ///< the long one, too
    Instant forgiven_at{};
    friend bool operator==(const Missed&, const Missed&) = default;
  };

  Timing timing{};
  std::set<HostKey> ahead{};
  std::optional<Instant> until{};  ///< while the drive is free: those ahead of us may take it so long
  std::map<HostKey, Missed> missed{};
  /// Those whose key came at the same moment as ours: none of them need have seen the other, so each of us may be next. Also one that came
  /// a moment later and did see us: then we look less often than we could.
  std::set<HostKey> beside{};
  bool beside_known = true;  ///< false: the first look with our key on the drive is to come

  /// We begin to wait now, or to wait again after our turn: all who are on the drive go first.
  void begin(const LockReading& reading, Instant now);
  /// We wait, and this is what the drive shows now.
  void see(const LockReading& reading, Instant now);
  /// We wait no longer.
  void stop();

  /// Who should take the free drive before us; nothing: we may.
  std::optional<HostKey> first(Instant now) const;
  /// Nobody who waits is ahead of us.
  bool next_in_turn() const { return ahead.empty(); }
  /// So many hosts look at the drive as the next in turn, as far as is known: they share the looks that one would send.
  size_t share_the_turn() const { return beside.size() + 1; }
  /// False: nobody waits for this key, because it let its while pass.
  bool is_awake(const HostKey& key, Instant now) const { return patience_with(key, now) > Duration::zero(); }

  friend bool operator==(const TurnOrder&, const TurnOrder&) = default;

 private:
  Duration patience_with(const HostKey& key, Instant now) const;
  void open_window(Instant now, size_t waiting);
  void miss(Instant now);
};

}  // namespace shstore::reserve
