// Rings of three hosts on four drives, played through: each host has a Copy, reads in one drive and writes in another; some hosts run no
// plugin that gives in, some die while they wait. The rules (reserve/mutual_wait.h) are the real ones, the drives are keys and a count.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>

#include "reserve/mutual_wait.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

#ifdef __SANITIZE_ADDRESS__
constexpr size_t kOneOf = 20;  // the sanitizers take as many times as long
#else
constexpr size_t kOneOf = 1;
#endif

constexpr Duration kMutualWait = 10min, kLook = 1min;
constexpr size_t kHosts = 3, kDrives = 4;
using Drives = std::set<size_t>;

enum class Kind { plugin, no_manners, dies };  ///< no_manners: it waits as all do, and never gives in

struct Copy {
  size_t reads = 0;
  Drives writes{};
  Instant begins{1h};
};
struct HostSpec {
  Kind kind = Kind::plugin;
  std::vector<Copy> copies{};
};

class World {
 public:
  World(const std::vector<HostSpec>& specs, uint32_t seed) : random_(seed) {
    std::vector<std::string> keys{"0xbac001", "0xbac777", "0xbac999"};
    std::shuffle(keys.begin(), keys.end(), random_);
    for (size_t h = 0; h < specs.size(); ++h) {
      hosts_.emplace_back();
      hosts_.back().spec = specs[h];
      hosts_.back().key = keys[h];
    }
  }

  void run(Duration time) {
    for (const auto until = now_ + time; now_ < until; now_ += kLook) {
      std::vector<size_t> order(hosts_.size());
      for (size_t h = 0; h < order.size(); ++h) order[h] = h;
      std::shuffle(order.begin(), order.end(), random_);
      given_in_now_ = 0;
      for (const auto h : order) step(hosts_[h]);
      most_at_once_ = std::max(most_at_once_, given_in_now_);
    }
  }
  /// A host with the plugin that waits, and would wait for ever, although it could have ended that.
  bool stuck() const {
    return std::any_of(hosts_.begin(), hosts_.end(), [&](const auto& host) {
      if (host.dead || host.spec.kind != Kind::plugin) return false;
      const auto rings = find_mutual_waits(host.key, keys(), jobs(host));
      return std::any_of(rings.begin(), rings.end(), [](const auto& ring) { return ring.proven; });
    });
  }
  bool all_over() const {
    return std::all_of(hosts_.begin(), hosts_.end(), [](const auto& host) { return host.stage == Stage::none; });
  }
  size_t given_in() const { return given_in_; }
  size_t most_at_once() const { return most_at_once_; }
  size_t done() const { return done_; }

 private:
  enum class Stage { none, wants_to_read, wants_to_write, at_work };
  struct Host {
    HostSpec spec{};
    HostKey key{};
    bool dead = false;
    Stage stage = Stage::none;
    size_t next = 0;  ///< of its Copies
    JobId job = 0;
    size_t reads = 0, writes = 0;
    Instant since{}, known{}, ends{};
    MutualWaits waits{{kMutualWait, kMutualWait, 1min}};
    const Copy& copy() const { return spec.copies[next - 1]; }
  };
  struct Drive {
    HostKey holder{};
    std::vector<HostKey> waiting{};
    uint32_t generation = 1;
    Instant changed{};
  };

  static std::string name(size_t drive) { return "d" + std::to_string(drive); }
  void changed(Drive& drive, bool counted) {
    drive.generation += counted;
    drive.changed = now_;
  }
  void wait_for(Host& host, size_t d) {
    auto& drive = drives_[d];
    if (std::find(drive.waiting.begin(), drive.waiting.end(), host.key) != drive.waiting.end()) return;
    drive.waiting.push_back(host.key);
    changed(drive, true);
  }
  void wait_no_more(const Host& host, size_t d) {
    if (std::erase(drives_[d].waiting, host.key) != 0) changed(drives_[d], true);
  }
  // Whoever has waited longest, of those that live.
  bool take(Host& host, size_t d) {
    auto& drive = drives_[d];
    if (!drive.holder.empty()) return false;
    const auto first = std::find_if(drive.waiting.begin(), drive.waiting.end(), [&](const auto& key) {
      return std::any_of(hosts_.begin(), hosts_.end(), [&](const auto& h) { return h.key == key && !h.dead; });
    });
    if (first != drive.waiting.end() && *first != host.key) return false;
    std::erase(drive.waiting, host.key);
    drive.holder = host.key;
    changed(drive, false);
    return true;
  }
  void give_back(size_t d) {
    drives_[d].holder.clear();
    changed(drives_[d], true);
  }

