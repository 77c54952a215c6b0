// Was every drive that bacula-sd offered to a job in one pass of its loop refused for a reason that waiting does not cure (3614)?
// bacula-sd goes over a job's drives several times without a pause and then sleeps 30 or 60 s (stored/reserve.c, use_device_cmd;
// bmicrosleep, wait_for_any_device): what comes after so long a pause is a new pass. One job's thread only.
#pragma once

#include <chrono>

namespace shstore::plugin {

class WholePass {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  /// Longer than a thread is kept from going on within a pass, shorter than Bacula's sleep.
  static constexpr std::chrono::seconds kPause{25};

  /// The job was refused a drive for good. True: so it was with every drive of a whole pass before this one, too.
  bool refused_for_good(Instant now) {
    look(now);
    for_good_ = true;
    return whole_pass_;
  }
  /// The job was given a drive, or refused one for what may pass.
  void may_hope(Instant now) {
    look(now);
    hope_ = true;
  }

 private:
  void look(Instant now) {
    if (now - last_ >= kPause) {
      whole_pass_ = for_good_ && !hope_;
      for_good_ = hope_ = false;
    }
    last_ = now;
  }

  Instant last_{};
  bool for_good_ = false, hope_ = false, whole_pass_ = false;
};

}  // namespace shstore::plugin
