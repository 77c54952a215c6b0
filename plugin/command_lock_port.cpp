#include "plugin/command_lock_port.h"

#include <exception>

#include "plugin/lock_holder.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using reserve::Outcome;

Outcome failed(const config::SiteAnswer& answer) { return {Outcome::Kind::failed, {}, answer.why, {}}; }

}  // namespace

// The command says that this host has the lock. Who has it by what the drive says?
Outcome CommandLockPort::checked(const scsi::SameDrive& drive) {
  const auto refuse = [](const std::string& why) {
    return Outcome{Outcome::Kind::failed, {}, "the Lock Command's \"trylock\" ended well, but " + why, {}};
  };
  auto seen = look_at_holder(drive.lock_through, drive.device, {});
  if (seen && seen->kind == LockHolder::Kind::untold) {
    if (const auto told = lock_.holder(); !told.empty()) seen = look_at_holder(drive.lock_through, drive.device, told);
  }
  if (!seen) return refuse("whether this host has the lock could not be asked: " + seen.error().message);
  switch (seen->kind) {
    case LockHolder::Kind::ours: return {};
    case LockHolder::Kind::anothers: return {Outcome::Kind::blocked, seen->holder, {}, {}};
    case LockHolder::Kind::nobodys: return refuse("nobody holds the drive");
    case LockHolder::Kind::untold:
      return refuse("the drive is held by " + seen->holder +
                    ", and neither it nor \"wholocked\" tells whether that is this host");
    case LockHolder::Kind::unchecked:
      identity_->say("its Lock Command is believed, because the device tells of no reservations");
      return {};
  }
  return {};
}

Outcome CommandLockPort::take() {
  const auto drive = identity_->look(true);
  if (!drive.usable()) return {Outcome::Kind::failed, {}, drive.text, {}};
  const auto answer = lock_.try_lock();
  switch (answer.kind) {
    case config::SiteAnswer::Kind::done: return checked(drive);
    case config::SiteAnswer::Kind::held_elsewhere: return {Outcome::Kind::blocked, answer.holder, {}, {}};
    case config::SiteAnswer::Kind::failed: break;
  }
  return failed(answer);
}

// What the site's program was told itself has come by the time at which it has ended.
void CommandLockPort::hear_of_resets(Outcome& outcome) const {
  const auto device = watch_ == nullptr ? std::string{} : identity_->device();
  if (device.empty()) return;
  const auto seen = watch_->take(device);
  outcome.was_reset = seen.resets != 0;
  outcome.path_gone = seen.gone;
}

std::string CommandLockPort::unfit() {
  const auto drive = identity_->look_if_changed();
  return drive.usable() ? std::string() : drive.text;
}

Outcome CommandLockPort::release(bool keep_registration) {
  const auto answer = lock_.unlock();
  if (answer.kind != config::SiteAnswer::Kind::done) return failed(answer);
  if (!keep_registration) lock_.unregister();
  return {};
}

Outcome CommandLockPort::perform(Action action, bool keep_registration) {
  try {
    switch (action) {
      case Action::take: {
        auto outcome = take();
        hear_of_resets(outcome);
        return outcome;
      }
      case Action::release:
        if (is_open_()) return {Outcome::Kind::still_open, {}, {}, {}};
        return release(keep_registration);
      case Action::recover:
        if (reclaim_) return release(false);
        break;
      case Action::unregister:
        if (lock_.may_have_it()) return release(false);
        lock_.unregister();
        break;
      case Action::none:
      case Action::see_closed:
      case Action::look:
      case Action::join: break;
    }
    return {};
  } catch (const std::exception& e) {
    return {Outcome::Kind::failed, {}, e.what(), {}};
  }
}

}  // namespace shstore::plugin