  std::vector<DriveKeys> keys() const {
    std::vector<DriveKeys> all;
    for (size_t d = 0; d < kDrives; ++d)
      all.push_back({name(d), drives_[d].holder, drives_[d].waiting, drives_[d].generation});
    return all;
  }
  std::vector<JobOnDrives> jobs(const Host& host) const {
    if (host.stage == Stage::none) return {};
    JobOnDrives reader{host.job, host.job, {}, {}, host.stage == Stage::at_work, JobHalf::reads, host.known, {}};
    if (host.stage == Stage::wants_to_read) {
      reader.waits_for = {name(host.copy().reads)};
      return {reader};
    }
    reader.has = {name(host.reads)};
    reader.since[name(host.reads)] = host.since;
    JobOnDrives writer{host.job + 1, host.job + 1, {}, {}, reader.begun, JobHalf::writes, host.since, {}};
    if (host.stage == Stage::at_work) {
      writer.has = {name(host.writes)};
    } else {
      for (const auto d : host.copy().writes) writer.waits_for.insert(name(d));
    }
    return {reader, writer};
  }

  void step(Host& host) {
    if (host.dead) return;
    act(host);
    if (host.spec.kind != Kind::plugin) return;
    host.waits.see(host.key, keys(), jobs(host), now_);
    for (const auto& one : host.waits.to_end(now_)) give_in(host, one);
  }
  void act(Host& host) {
    switch (host.stage) {
      case Stage::none:
        if (host.next == host.spec.copies.size() || now_ < host.spec.copies[host.next].begins) return;
        ++host.next;
        host.job += 2;
        host.known = now_;
        host.stage = Stage::wants_to_read;
        wait_for(host, host.copy().reads);
        return;
      case Stage::wants_to_read:
        if (!take(host, host.copy().reads)) return;
        host.reads = host.copy().reads;
        host.since = now_;
        host.stage = Stage::wants_to_write;
        for (const auto d : host.copy().writes) wait_for(host, d);
        return;
      case Stage::wants_to_write:
        if (host.spec.kind == Kind::dies && now_ - host.since >= 2 * kLook) {
          host.dead = true;  // its keys stay, and its lock
          return;
        }
        for (const auto d : host.copy().writes) {
          if (!take(host, d)) continue;
          host.writes = d;
          host.ends = now_ + 3min;
          host.stage = Stage::at_work;
          break;
        }
        if (host.stage != Stage::at_work) return;
        for (const auto d : host.copy().writes) wait_no_more(host, d);
        return;
      case Stage::at_work:
        if (now_ < host.ends) return;
        give_back(host.reads);
        give_back(host.writes);
        ++done_;
        host.stage = Stage::none;
    }
  }

  // A job of its own that waits; and all of the ring has stood still, so long as there are hosts that go first.
  void give_in(Host& host, const MutualWaits::Standing& standing) {
    const auto& wait = standing.wait;
    ASSERT_EQ(host.stage, Stage::wants_to_write);
    ASSERT_EQ(wait.job, host.job + 1);
    ASSERT_TRUE(wait.proven);
    ASSERT_EQ(wait.having, std::vector<JobId>{host.job});
    const auto first = static_cast<int64_t>(gives_in_after(wait, host.key));
    for (const auto& link : wait.ring) {
      const auto& drive = drives_[static_cast<size_t>(link.has[1] - '0')];
      ASSERT_EQ(drive.holder, link.host);
      ASSERT_GE(now_ - drive.changed, kMutualWait * (first + 1));
    }
    give_back(host.reads);
    for (const auto d : host.copy().writes) wait_no_more(host, d);
    host.stage = Stage::none;
    ++given_in_;
    ++given_in_now_;
  }

  std::mt19937 random_;
  Instant now_{1h};
  std::vector<Host> hosts_;
  std::array<Drive, kDrives> drives_{};
  size_t given_in_ = 0, given_in_now_ = 0, most_at_once_ = 0, done_ = 0;
};

