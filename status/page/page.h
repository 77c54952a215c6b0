// What the page of `--html` says, before it is markup: the same drive seen by several daemons is one drive here, and its
// day is put together from all their histories. Plain data, no I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "status/look/condition.h"
#include "reserve/record/history.h"
#include "status/look/snapshot.h"
#include "status/page/timeline.h"

namespace shstore::status {

/// One daemon, as it is found.
struct PageSource {
  SdSnapshot snapshot;
  record::History history{};
  std::string history_error{};  ///< why there is none
};

/// Somebody whose lock may be on a drive: a daemon of the page, or a key that was seen.
struct PageHost {
  std::string key;   ///< empty: the key of a daemon that locks by a command of the site's own
  std::string name;  ///< the key where no name is known
};

/// A drive as one daemon sees it: indices into the sources and into their devices.
struct SeenBy {
  size_t sd = 0, device = 0;
};

struct PageDrive {
  enum class Hold { free, held, unknown };
  std::string name;      ///< of the Device resource; "Drive-0, Tape-2" where daemons differ
  std::string identity;  ///< "HP Ultrium 4-SCSI, serial number HU10450A01"; empty: not known
  std::string autochanger;
  std::vector<SeenBy> seen_by;
  Hold hold = Hold::unknown;
  std::optional<size_t> host{};             ///< held: by whom, an index into Page::hosts
  std::optional<record::WallTime> since{};  ///< held: since when, or at the latest since the beginning of the day shown
  std::vector<uint32_t> jobs{};             ///< that use it, if the holder is a daemon of this page
  std::string remark{};                     ///< one more sentence about a drive that is well, without its full stop
  std::optional<Condition> trouble{};       ///< the worst that any daemon says of it; nothing: all is well
  Severity severity = Severity::ok;         ///< of that
  Timeline day{};                           ///< its daemons are those of seen_by, in their order
  std::vector<size_t> stretch_hosts{};      ///< of each stretch of `day`; hosts.size(): nobody's
};

struct PageProblem {
  Severity severity = Severity::critical;
  std::string what;                 ///< "Lock lost while jobs rely on it"
  std::string where;                ///< "cibou-sd, Drive-0"
  std::vector<std::string> text{};  ///< sentences with their full stops
};

/// A job that waits, with everything that it waits for.
struct PageWait {
  uint32_t job = 0;
  size_t sd = 0;
  record::WallTime since{};
  std::vector<std::string> for_what{};  ///< "Drive-0, which dir-sd holds"
  std::vector<std::string> drives{};    ///< as in WaitingJob::device, of this job's daemon
};

struct Page {
  record::WallTime from{}, taken{};  ///< the day that is shown
  std::vector<PageSource> sources;
  std::vector<PageHost> hosts;  ///< those of the sources first
  std::vector<PageDrive> drives;
  std::vector<PageProblem> problems;  ///< the worst first
  std::vector<PageWait> waits;        ///< the longest first
};

/// The drive's identity is what it says of itself (vendor, product and unit serial number): two Device resources with the
/// same identity are one drive, and one whose identity is not known is a drive of its own.
Page make_page(std::vector<PageSource> sources, const std::vector<Unreadable>& unreadable = {});

/// What is wrong, the worst first; from the sources and from what is missing beside them.
std::vector<PageProblem> page_problems(const std::vector<PageSource>& sources,
                                       const std::vector<Unreadable>& unreadable);

}  // namespace shstore::status
