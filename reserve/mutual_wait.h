// Do jobs of several hosts wait for each other? A job that has one shared drive and waits for another (Copy, Migration, Virtual
// Full) may wait for a host that waits for the drive it has, in a ring of any length: then none of them ever goes on.
//
// The keys on the drives show which host has a drive and which hosts wait for it. They show no jobs: a host may well have a drive
// for one job and wait for another drive with the next one, and then nothing is wrong. So of the other hosts a ring is but a
// suspicion; of this daemon it is known which jobs have what, and no more is refused than that allows (proven). A host that waits
// for several drives waits for any of them, so it stands still only if none of them comes free.
//
// Of a Copy or Migration bacula-sd knows two jobs, and nothing that ties them until both have their drives (dird/mac.c, do_mac): the
// Director begins the one that reads, waits until that one has its drive, and only then tells the Storage Daemon of the one that
// writes. Virtual Full is one job (stored/vbackup.c).
//
// Pure: no clock, no I/O.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "reserve/types.h"

namespace shstore::reserve {

/// A drive as READ KEYS and READ RESERVATION show it. Of a drive that could not be asked, or that this daemon does not share,
/// there is none.
struct DriveKeys {
  std::string drive;               ///< any name that is the drive's alone
  HostKey holder{};                ///< empty: nobody has it
  std::vector<HostKey> waiting{};  ///< the other keys on it
  uint32_t generation = 0;         ///< PRGENERATION
  friend bool operator==(const DriveKeys&, const DriveKeys&) = default;
};

/// What is known of a job's part in a Copy or Migration.
enum class JobHalf {
  whole,    ///< none: it needs no drive but those that it asks for itself
  reads,    ///< it reads for another job, and does not begin before that one has its drive
  writes,   ///< it writes what another job reads
  unknown,  ///< this bacula-sd does not tell
};

/// A job of this daemon.
struct JobOnDrives {
  JobContext context = 0;
  JobId job = 0;
  std::set<std::string> has{}, waits_for{};  ///< drives
  bool begun = false;  ///< it has opened a device: it ends, and gives back what it has, without another
  JobHalf half = JobHalf::unknown;
  Instant known_since{};                   ///< bacula-sd was told of it
  std::map<std::string, Instant> since{};  ///< from when on it has had each of its drives
};

struct MutualWait {
  struct Link {
    HostKey host;
    std::string has, waits_for;
    friend auto operator<=>(const Link&, const Link&) = default;
  };
  std::vector<Link>
      ring;  ///< this host first; each waits for what the next one has, the last one for what this host has
  JobContext context = 0;  ///< the job of ours that waits
  JobId job = 0;
  std::vector<JobId> having{};  ///< those of ours that have the drive which the last one waits for
  bool proven =
      false;  ///< that drive comes free if the job that waits is refused: the job itself has it, or its other half alone
  friend bool operator==(const MutualWait&, const MutualWait&) = default;
};

/// One for each job of ours that waits in a ring; the shortest ring of each. `own`: this host's key, as `drives` have it.
std::vector<MutualWait> find_mutual_waits(const HostKey& own, const std::vector<DriveKeys>& drives,
                                          const std::vector<JobOnDrives>& jobs);

/// How many hosts of the ring are to give in before `own`. The one with the largest key is the first: all of them see the same
/// keys, so they agree.
size_t gives_in_after(const MutualWait& wait, const HostKey& own);

/// Remembers how long rings have stood still.
class MutualWaits {
 public:
  struct Timing {
    Duration mutual_wait{
        600000};  ///< a ring that has stood still for so long is ended by its first host; zero: by none
    Duration next_host{
        600000};            ///< by the next one, if it still stands, so much later, or mutual_wait if that is longer
    Duration shown{60000};  ///< from then on it is shown, or after mutual_wait if that is shorter
  };
  struct Standing {
    MutualWait wait;
    Since since{};                         ///< it has been seen at every look
    Since still_since{};                   ///< and holders, keys and PRGENERATION of all its drives have been the same
    std::optional<Instant> gives_in_at{};  ///< this host ends it then, if it still stands; nothing: it does not
  };
  explicit MutualWaits(const Timing& timing) : timing_(timing) {}

  void see(const HostKey& own, const std::vector<DriveKeys>& drives, const std::vector<JobOnDrives>& jobs, Instant now);
  /// Those that are to be shown.
  std::vector<Standing> standing(Instant now) const;
  /// Those whose job is to be refused now.
  std::vector<Standing> to_end(Instant now) const;

 private:
  struct Known {
    Standing standing;
    std::vector<DriveKeys> seen;  ///< of the ring's drives
  };
  Timing timing_;
  std::vector<Known> known_;
};

}  // namespace shstore::reserve
