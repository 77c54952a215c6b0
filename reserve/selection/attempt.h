// The tries of one job to reserve a drive, one after the other: the part of select() that looks at a single
// drive. It keeps what Bacula keeps between tries in the job's DCR and RCTX and in the drives themselves.
#pragma once

#include "reserve/selection/selection.h"

namespace shstore::reserve {

/// What a pass is after (store_opts_t).
struct PassOptions {
  bool prefer_mounted, exact_match, changer_only, try_low_use, any_drive;
};

class Attempt {
 public:
  enum class Result { reserved, busy, impossible };

  Attempt(const SdModel& model, const SdUse& use, const JobWish& wish) : model_(model), wish_(wish), use_(use) {}

  void begin_pass(int number, const PassOptions& options);
  /// reserve_device(). `low_use`: the least used drive of the pass, if one was chosen.
  Result reserve(const StorageWish& storage, size_t drive, std::optional<size_t> low_use);
  /// The drive is passed over before any of its state is looked at.
  void pass_over(size_t drive, Obstacle obstacle) { note(drive, obstacle, {}); }
  /// dir_get_volume_info() for a Volume in the Volume list, and the wish to have that one.
  bool want_volume(const std::string& volume);
  void forget_volume();

  const DriveUse& use(size_t drive) const { return use_.drives[drive]; }
  const PassOptions& options() const { return options_; }
  Selection result() &&;

 private:
  Result reserve_for_append(const StorageWish& storage, size_t drive, std::optional<size_t> low_use);
  Result reserve_for_read(size_t drive);
  bool max_jobs_ok(size_t drive);
  bool pool_ok(const StorageWish& storage, size_t drive);
  bool may_append(const StorageWish& storage, size_t drive, std::optional<size_t> low_use);
  bool preferences_ok(size_t drive);
  bool take_pool(const StorageWish& storage, size_t drive);
  bool plugin_agrees(size_t drive);
  Result take_volume(const StorageWish& storage, size_t drive);
  bool find_next_volume(size_t drive);
  bool can_use_volume(size_t drive, const std::string& volume) const;
  bool reserve_volume(size_t drive, const std::string& volume);
  std::optional<size_t> drive_with(const std::string& volume) const;
  void promise(size_t drive);
  void give_back();
  void note(size_t drive, Obstacle obstacle, const std::string& line);
  void queue(const std::string& line);
  std::string line_of(size_t drive, Obstacle obstacle) const;
  bool refuse(size_t drive, Obstacle obstacle);
  Result fail(size_t drive, Obstacle obstacle);
  std::string subject(size_t drive) const;

  const SdModel& model_;
  const JobWish& wish_;
  SdUse use_;  ///< changes as tries leave their traces
  Selection selection_;
  int pass_ = 0;
  PassOptions options_{};
  std::string volume_;              ///< RCTX::VolumeName; empty: have_volume is false
  CatalogVolume known_volume_;      ///< DCR::VolCatInfo: of the Volume last asked for
  std::optional<size_t> promised_;  ///< the drive that counts this job in its `reserved`
  bool reserved_volume_ = false;    ///< DCR::reserved_volume
  bool found_in_use_ = false;       ///< DCR::m_found_in_use
  bool must_wait_ = false;          ///< DEVICE::must_wait()
  std::vector<std::string> queue_;  ///< JCR::reserve_msgs
  std::string pool_line_;           ///< what pool_ok() last queued
};

}  // namespace shstore::reserve
