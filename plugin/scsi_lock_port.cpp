#include "plugin/scsi_lock_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "plugin/lock_outcome.h"
#include "scsi/append_guard.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using reserve::Outcome;

// The kernel sends a report by a worker of its own, a moment after the command has ended.
constexpr std::chrono::milliseconds kReportPatience{300};
constexpr std::string_view kWaits = "blocked";      // SDEV_BLOCK, sdev_states in drivers/scsi/scsi_sysfs.c
constexpr std::string_view kResetOccurred = "29/";  // ADDITIONAL SENSE CODE: power on, reset (SPC-4 annex F)

std::vector<std::string> codes_of(const scsi::LogicalUnit& unit) {
  std::vector<std::string> codes;
  for (const auto& sense : unit.unit_attentions()) codes.push_back(fmt::format("{:02X}/{:02X}", sense.asc, sense.ascq));
  return codes;
}

bool tell_of_reset(const std::vector<std::string>& codes) {
  return std::any_of(codes.begin(), codes.end(), [](const auto& code) { return code.starts_with(kResetOccurred); });
}

}  // namespace

std::string ScsiLockPort::limit() const {
  if (!position_.tells_nothing()) return {};
  return "the drive behind " + control_device_ +
         " does not know READ POSITION: that its tape was moved under a job is noticed only if the drive reports a reset";
}

bool ScsiLockPort::path_waits() { return state_.of(locked_through_) == kWaits; }

bool ScsiLockPort::path_is_back() {
  const bool waits =
      position_.asks() && path_waits() && device_open();  // in this order: the last one looks at all descriptors
  const bool back = outage_ && !waits;
  outage_ = waits;
  position_.path_waits(waits);
  if (waits) position_.guard(identity_->world(), locked_through_);
  return back;
}

std::string ScsiLockPort::unfit() {
  const auto drive = identity_->look_if_changed();
  return drive.usable() ? std::string() : drive.text;
}

Outcome ScsiLockPort::act(scsi::LogicalUnit& unit, scsi::DriveLock& lock, Action action, bool keep_registration) {
  switch (action) {
    case Action::none:
    case Action::see_closed: break;
    case Action::recover: return recover(unit, lock);
    case Action::look: return look(unit, lock);
    case Action::join:
      if (const auto entered = processes_.enter(); !entered) return lock_failed(entered.error().message);
      return join(unit, lock);
    case Action::take: return take_alone(unit, lock);
    case Action::release: return release(unit, lock, keep_registration);
    case Action::unregister: return unregister(lock);
  }
  return lock_done();
}

// The kernel repeats to all who listen what a drive has told anybody. What it told a command of ours is known already, and
// how the engine takes that depends on what the command was sent for: so that report is waited for, and is no other reset.
void ScsiLockPort::hear_of_resets(const std::string& device, bool told_by_ours) {
  if (watch_ == nullptr || device.empty()) return;
  const auto seen = told_by_ours ? watch_->take_after_reset(device, kReportPatience) : watch_->take(device);
  gone_ = gone_ || seen.gone;
  reset_untold_ = reset_untold_ || seen.resets != 0;
}

bool ScsiLockPort::path_is_gone() const {
  return !locked_through_.empty() && (gone_ || !identity_->world().exists(locked_through_));
}

// Said once: what comes after it is about whatever the control device leads to now.
Outcome ScsiLockPort::gone() {
  auto outcome = lock_failed("the path to the drive by which its lock was taken is gone");
  outcome.path_gone = true;
  lost_through_ = std::exchange(locked_through_, {});
  lost_by_ = proof_ && proof_->holder ? proof_->holder->text() : std::string{};
  registered_through_.clear();
  registered_by_.clear();
  proof_.reset();
  return outcome;
}

// The archive device's name may lead elsewhere by now.
bool ScsiLockPort::locked_tape_is_open() const {
  const auto& device = locked_through_.empty() ? lost_through_ : locked_through_;
  return !device.empty() && identity_->world().tape_is_open(device);
}

// The nodes lead to another nexus than the one that has the lock, and that one is not being written through any more.
bool ScsiLockPort::moved(const scsi::SameDrive& drive) const {
  return drive.device != locked_through_ && !locked_tape_is_open();
}

// And it is dead: nobody can write through it, or give the lock back by it.
bool ScsiLockPort::dead(const scsi::SameDrive& drive) const {
  return !locked_through_.empty() && drive.device != locked_through_ && !drive.device.empty() &&
         !identity_->world().usable(locked_through_);
}

// Where our key is, which another look at the nodes does not change.
ScsiLockPort::Way ScsiLockPort::registered_way(const scsi::SameDrive& drive) const {
  const auto& device = locked_through_.empty() ? registered_through_ : locked_through_;
  if (device.empty() || device == drive.device) return {drive.lock_through, drive.device};
  const auto path = identity_->world().generic(device);
  return path.empty() ? Way{drive.lock_through, drive.device} : Way{path, device};
}

bool ScsiLockPort::leads_there(const Way& way) const {
  return way.device.empty() || identity_->world().node(way.path).device == way.device;
}

