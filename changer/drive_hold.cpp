#include "changer/drive_hold.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "config/shared/site_lock.h"
#include "reserve/record/contract.h"
#include "scsi/base/output_file.h"

namespace shstore::changer {
namespace {

using scsi::DriveLock;
using std::chrono::milliseconds;

constexpr milliseconds kLook{50};

// The file's presence is all that counts. That it cannot be written is no reason not to move.
void remember(const std::string& memory) {
  if (!memory.empty())
    static_cast<void>(base::replace_file(memory, "shstore-changer holds a drive's lock for a move\n", 0640));
}
void forget(const std::string& memory) {
  std::error_code gone;
  if (!memory.empty()) std::filesystem::remove(memory, gone);
}
bool remembers(const std::string& memory) {
  std::error_code error;
  return !memory.empty() && std::filesystem::exists(memory, error);
}

// ---- two kinds of locks, as giving back sees them

class ReservedLock {
 public:
  ReservedLock(DriveLock lock, const config::SharedDevice& device, bool registered_before)
      : lock_(std::move(lock)), device_(device), registered_before_(registered_before) {}

  Outcome<void> take() {
    const auto attempt = lock_.try_lock();
    if (!attempt) return tl::make_unexpected(to_failure(attempt.error()));
    if (attempt->held || !attempt->own_other_port.empty()) return {};
    return fail(ExitStatus::locked,
                fmt::format("{}: a job of this host came for it in the moment in which it was given back, "
                            "and {} was faster: the job will fail",
                            device_.display(), scsi::holder_text(attempt->holder)));
  }
  Outcome<void> release() {
    const auto released = lock_.unlock();
    return released ? Outcome<void>{} : tl::make_unexpected(to_failure(released.error()));
  }
  // Nothing that a job has taken since the release is touched.
  Outcome<void> unregister() {
    if (registered_before_) return {};
    const auto now = lock_.read();
    if (!now) return tl::make_unexpected(to_failure(now.error()));
    if (now->held_by(lock_.own_key())) return {};
    return lock_.unregister().map_error(to_failure);
  }

 private:
  DriveLock lock_;
  config::SharedDevice device_;
  bool registered_before_;
};

// A Lock Command of the site's own. What it does with the drive is known only as far as the drive shows it, and that may be
// nothing at all.
class CommandLock {
 public:
  CommandLock(DriveLock look, const config::SharedDevice& device)
      : look_(std::move(look)), device_(device), site_(device) {}

  Outcome<void> take() {
    auto answer = site_.try_lock();
    if (answer.kind != config::SiteAnswer::Kind::held_elsewhere) return to_outcome(answer);
    return fail(ExitStatus::locked, fmt::format("{} could not be locked: it is reserved by: {}", device_.display(),
                                                answer.holder.empty() ? "another host" : answer.holder));
  }
  Outcome<void> release() { return to_outcome(site_.unlock()); }
  Outcome<void> unregister() {
    const auto now = look_.read();
    const bool taken_again = own_ && now && now->held_by(*own_);
    if (registered_before_ || taken_again) return {};
    site_.unregister();  // as the plugin: a command need not have it
    return {};
  }
  // A take() that failed without saying that another host has it.
  void give_back_doubtful() {
    if (site_.may_have_it() && release()) static_cast<void>(unregister());
  }

  // Has somebody reserved the drive? To be asked before the first take().
  bool look_before() {
    if (auto state = look_.read()) before_ = std::move(*state);
    return before_.reservation.has_value();
  }
  // Whose key ours is shows in the reservation that it has made, if it makes any.
  void look_after() {
    const auto state = look_.read();
    if (!state || !state->reservation) return;
    own_ = state->reservation->key;
    registered_before_ = before_.registrations_of(*own_) > 0;
  }

 private:
  Outcome<void> to_outcome(const config::SiteAnswer& answer) const {
    if (answer.kind == config::SiteAnswer::Kind::done) return {};
    return fail(ExitStatus::locked, fmt::format("{} could not be locked: {}", device_.display(), answer.why));
  }

