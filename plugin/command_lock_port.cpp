#include "plugin/command_lock_port.h"

#include <exception>

namespace shstore::plugin {
namespace {

using reserve::Action;
using reserve::Outcome;

constexpr const char* kSomebody = "another host";  // where the program does not tell the key

Outcome failed(const config::SiteAnswer& answer) { return {Outcome::Kind::failed, {}, answer.why, {}}; }

}  // namespace

Outcome CommandLockPort::take() {
  const auto answer = lock_.try_lock();
  switch (answer.kind) {
    case config::SiteAnswer::Kind::done: return {};
    case config::SiteAnswer::Kind::held_elsewhere:
      return {Outcome::Kind::blocked, answer.holder.empty() ? kSomebody : answer.holder, {}, {}};
    case config::SiteAnswer::Kind::failed: break;
  }
  return failed(answer);
}

// What the site's program was told itself has come by the time at which it has ended.
void CommandLockPort::hear_of_resets(Outcome& outcome) const {
  const auto device = watch_ == nullptr ? std::string{} : scsi::sysfs_device(control_device_);
  if (device.empty()) return;
  const auto seen = watch_->take(device);
  outcome.was_reset = seen.resets != 0;
  outcome.path_gone = seen.gone;
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
      case Action::join:
        break;
    }
    return {};
  } catch (const std::exception& e) {
    return {Outcome::Kind::failed, {}, e.what(), {}};
  }
}

}  // namespace shstore::plugin
