// Bacula's own `status storage` with our lines put where the Enterprise product has them: "Device is BLOCKED
// by another SD=..." behind the Volume's Media type, or behind the device's first line if no Volume is
// mounted, and "shstore=1 ..." as the last line of the device. Everything else passes byte for byte, as it
// comes. No I/O of its own.
//
// Source: stored/status.c (list_jobs_waiting_on_reservation, list_one_device, send_blocked_status), 9.6.7
// to 15.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "status/look/snapshot.h"

namespace shstore::status {

class Annotator {
 public:
  /// The snapshot of the daemon of that name, of this moment; empty: the text has not told a name yet.
  /// nullptr: that daemon is not known, and its part of the text is left alone. It must live until the next
  /// call.
  using SnapshotOf = std::function<const SdSnapshot*(const std::string& sd_name)>;
  using Write = std::function<void(std::string_view)>;

  Annotator(SnapshotOf snapshot_of, Write write, bool names)
      : snapshot_of_(std::move(snapshot_of)), write_(std::move(write)), names_(names) {}

  /// Any piece of the text. A line is kept back only as long as something of ours may have to come before it.
  void feed(std::string_view bytes);
  /// There is no more.
  void end();

 private:
  enum class Section { other, waiting, devices };

  void line(std::string_view with_newline);
  void header(std::string_view words);
  void in_devices(std::string_view words, std::string_view indent);
  void begin_device(std::string_view words);
  void end_device();
  void end_waiting();
  void ask();
  void put(const std::string& indent, const std::string& text);
  void put_blocked(std::string_view next, std::string_view indent);

  const SnapshotOf snapshot_of_;
  const Write write_;
  const bool names_;

  std::string pending_;  ///< the line that has not ended yet
  size_t passed_ = 0;    ///< how much of it has been written already
  Section section_ = Section::other;
  std::string sd_name_;
  const SdSnapshot* sd_ = nullptr;
  std::string told_;  ///< lines of the waiting list seen so far
  const DeviceSnapshot* device_ = nullptr;
  std::string indent_;         ///< of the device's lines; empty: none seen yet
  bool blocked_due_ = false;   ///< the device is blocked, and that has not been said
  bool blocked_next_ = false;  ///< it is to be said before the next line
  bool has_lock_line_ = false;
};

}  // namespace shstore::status
