#include "reserve/mutual_wait.h"

#include <algorithm>
#include <deque>

namespace shstore::reserve {
namespace {

// The Director begins the half that writes as soon as the one that reads has its drive. What it was told of later is no half of it.
constexpr std::chrono::seconds kOtherHalfFollows{30};

class Rings {
 public:
  Rings(const HostKey& own, const std::vector<DriveKeys>& drives, const std::vector<JobOnDrives>& jobs)
      : own_(own), jobs_(jobs) {
    for (const auto& d : drives) {
      holder_[d.drive] = d.holder;
      for (const auto& key : d.waiting) {
        if (key != d.holder && key != own) waits_[key].insert(d.drive);
      }
    }
    for (const auto& d : drives) {
      if (d.holder == own && is_kept(d.drive)) kept_.insert(d.drive);
      if (!d.holder.empty() && d.holder != own && waits_.contains(d.holder)) still_.insert(d.holder);
    }
    leave_out_who_goes_on();
  }

  std::optional<MutualWait> ring_of(const JobOnDrives& job) const {
    if (job.begun || job.waits_for.empty()) return std::nullopt;
    const bool still = std::all_of(job.waits_for.begin(), job.waits_for.end(), [&](const auto& drive) {
      const auto found = holder_.find(drive);
      return found != holder_.end() && still_.contains(found->second);
    });
    if (!still) return std::nullopt;
    // Breadth first, so the first way back to a drive of ours is the shortest.
    std::map<std::string, std::string> from;  // a drive: for which its waiting host has another one
    std::deque<std::string> to_do(job.waits_for.begin(), job.waits_for.end());
    std::set<std::string> seen(job.waits_for.begin(), job.waits_for.end());
    for (; !to_do.empty(); to_do.pop_front()) {
      const auto& had = to_do.front();
      for (const auto& wanted : waits_.at(holder_.at(had))) {
        if (!seen.insert(wanted).second) continue;
        from[wanted] = had;
        if (kept_.contains(wanted)) return way(job, wanted, from);
        to_do.push_back(wanted);
      }
    }
    return std::nullopt;
  }

 private:
  std::vector<const JobOnDrives*> having(const std::string& drive) const {
    std::vector<const JobOnDrives*> found;
    for (const auto& job : jobs_) {
      if (job.has.contains(drive)) found.push_back(&job);
    }
    return found;
  }

  // Nothing that we know of makes the drive come free: every job that has it needs another drive, or may.
  bool is_kept(const std::string& drive) const {
    const auto all = having(drive);
    return !all.empty() && std::all_of(all.begin(), all.end(), [](const auto* job) {
      const bool for_another = job->half == JobHalf::reads || job->half == JobHalf::unknown;
      return !job->begun && (for_another || !job->waits_for.empty());
    });
  }

  // One that waits for a drive that is free, that was not seen, or whose holder goes on, gets it some time.
  void leave_out_who_goes_on() {
    const auto goes_on = [&](const HostKey& host) {
      const auto& wanted = waits_.at(host);
      return std::any_of(wanted.begin(), wanted.end(), [&](const auto& drive) {
        const auto& holder = holder_.at(drive);
        return holder == own_ ? !kept_.contains(drive) : !still_.contains(holder);
      });
    };
    while (std::erase_if(still_, goes_on) != 0) {
    }
  }

  MutualWait way(const JobOnDrives& job, const std::string& last,
                 const std::map<std::string, std::string>& from) const {
    MutualWait wait;
    std::vector<MutualWait::Link> others;
    auto wanted = last;
    for (auto had = from.find(wanted); had != from.end(); had = from.find(wanted)) {
      others.push_back({holder_.at(had->second), had->second, wanted});
      wanted = had->second;
    }
    wait.ring = {{own_, last, wanted}};
    wait.ring.insert(wait.ring.end(), others.rbegin(), others.rend());
    wait.context = job.context;
    wait.job = job.job;
    wait.proven = true;
    for (const auto* one : having(last)) {
      wait.having.push_back(one->job);
      wait.proven = wait.proven && (one->context == job.context || are_halves(*one, last, job));
    }
    return wait;
  }

  // No two jobs come into question for either half.
  bool are_halves(const JobOnDrives& reader, const std::string& drive, const JobOnDrives& writer) const {
    if (!may_be_halves(reader, drive, writer)) return false;
    size_t readers = 0, writers = 0;
    for (const auto& job : jobs_) {
      writers += job.context != reader.context && may_be_halves(reader, drive, job);
      const bool one =
          std::any_of(job.has.begin(), job.has.end(), [&](const auto& its) { return may_be_halves(job, its, writer); });
      readers += job.context != writer.context && one;
    }
    return readers == 1 && writers == 1;
  }