// The nodes may have been dealt out anew while the lock was being taken.
bool ScsiLockPort::still_the_same(const Way& way) {
  const auto now = identity_->look(false);
  return now.usable() && now.device == way.device && leads_there(way);
}

Outcome ScsiLockPort::give_back(const Way& way, const std::string& why) {
  reach(way, Action::release, false);
  locked_through_.clear();
  registered_through_.clear();
  return lock_failed(why);
}

Outcome ScsiLockPort::elsewhere(const scsi::SameDrive& drive) const {
  auto outcome =
      lock_failed(!drive.usable() && !drive.text.empty()
                      ? drive.text
                      : "its Archive Device leads by another path now than the one by which the lock was taken");
  outcome.path_gone = true;
  return outcome;
}

// Nobody waits there any longer.
void ScsiLockPort::leave_old_nexus(const scsi::SameDrive& drive) {
  if (registered_through_.empty() || registered_through_ == drive.device) return;
  const auto device = std::exchange(registered_through_, {});
  const auto path = identity_->world().generic(device);
  auto port = std::exchange(registered_by_, {});
  if (!path.empty())
    reach({path, device}, Action::unregister, false);
  else if (!port.empty())
    lost_registrations_.push_back(std::move(port));
}

void ScsiLockPort::remember(const Way& way, Action action, bool keep_registration, Outcome& outcome) {
  const bool done = outcome.kind == Outcome::Kind::done;
  if (action == Action::take && done) {
    if (path_is_gone()) outcome.path_gone = true;
    locked_through_ = way.device;
    lost_through_.clear();
    lost_by_.clear();
    gone_ = false;
  }
  if (action == Action::take || action == Action::join) registered_through_ = way.device;
  if (action == Action::release && done) locked_through_.clear();
  const bool unregistered = action == Action::unregister || (action == Action::release && !keep_registration);
  if (unregistered && done) registered_through_.clear();
  if (unregistered && done) registered_by_.clear();
}

// What was read before is not believed any more once something has failed, or was reported or done.
Outcome ScsiLockPort::reach(const Way& way, Action action, bool keep_registration) {
  if (action != Action::look) line_.drop();
  const auto line = line_.get(way.path, way.device, Clock::now());
  if (!line || line_.is_new()) registrations_.forget();
  if (!line) return lock_failed(line.error().message);
  scsi::LogicalUnit unit(**line);
  scsi::DriveLock lock(unit, key_);
  lock.ask_for_ports([this] { return identity_->world().ports(); });
  auto outcome = act(unit, lock, action, keep_registration);
  outcome.attentions = codes_of(unit);
  const bool trouble = outcome.kind == Outcome::Kind::failed || !outcome.attentions.empty();
  if (trouble) line_.drop();
  if (trouble || action != Action::look) registrations_.forget();
  return outcome;
}

void ScsiLockPort::forget_the_drive() {
  line_.drop();
  registrations_.forget();
}

Outcome ScsiLockPort::go(const Way& way, Action action, bool keep_registration) {
  auto outcome = reach(way, action, keep_registration);
  const bool told = tell_of_reset(outcome.attentions);
  reset_untold_ = reset_untold_ || told || position_.take_lost();
  hear_of_resets(way.device, told);
  if (action == Action::look && path_is_gone()) return gone();
  remember(way, action, keep_registration, outcome);
  if (outcome.reading) {
    reset_untold_ = tell_of_reset(journal_.fresh()) || reset_untold_;
    outcome.reading->was_reset = std::exchange(reset_untold_, false);
    if (outcome.reading->was_reset) forget_the_drive();
  }
  return outcome;
}

Outcome ScsiLockPort::perform(Action action, bool keep_registration) {
  try {
    if (action == Action::none) return lock_done();
    const auto seen_free = std::exchange(seen_free_, std::nullopt);
    take_free_ = action == Action::take ? seen_free : std::nullopt;
    if (action == Action::release && device_open()) return {Outcome::Kind::still_open, {}, {}};
    if (action == Action::look && path_is_gone()) return gone();
    if (action == Action::look && path_waits())
      return lock_failed("the path to the drive is down, and its commands wait");
    const bool begins = action == Action::recover || action == Action::join || action == Action::take;
    const auto drive = identity_->look(begins);
    const bool held = action == Action::look && !locked_through_.empty();
    if (dead(drive)) {
      auto outcome = gone();
      if (action == Action::look) return outcome;
    }
    if (held && moved(drive)) return elsewhere(drive);
    if (held || action == Action::release || action == Action::unregister)
      return go(registered_way(drive), action, keep_registration);
    if (!drive.usable()) return lock_failed(drive.text);
    const Way way{drive.lock_through, drive.device};
    if (!leads_there(way)) return lock_failed(way.path + " is not the generic device of the drive that is written");
    if (begins) leave_old_nexus(drive);
    auto outcome = go(way, action, keep_registration);
    if (action != Action::take || outcome.kind != Outcome::Kind::done) return outcome;
    if (!clone_.empty()) return give_back(way, clone_);
    return still_the_same(way)
               ? outcome
               : give_back(way, "the device nodes have changed while its lock was being taken; it was given back");
  } catch (const std::exception& e) {
    return lock_failed(control_device_ + ": " + e.what());
  }
}

}  // namespace shstore::plugin
