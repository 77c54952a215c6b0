// What outlives a loss of power where APTPL is active: a file for each such drive or robot.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scsi/error.h"
#include "scsi/target/target.h"

namespace shstore::scsi::target {

/// JSON: {"registrants": [{"initiator": "2101001b322173ee", "relative_target_port": 1, "key": "0xbac001"}],
/// "reservation": {"type": 3, "holder": 0}}; "holder" counts the registrants. Without PRGENERATION, which begins anew.
std::string reservations_text(const ReservationState& state, const std::vector<Nexus>& nexuses);

/// The reverse; APTPL is active. An error of kind config if `text` is no such text or names a nexus that there is not; `file` is
/// used in messages.
Result<ReservationState> parse_reservations(std::string_view text, const std::vector<Nexus>& nexuses,
                                            const std::string& file);

/// A file FOLDER/<drive or robot>.reservations while APTPL is active, and none otherwise. Replaced atomically.
class ReservationFiles {
 public:
  /// Gives `target`, which outlives this, the reservations that the files hold. Errors are of kind config (a file that does not
  /// fit) or device (the file system refuses).
  static Result<ReservationFiles> open(Target& target, const std::string& folder);

  /// Makes the files fit the reservations of now; cheap if nothing has changed. After an error (of kind device) the next call
  /// tries again.
  Result<void> update();

 private:
  struct Kept {
    size_t unit = 0;
    std::string path;
    ReservationState written;  // as it is in the file; without `persists` there is none
  };
  explicit ReservationFiles(const Target& target) : target_(&target) {}

  const Target* target_;
  std::vector<Kept> kept_;
};

}  // namespace shstore::scsi::target