  static bool may_be_halves(const JobOnDrives& reader, const std::string& drive, const JobOnDrives& writer) {
    const auto since = reader.since.find(drive);
    return reader.half == JobHalf::reads && writer.half == JobHalf::writes && !reader.begun && !writer.begun &&
           writer.job > reader.job && since != reader.since.end() && writer.known_since >= since->second &&
           writer.known_since - since->second <= kOtherHalfFollows;
  }

  const HostKey own_;
  const std::vector<JobOnDrives>& jobs_;
  std::map<std::string, HostKey> holder_;           ///< by drive; only those that were seen
  std::map<HostKey, std::set<std::string>> waits_;  ///< of the other hosts
  std::set<std::string> kept_;                      ///< of our drives
  std::set<HostKey> still_;                         ///< other hosts that do not go on
};

// "0xbac999" after "0xbac001", and "0x10" after "0x9".
bool is_larger(const HostKey& a, const HostKey& b) { return std::pair(a.size(), a) > std::pair(b.size(), b); }

std::vector<DriveKeys> of_ring(const MutualWait& wait, const std::vector<DriveKeys>& drives) {
  std::vector<DriveKeys> found;
  for (const auto& d : drives) {
    const bool in_ring =
        std::any_of(wait.ring.begin(), wait.ring.end(), [&](const auto& link) { return link.has == d.drive; });
    if (!in_ring) continue;
    found.push_back(d);
    std::sort(found.back().waiting.begin(), found.back().waiting.end());
  }
  return found;
}

}  // namespace

std::vector<MutualWait> find_mutual_waits(const HostKey& own, const std::vector<DriveKeys>& drives,
                                          const std::vector<JobOnDrives>& jobs) {
  const Rings rings(own, drives, jobs);
  std::vector<MutualWait> found;
  for (const auto& job : jobs) {
    if (auto ring = rings.ring_of(job)) found.push_back(std::move(*ring));
  }
  return found;
}

size_t gives_in_after(const MutualWait& wait, const HostKey& own) {
  return static_cast<size_t>(
      std::count_if(wait.ring.begin(), wait.ring.end(), [&](const auto& link) { return is_larger(link.host, own); }));
}

void MutualWaits::see(const HostKey& own, const std::vector<DriveKeys>& drives, const std::vector<JobOnDrives>& jobs,
                      Instant now) {
  std::vector<Known> known;
  for (auto& wait : find_mutual_waits(own, drives, jobs)) {
    Known one{{std::move(wait), {now}, {now}, {}}, {}};
    one.seen = of_ring(one.standing.wait, drives);
    const auto before = std::find_if(known_.begin(), known_.end(), [&](const auto& k) {
      return k.standing.wait.context == one.standing.wait.context && k.standing.wait.ring == one.standing.wait.ring;
    });
    if (before != known_.end()) {
      one.standing.since = before->standing.since;
      const bool same = before->seen == one.seen && before->standing.wait == one.standing.wait;
      if (same) one.standing.still_since = before->standing.still_since;
    }
    if (one.standing.wait.proven && timing_.mutual_wait > Duration::zero()) {
      const auto before_us = static_cast<int64_t>(gives_in_after(one.standing.wait, own));
      one.standing.gives_in_at = one.standing.still_since.at + timing_.mutual_wait +
                                 before_us * std::max(timing_.next_host, timing_.mutual_wait);
    }
    known.push_back(std::move(one));
  }
  known_ = std::move(known);
}

std::vector<MutualWaits::Standing> MutualWaits::standing(Instant now) const {
  const auto shown =
      timing_.mutual_wait > Duration::zero() ? std::min(timing_.shown, timing_.mutual_wait) : timing_.shown;
  std::vector<Standing> found;
  for (const auto& one : known_) {
    if (now - one.standing.since.at >= shown) found.push_back(one.standing);
  }
  return found;
}

std::vector<MutualWaits::Standing> MutualWaits::to_end(Instant now) const {
  std::vector<Standing> found;
  for (const auto& one : known_) {
    if (one.standing.gives_in_at && now >= *one.standing.gives_in_at) found.push_back(one.standing);
  }
  return found;
}

}  // namespace shstore::reserve