// A ring of all three is ended by its last host after three times mutual_wait, if the others do not; then come those that are left.
constexpr Duration kLongEnough = (kHosts + 1) * kHosts * kMutualWait;

TEST(MutualRings, EverySiteOfThreeHostsWithOneCopyEachOnFourDrives) {
  size_t sites = 0, with_ring = 0, at_once = 0, done = 0;
  constexpr size_t kCopies = kDrives * (kDrives - 1), kKinds = 3;
  for (size_t n = 0; n < kCopies * kCopies * kCopies * kKinds * kKinds * kKinds; n += kOneOf) {
    auto rest = n;
    std::vector<HostSpec> specs;
    for (size_t h = 0; h < kHosts; ++h) {
      const auto copy = rest % kCopies;
      rest /= kCopies;
      const auto kind = static_cast<Kind>(rest % kKinds);
      rest /= kKinds;
      const size_t reads = copy / (kDrives - 1), writes = (reads + 1 + copy % (kDrives - 1)) % kDrives;
      specs.push_back({kind, {{reads, {writes}}}});
    }
    World world(specs, static_cast<uint32_t>(n));
    world.run(kLongEnough);
    ASSERT_FALSE(testing::Test::HasFatalFailure()) << "site " << n;
    ASSERT_FALSE(world.stuck()) << "site " << n;
    const bool all_give_in =
        std::all_of(specs.begin(), specs.end(), [](const auto& s) { return s.kind == Kind::plugin; });
    if (all_give_in) {
      ASSERT_TRUE(world.all_over()) << "site " << n;
      // The drive that one has given back may go to the third, which then waits for the same host.
      ASSERT_LE(world.given_in(), kHosts - 1) << "site " << n;
      ASSERT_EQ(world.done() + world.given_in(), kHosts) << "site " << n;
    }
    ++sites;
    with_ring += world.given_in() != 0;
    at_once += world.most_at_once() > 1;
    done += world.done();
  }
  std::printf(
      "%zu sites, %zu with a ring that a host ended, %zu in which two ended one at once; %zu Copies were good\n", sites,
      with_ring, at_once, done);
  EXPECT_GT(with_ring, sites / 50);
  EXPECT_EQ(at_once, 0u);
}

// Copies that may have any of several drives, one after the other.
TEST(MutualRings, SitesMadeUp) {
  constexpr uint32_t kSeed = 20261130, kSites = 4000 / kOneOf;
  size_t with_ring = 0, at_once = 0, given_in = 0, done = 0, all = 0;
  for (uint32_t seed = kSeed; seed < kSeed + kSites; ++seed) {
    std::mt19937 random(seed);
    const auto upto = [&](size_t n) { return static_cast<size_t>(random() % n); };
    std::vector<HostSpec> specs;
    for (size_t h = 0; h < kHosts; ++h) {
      HostSpec spec;
      spec.kind = upto(3) != 0 ? Kind::plugin : static_cast<Kind>(upto(3));
      for (size_t c = 0; c <= upto(4); ++c) {
        Copy copy{upto(kDrives), {}, Instant(1h) + kLook * static_cast<int64_t>(upto(40))};
        for (size_t d = 0; d < kDrives; ++d) {
          if (d != copy.reads && upto(2) == 0) copy.writes.insert(d);
        }
        if (copy.writes.empty()) copy.writes.insert((copy.reads + 1) % kDrives);
        spec.copies.push_back(std::move(copy));
      }
      all += spec.copies.size();
      specs.push_back(std::move(spec));
    }
    World world(specs, seed);
    world.run(3 * kLongEnough);
    ASSERT_FALSE(testing::Test::HasFatalFailure()) << "seed " << seed;
    ASSERT_FALSE(world.stuck()) << "seed " << seed;
    with_ring += world.given_in() != 0;
    at_once += world.most_at_once() > 1;
    given_in += world.given_in();
    done += world.done();
  }
  std::printf(
      "seeds %u to %u: %zu Copies, %zu good, %zu given up by their host, on %zu sites; on %zu two hosts gave in at the same time\n",
      kSeed, kSeed + kSites - 1, all, done, given_in, with_ring, at_once);
  EXPECT_GT(with_ring, 0u);
}

}  // namespace
}  // namespace shstore::reserve