  DriveLock look_;
  config::SharedDevice device_;
  config::SiteLock site_;
  scsi::LockState before_{};
  std::optional<scsi::ReservationKey> own_{};
  bool registered_before_ = false;
};

// A job may have come during the move, and believes in the lock that it found. What the plugin says of it comes late: so the
// lock is given back, and taken again if a job turns up then.
template <class Lock>
Outcome<void> give_back_lock(Lock& lock, const HoldContext& context) {
  if (context.job_holds_lock()) return {};
  auto given = lock.release();
  if (given) given = lock.unregister();
  for (milliseconds waited{0}; waited < record::kSurelyPublished; waited += kLook) {
    if (context.job_holds_lock()) return lock.take();
    context.pause(kLook);
  }
  return given;
}

Outcome<DriveHold::GiveBack> take_by_command(CommandLock lock, HoldContext context) {
  const bool theirs = lock.look_before() || context.job_holds_lock();
  if (auto taken = lock.take(); !taken) {
    if (!theirs) lock.give_back_doubtful();
    return tl::make_unexpected(taken.error());
  }
  if (theirs) return DriveHold::GiveBack{};
  lock.look_after();
  return DriveHold::GiveBack([lock, context = std::move(context)]() mutable { return give_back_lock(lock, context); });
}

}  // namespace

Outcome<DriveHold> DriveHold::take(scsi::LogicalUnit& drive, const config::SharedDevice& device, const Request& request,
                                   HoldContext context) {
  constexpr int kAgain = 3;
  return take(drive, device, request, std::move(context), kAgain);
}

Outcome<DriveHold> DriveHold::take(scsi::LogicalUnit& drive, const config::SharedDevice& device, const Request& request,
                                   HoldContext context, int again) {
  DriveLock lock(drive, device.key, context.ports);
  if (!device.command.empty()) {
    return take_by_command(CommandLock(lock, device), std::move(context)).map([](GiveBack back) {
      return DriveHold(back);
    });
  }
  const auto before = lock.read();
  if (!before) return tl::make_unexpected(to_failure(before.error()));
  const auto hold = judge_lock(device, request, *before, context.key_text);
  if (!hold) return tl::make_unexpected(hold.error());
  const bool left_behind = *hold == Hold::ours && remembers(context.memory) && !context.job_holds_lock();
  const bool theirs = *hold == Hold::ours && !left_behind;
  const bool registered_before = !left_behind && before->registrations_of(device.key) > 0;
  if (*hold == Hold::free) remember(context.memory);
  // Where the lock is ours already this changes nothing on the drive, and proves that it is not another host's under our key.
  const auto attempt = lock.try_lock(theirs ? scsi::OwnLock::only_prove : scsi::OwnLock::join);
  if (!attempt) {
    // bacula-sd keeps it for a device that it has open for no job, and gives it back seconds after that.
    const bool went =
        theirs && lock.read().map([&](const auto& now) { return !now.held_by(device.key); }).value_or(false);
    if (went && again > 0) return take(drive, device, request, std::move(context), again - 1);
    // A lost answer tells nothing: only a drive that is asked again and says so has nothing of this move's.
    const bool gone = theirs || (registered_before ? lock.unlock().has_value() : lock.unregister().has_value());
    if (gone) forget(context.memory);
    // The plugin gives the drive back on this very nexus, and may take away what this move has just registered or reserved.
    const bool raced = !theirs && gone && attempt.error().kind == scsi::Error::Kind::protocol;
    if (raced && again > 0) {
      context.pause(kLook);
      return take(drive, device, request, std::move(context), again - 1);
    }
    return tl::make_unexpected(to_failure(attempt.error()));
  }
  if (!attempt->held) forget(context.memory);
  if (theirs) {
    if (context.job_holds_lock()) forget(context.memory);  // whatever was left behind is the job's now
    return DriveHold({});
  }
  if (!attempt->held) {
    if (!registered_before) static_cast<void>(lock.unregister());
    if (!attempt->own_other_port.empty()) return DriveHold({});
    scsi::LockState now = *before;
    now.reservation = attempt->holder;
    return judge_lock(device, request, now, context.key_text).map([](Hold) { return DriveHold({}); });
  }
  return DriveHold([ours = ReservedLock(lock, device, registered_before), context = std::move(context)]() mutable {
    auto given_back = give_back_lock(ours, context);
    if (given_back) forget(context.memory);
    return given_back;
  });
}

DriveHold::DriveHold(DriveHold&& other) noexcept : give_back_(std::exchange(other.give_back_, {})) {}

DriveHold::~DriveHold() { static_cast<void>(give_back()); }

Outcome<void> DriveHold::give_back() {
  const auto act = std::exchange(give_back_, {});
  return act ? act() : Outcome<void>{};
}

}  // namespace shstore::changer
