// How the engine's actions reach a drive.
#pragma once

#include "reserve/drive.h"

namespace shstore::reserve {

class LockPort {
 public:
  virtual ~LockPort() = default;
  /// Performs one action. May block for the deadlines of the commands behind it; never throws.
  /// `keep_registration` is for release: other jobs of ours still wait for the drive.
  virtual Outcome perform(Action action, bool keep_registration) = 0;
  /// False: Action::look and Action::join are beyond it, and it is never asked for them.
  virtual bool can_look() const { return true; }
  /// This daemon has the archive device open now. Asks the process, not the drive.
  virtual bool device_open() { return true; }
  /// Who has it open, of all programs of this host. Costs more, where something has happened to it.
  virtual DeviceUse device_use() { return {device_open(), {}, true, false}; }
  /// False: nobody says when the device is opened or closed, so device_use() is to be asked every second. By any thread.
  virtual bool opens_are_told() const { return true; }
  /// True: whatever path_is_back() and unfit() would find is told (DriveAgent::path_event()), so that they are asked every few seconds only.
  /// By the worker's thread.
  virtual bool path_is_told() const { return false; }
  /// Asked every half second while jobs use the drive, where it is not told: true if its path was down for a while and is back, so that the lock must be
  /// proven. Asks the kernel, not the drive.
  virtual bool path_is_back() { return false; }
  /// Why no further job may have the drive, nor a device be opened for one, although its lock may be ours: the nodes lead to two drives
  /// by now, or to none. Empty: nothing is known against it. Asked after each action, and from time to time while the lock is ours.
  /// Asks the kernel, not the drive.
  virtual std::string unfit() { return {}; }
  /// A job is about to use that Volume in the drive (DeviceOpen): of the next look that finds the device open. By any thread.
  /// `appends`: it is the first to write there since bacula-sd has brought the tape to the end of its data, and does nothing until it
  /// has its answer: that look may move the tape, and puts it back.
  virtual void opens_volume(const std::string& /*volume*/, bool /*appends*/) {}
  /// The job does not wait for that answer any more. False: the tape is being moved for it, and it must. By any thread.
  virtual bool may_stop_waiting() { return true; }
  /// The daemon has closed the device of the only job that has a claim, or that job has taken about as long as the last ones of its name, and
  /// other hosts wait: the next look tells them that the drive may come free soon. By any thread.
  virtual void release_is_near() {}
  /// What this drive cannot tell, in words for the administrator; empty: nothing. By any thread.
  virtual std::string limit() const { return {}; }
};

}  // namespace shstore::reserve
