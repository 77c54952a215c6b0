// One process of this host at a time at a drive. The reservation below which this lies is the whole host's: for the drive
// all processes of a host are one.
//
// A lock of an open file description (fcntl(2), F_OFD_SETLK) on each of lock_nodes(), which the kernel gives back when the
// process ends, however. What is locked is one byte, at a place of the file that belongs to the key, for two hosts may be one
// kernel (a laboratory, containers); two more bytes, whose places are numbers, say who has it: its process id and when it was
// started. So who has it needs no file that could be left behind, and a child of theirs can be told from a stranger.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scsi/base/descriptor.h"
#include "scsi/base/process.h"
#include "scsi/error.h"
#include "scsi/reservation_key.h"

namespace shstore::scsi {

/// A process that has the drive.
struct ProcessOwner {
  base::ProcessId id{};      ///< id.pid 0: it cannot be told who
  std::string text() const;  ///< "btape (process 4711)"
};

/// Move-only. Not thread-safe. Gives back on destruction what it took. Whoever is below the owner, as its Changer Command is
/// below bacula-sd, joins it: is let through, and gives nothing back.
class ProcessLock {
 public:
  /// `owner`: for whom it is taken; nothing: for this process. Only a child may have it for another, which it must outlive.
  ProcessLock(std::string control_device, ReservationKey key, std::optional<base::ProcessId> owner = {})
      : control_device_(std::move(control_device)), key_(key), owner_(owner) {}

  /// Does not wait. Nothing: the drive is this process's, taken or joined; held already is fine. An error says what
  /// cannot be locked.
  Result<std::optional<ProcessOwner>> try_take();
  /// Who has it, without taking it: nothing if nobody has, or this process or one above it.
  Result<std::optional<ProcessOwner>> other();

  /// This process registers our key, or is about to, until leave() or its end.
  Result<void> enter();
  /// Whether another process has entered: a registration of our key may be its.
  Result<bool> others_entered();
  /// From now on it has not. True: nobody else is known to have, so what it has registered may go.
  bool leave();

  bool held() const { return joined_ || !files_.empty(); }
  bool joined() const { return joined_; }

  /// A path may have come, or have come back as another file: what is new is locked, too. Call from time to time while it is
  /// held. What another process has got there meanwhile stays its.
  void renew();
  void release();

 private:
  struct File {
    std::string path;
    base::Descriptor descriptor;
  };
  enum class Locked { yes, busy };
  Result<std::optional<File>> open(const std::string& path) const;
  Result<Locked> lock(const File& file) const;
  Result<std::optional<File>> first_file() const;
  std::optional<ProcessOwner> owner_of(const File& file) const;

  std::string control_device_;
  ReservationKey key_;
  std::optional<base::ProcessId> owner_;
  std::vector<File> files_;
  std::optional<File> entrance_;
  bool joined_ = false;
};

}  // namespace shstore::scsi
