#include "plugin/command_lock_port.h"

#include <exception>

#include "config/shared/run_program.h"
#include "plugin/lock_holder.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using reserve::Outcome;

constexpr int kConflict = 24;  // SG_LIB_CAT_RES_CONFLICT of sg3_utils; storage-ctl's as well
constexpr int kWaited = 75;    // storage-ctl: waited in vain; sg3_utils: no SCSI device
constexpr size_t kLongestLine = 200;

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  text = text.substr(text.rfind('\n') + 1);
  return text.size() > kLongestLine ? text.substr(0, kLongestLine) + "..." : text;
}

bool looks_like_a_key(const std::string& text) {
  const auto digits = text.starts_with("0x") ? text.substr(2) : text;
  return !digits.empty() && digits.size() <= 16 &&
         digits.find_first_not_of("0123456789abcdefABCDEF") == digits.npos;
}

}  // namespace

CommandLockPort::Ran CommandLockPort::run(const char* operation) const {
  const auto end = config::run_program(config::expand_command(device_, operation), deadline_);
  debug_(device_.display() + ": Lock Command, " + operation + ": " +
         (end ? "status " + std::to_string(end->status) + ", output: " + end->output : end.error()));
  if (!end) return {0, {}, end.error(), false};
  Ran ran{end->status, last_line(end->output), {}};
  if (end->timed_out) {
    ran.trouble = "the Lock Command's \"" + std::string(operation) + "\" has not ended within " +
                  std::to_string(std::chrono::ceil<std::chrono::seconds>(deadline_).count()) + " s";
  }
  return ran;
}

Outcome CommandLockPort::failed(const char* operation, const Ran& ran) const {
  if (!ran.trouble.empty()) return {Outcome::Kind::failed, {}, ran.trouble, {}};
  return {Outcome::Kind::failed,
          {},
          "the Lock Command's \"" + std::string(operation) + "\" ended with status " +
              std::to_string(ran.status) +
              (ran.last_line.empty() ? ", saying nothing" : ": " + ran.last_line),
          {}};
}

// What its wholocked prints; empty: no key.
std::string CommandLockPort::key_that_holds() const {
  const auto ran = run("wholocked");
  return ran.trouble.empty() && ran.status == 0 && looks_like_a_key(ran.last_line) ? ran.last_line : std::string{};
}

Outcome CommandLockPort::blocked(const Ran& refusal) const {
  const auto key = key_that_holds();
  if (key.empty() && refusal.status == kWaited) {
    return {Outcome::Kind::failed, {},
            "the Lock Command's \"trylock\" ended with status 75, but its \"wholocked\" tells of nobody who has the lock (sg3_utils end with 75 "
            "where a device is no SCSI device)" + (refusal.last_line.empty() ? std::string{} : ": " + refusal.last_line), {}};
  }
  return {Outcome::Kind::blocked, key.empty() ? "another host" : key, {}, {}};
}

// The command says that this host has the lock. Who has it by what the drive says?
Outcome CommandLockPort::checked(const scsi::SameDrive& drive) {
  const auto refuse = [](const std::string& why) { return Outcome{Outcome::Kind::failed, {}, "the Lock Command's \"trylock\" ended well, but " + why, {}}; };
  auto seen = look_at_holder(drive.lock_through, drive.device, {});
  if (seen && seen->kind == LockHolder::Kind::untold) {
    if (const auto told = key_that_holds(); !told.empty()) seen = look_at_holder(drive.lock_through, drive.device, told);
  }
  if (!seen) return refuse("whether this host has the lock could not be asked: " + seen.error().message);
  switch (seen->kind) {
    case LockHolder::Kind::ours:
      return {};
    case LockHolder::Kind::anothers:
      return {Outcome::Kind::blocked, seen->holder, {}, {}};
    case LockHolder::Kind::nobodys:
      return refuse("nobody holds the drive");
    case LockHolder::Kind::untold:
      return refuse("the drive is held by " + seen->holder + ", and neither it nor \"wholocked\" tells whether that is this host");
    case LockHolder::Kind::unchecked:
      identity_->say("its Lock Command is believed, because the device tells of no reservations");
      return {};
  }
  return {};
}

Outcome CommandLockPort::take() {
  const auto drive = identity_->look(true);
  if (!drive.usable()) return {Outcome::Kind::failed, {}, drive.text, {}};
  const auto ran = run("trylock");
  const bool refused = ran.trouble.empty() && (ran.status == kConflict || ran.status == kWaited);
  if (ran.started) may_have_it_ = !refused;
  if (refused) return blocked(ran);
  return ran.trouble.empty() && ran.status == 0 ? checked(drive) : failed("trylock", ran);
}

// What the site's program was told itself has come by the time at which it has ended.
void CommandLockPort::hear_of_resets(Outcome& outcome) const {
  const auto device = watch_ == nullptr ? std::string{} : identity_->device();
  if (device.empty()) return;
  const auto seen = watch_->take(device);
  outcome.was_reset = seen.resets != 0;
  outcome.path_gone = seen.gone;
}

Outcome CommandLockPort::release(bool keep_registration) {
  const auto ran = run("unlock");
  if (!ran.trouble.empty() || ran.status != 0) return failed("unlock", ran);
  may_have_it_ = false;
  if (!keep_registration) static_cast<void>(run("unregister"));
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
        if (may_have_it_) return release(false);
        static_cast<void>(run("unregister"));
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
