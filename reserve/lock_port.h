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
};

}  // namespace shstore::reserve
