// Was the data of whoever appended to a Volume before ended by a filemark? bacula-sd and st end it with one, unless the drive or the
// machine is lost under them. Whoever appends there then counts its blocks from 0 (block_num, stored/dev.c eod()) though there are
// others before them in that file, the catalog has wrong addresses, and its restore ends short, with status OK (seen with 9.6.7,
// docs/mid-write.md). What the drive says (READ POSITION) and the kernel has counted is judged here, without I/O.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "reserve/record/state.h"
#include "scsi/tape_statistics.h"

namespace shstore::plugin {

/// A place on a tape: filemarks before it, and blocks and filemarks before it.
struct TapePlace {
  uint64_t file = 0;
  uint64_t object = 0;
  friend bool operator==(const TapePlace&, const TapePlace&) = default;
};

/// The Volumes on which this daemon, in any of its drives, has written what may not be ended by a filemark, and from where on in its
/// file an append is behind it. For the state file: the daemon's next life has it from there. Thread-safe.
class UnendedVolumes {
 public:
  /// One entry for each Volume that is being written, and for each that was cut off since; of more the oldest are forgotten.
  static constexpr size_t kMost = 200;

  /// `before`: of the life before this one. `changed`: there is something that a next life must know; by the caller's thread.
  explicit UnendedVolumes(
      std::vector<record::UnendedVolume> before = {}, std::function<void()> changed = [] {});
  std::optional<TapePlace> find(const std::string& volume) const;
  void put(const std::string& volume, const TapePlace& place);
  /// A filemark is behind it.
  void ended(const std::string& volume);
  /// The one that was written last is the last.
  std::vector<record::UnendedVolume> all() const;

 private:
  const std::function<void()> changed_;
  mutable std::mutex mutex_;
  std::vector<record::UnendedVolume> volumes_;
};

/// The Volume in one drive, from one look to the next.
class VolumeEnds {
 public:
  explicit VolumeEnds(std::shared_ptr<UnendedVolumes> unended) : unended_(std::move(unended)) {}
  /// bacula-sd is about to use that Volume (DeviceOpen). Empty: not known.
  void opens(const std::string& volume);
  /// Something was read: which Volume it is, and where its data began, is not known any more.
  void forget(const scsi::TapeStatistics& now);
  /// The device was closed, and the lock is ours. Where nothing was refused since the last look, st or bacula-sd has written a
  /// filemark. `now`: nothing: the kernel does not tell.
  void closed(const std::optional<scsi::TapeStatistics>& now);
  /// The tape stands there, with so much counted. `wrote`: since it was looked at last blocks were written, and nothing else was done.
  void see(const TapePlace& place, const scsi::TapeStatistics& counted, bool wrote);
  /// The drive was asked: the place from which that Volume is appended to now is behind data that no filemark ends.
  void follows_cut_off(const std::string& volume, const TapePlace& place, const scsi::TapeStatistics& counted);
  /// The device is closed, with so much counted before that was seen. bacula-sd tells no plugin when it changes the Volume in mid-job, so
  /// what is written from now on may be on another one.
  void may_change(const scsi::TapeStatistics& before) { closed_at_ = before; }
  /// The tape stands there, of which nobody said which Volume it is, with so much counted since it was asked. In the first file of a tape
  /// everything before what was written since is its label, or was cut off: a job ends its data with a filemark.
  void see_changed(const TapePlace& place, const scsi::TapeStatistics& after);
  /// With so many writes by now, also if the device was closed meanwhile: what follows data that was cut off; empty: nothing.
  std::string cut_off(uint64_t writes) const;

 private:
  void clear();
  bool goes_on(const scsi::TapeStatistics& now) const;

  std::shared_ptr<UnendedVolumes> unended_;
  std::string volume_{};
  std::optional<TapePlace> begin_{};                 ///< where the device stood when it was to be used
  std::optional<TapePlace> before_{};                ///< what was known of the Volume then
  scsi::TapeStatistics begun_{};                     ///< as counted then
  scsi::TapeStatistics last_{};                      ///< and with the last look
  std::optional<scsi::TapeStatistics> closed_at_{};  ///< of may_change(); nothing: a Volume was opened by name since
  bool suspect_ = false;                             ///< no filemark there
  bool fresh_ = false;                               ///< no look since opens()
};

}  // namespace shstore::plugin
