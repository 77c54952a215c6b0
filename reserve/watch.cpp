// When a drive is looked at next for the jobs that wait for it. However many hosts wait for one drive, it gets fewer than three commands
// a second for it; however many drives a daemon looks at, it sends no more than forty commands a second.
#include <algorithm>

#include "reserve/drive.h"

namespace shstore::reserve {
namespace {

constexpr size_t kFewHosts = 3;

}  // namespace

// As the keys on the drive show: all but the holder, and this one.
size_t Drive::hosts_that_wait() const {
  const auto* lock = away();
  const bool holder_listed =
      lock && lock->holder && std::find(is_.others.begin(), is_.others.end(), *lock->holder) != is_.others.end();
  return is_.others.size() + (holder_listed ? 0 : 1);
}

// Of the next in turn, who finds the drive free by it. Of several that may be next each looks so much less often; who finds it free first
// takes it.
Duration Drive::first_pause() const {
  const auto alone = hosts_that_wait() <= kFewHosts ? timing_.watch_first : timing_.watch_first * 13 / 10;
  const auto shared = std::min(timing_.watch_each * static_cast<int64_t>(is_.watch.drives), timing_.watch_shared);
  const auto pause = std::max(alone, shared);
  const auto longest = std::max(timing_.watch_longest, longest_pause(hosts_that_wait()));
  return std::max(pause, std::min(pause * static_cast<int64_t>(is_.turn.share_the_turn()), longest));
}

void Drive::watch_again(Instant now, bool soon) {
  auto& watch = is_.watch;
  const auto first = first_pause();
  const auto longest = std::max({first, timing_.watch_longest, longest_pause(hosts_that_wait())});
  const bool next = is_.turn.next_in_turn();
  const bool many = longest > timing_.watch_longest;
  // Where many wait, whoever is not next has nothing to find out soon.
  const auto again = many && !next ? longest : first;
  watch.pause = soon || watch.pause == Duration::zero() ? again : std::min(watch.pause * 3 / 2, longest);
  if (timing_.jitter != 0) watch.jitter = watch.jitter * 1664525u + 1013904223u;
  // One that may be let go first is waited for no longer than TurnOrder says.
  constexpr int kLittle = 5, kAll = 100;
  const bool shares = next && is_.turn.share_the_turn() > 1 && timing_.jitter != 0;
  const int jitter = shares                                    ? kAll
                     : next && first > timing_.watch_first * 4 ? std::min(timing_.jitter, kLittle)
                                                               : timing_.jitter;
  const auto share = static_cast<int>(watch.jitter >> 16) * 2 * jitter / 0xffff - jitter;
  const bool near = next && now < watch.near_until && spends_look(now);
  const auto pause = near ? timing_.watch_near * static_cast<int64_t>(is_.turn.share_the_turn()) : watch.pause;
  // While it is looked at as usual, nothing is spared.
  if (!near && now < watch.spared_at) watch.spared_at += pause;
  // Those who share the turn began at one moment: they look at any time within twice the pause, so as not to look together.
  watch.at = now + std::min(pause + pause * share / 100, shares ? std::max(first, longest * 5 / 4) : Duration::max());
}

void Drive::see_near(const Away& lock, const LockReading& reading, Instant now) {
  auto& watch = is_.watch;
  if (lock.holder != reading.holder) watch.near_until = {};
  if (reading.release_near && lock.holder == reading.holder) watch.near_until = now + timing_.near;
}

// Each look more than the usual ones is one that was spared while no job waited. So it is no matter how often a holder says that it is about
// to give the drive back: a job that changes its Volume closes its device, too.
bool Drive::spends_look(Instant now) {
  auto& spared_at = is_.watch.spared_at;
  const auto alone = hosts_that_wait() <= kFewHosts ? timing_.near_looks : timing_.near_looks_many;
  const auto shares = static_cast<unsigned>(is_.turn.share_the_turn());
  const auto most = std::max(1u, std::min(alone, timing_.near_looks_all / is_.watch.drives) / shares);
  const auto each = timing_.watch_first * static_cast<int64_t>(shares);
  const auto after = std::max(spared_at, now) + each;
  if (after > now + each * static_cast<int64_t>(most)) return false;
  spared_at = after;
  return true;
}

}  // namespace shstore::reserve
