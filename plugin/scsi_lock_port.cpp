#include "plugin/scsi_lock_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

#include "scsi/append_guard.h"
#include "scsi/read_position.h"
#include "scsi/transport.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using reserve::Outcome;
using reserve::LockReading;
using scsi::Result;

// The kernel sends a report by a worker of its own, a moment after the command has ended.
constexpr std::chrono::milliseconds kReportPatience{300};
constexpr std::string_view kWaits = "blocked";      // SDEV_BLOCK, sdev_states in drivers/scsi/scsi_sysfs.c
constexpr std::string_view kResetOccurred = "29/";  // ADDITIONAL SENSE CODE: power on, reset (SPC-4 annex F)

Outcome done() { return {}; }
Outcome failed(std::string text) { return {Outcome::Kind::failed, {}, std::move(text)}; }

template <class T>
Outcome from(const Result<T>& result) {
  return result ? done() : failed(result.error().message);
}

bool exclusive(const scsi::LockState& state, scsi::ReservationKey key) {
  return state.held_by(key) && state.reservation->type == scsi::PrType::exclusive_access;
}

std::vector<std::string> codes_of(const scsi::LogicalUnit& unit) {
  std::vector<std::string> codes;
  for (const auto& sense : unit.unit_attentions()) codes.push_back(fmt::format("{:02X}/{:02X}", sense.asc, sense.ascq));
  return codes;
}

bool tell_of_reset(const std::vector<std::string>& codes) {
  return std::any_of(codes.begin(), codes.end(), [](const auto& code) { return code.starts_with(kResetOccurred); });
}

// Nothing where the drive does not tell.
Result<std::optional<scsi::FullStatus>> full_status(scsi::LogicalUnit& unit) {
  auto status = unit.read_full_status();
  if (status) return std::optional(std::move(*status));
  if (status.error().kind == scsi::Error::Kind::unsupported) return std::nullopt;
  return tl::make_unexpected(status.error());
}

// Who holds the lock, as an initiator port.
std::optional<scsi::TransportId> holding_port(const std::optional<scsi::FullStatus>& status) {
  if (!status) return std::nullopt;
  for (const auto& r : status->registrants) {
    if (r.reservation_holder) return r.initiator;
  }
  return std::nullopt;
}

}  // namespace

LockReading ScsiLockPort::reading_of(const scsi::LockState& state, bool ours) const {
  LockReading reading;
  if (state.reservation) reading.holder = scsi::holder_text(*state.reservation);
  reading.ours = ours;
  reading.generation = state.generation;
  reading.registered = state.registrations_of(key_) > 0;
  for (const auto key : state.keys) {
    const auto text = scsi::to_text(key);
    const bool listed = std::find(reading.others.begin(), reading.others.end(), text) != reading.others.end();
    if (!(key == key_) && !listed) reading.others.push_back(text);
  }
  reading.counts_unregistering = counts_unregistering_.value_or(false);
  return reading;
}

// READ RESERVATION shows a key, and another host may use the same by mistake. While the generation of the
// registrations is the one at which the lock was proven, nobody can have replaced us; after that the holder's
// port is compared.
Result<bool> ScsiLockPort::still_ours(scsi::LogicalUnit& unit, const scsi::DriveLock& lock,
                                      const scsi::LockState& state) {
  if (!exclusive(state, lock.own_key())) return false;
  if (!proof_ || !proof_->holder || proof_->generation == state.generation) return true;
  const auto status = full_status(unit);
  if (!status) return tl::make_unexpected(status.error());
  const auto holder = holding_port(*status);
  if (holder && !(*holder == *proof_->holder)) return false;
  proof_->generation = state.generation;
  return true;
}

std::string ScsiLockPort::limit() const {
  if (!tells_no_position_) return {};
  return "the drive behind " + control_device_ +
         " does not know READ POSITION: that its tape was moved under a job is noticed only if the drive reports a reset";
}

bool ScsiLockPort::path_waits() const { return scsi::device_state(locked_through_) == kWaits; }

bool ScsiLockPort::path_is_back() {
  const bool waits = statistics_ && device_open() && path_waits();
  const bool back = outage_ && !waits;
  outage_ = waits;
  guarded_ = guarded_ && waits;
  if (waits) guard_the_tape();
  return back;
}

std::string ScsiLockPort::unfit() {
  const auto drive = identity_->look(false);
  return drive.usable() ? std::string() : drive.text;
}

// Only while the daemon appends: a tape that is read may stand anywhere.
void ScsiLockPort::guard_the_tape() {
  const auto now = statistics_();
  if (guarded_ || !now || !now->in_flight || !position_.appends(*now)) return;
  guarded_ = true;
  (void)scsi::put_end_of_data_first(
      identity_->world().generic(locked_through_));  // if it cannot, the job fails all the same
}

// While st waits for anything but a write the drive may be winding a tape, and would let us wait as well.
std::optional<scsi::TapeStatistics> ScsiLockPort::counted_at_rest() const {
  constexpr int kLooks = 10;
  constexpr std::chrono::milliseconds kPause{5};
  const auto first = statistics_();
  auto now = first;
  for (int i = 0; i < kLooks && now && now->in_flight && now->writes == first->writes; ++i) {
    std::this_thread::sleep_for(kPause);
    now = statistics_();
  }
  return now && now->in_flight && now->writes == first->writes ? std::nullopt : now;
}

// From Linux 7.3 on st says so once it has had a command answered, whoever was told of the reset. What was so before the device was
// opened ends with bacula-sd's first rewind.
void ScsiLockPort::see_lost_position(const scsi::TapeStatistics& now) {
  if (now.position_lost && *now.position_lost && position_lost_ == false) reset_untold_ = true;
  position_lost_ = now.position_lost;
}

void ScsiLockPort::opens_volume(const std::string& volume) {
  const std::lock_guard lock(volume_mutex_);
  next_volume_ = volume;
}

// Before the counters are read: a look that began before bacula-sd had read the last of the label does not know it.
void ScsiLockPort::hear_of_volume() {
  const std::lock_guard lock(volume_mutex_);
  if (next_volume_) opening_volume_ = std::exchange(next_volume_, std::nullopt);
}

// Where something was read since the last look it may be another Volume by now: bacula-sd reads its label.
void ScsiLockPort::see_volume(const scsi::TapePosition& position, const scsi::TapeStatistics& counted) {
  if (position_.begins()) volume_ends_.forget(counted);
  if (const auto opened = std::exchange(opening_volume_, std::nullopt)) volume_ends_.opens(*opened);
  if (position.file) volume_ends_.see({*position.file, *position.object}, counted, position_.wrote());
}

// The lock is ours. A drive that cannot be asked now is asked with the next look.
void ScsiLockPort::see_position(scsi::LogicalUnit& unit, LockReading& reading) {
  if (!statistics_) return;
  hear_of_volume();
  // Also of a device that was closed in order, at the end of a job.
  if (const auto now = statistics_()) reading.cut_off = volume_ends_.cut_off(now->writes);
  if (!device_open()) {
    position_.forget();
    volume_ends_.closed(statistics_());
    opening_volume_.reset();
    position_lost_.reset();
    return;
  }
  if (const auto now = statistics_()) see_lost_position(*now);
  const auto before = counted_at_rest();
  if (!before || tells_no_position_) return;
  const auto position = scsi::read_position(unit, long_form_);
  const auto after = statistics_();
  if (!position && position.error().kind == scsi::Error::Kind::unsupported) tells_no_position_ = true;
  if (!position || !position->object || !after) return;
  const auto moved = position_.see({*position->object, *before, *after});
  see_volume(*position, *before);
  if (moved) reading.moved = fmt::format("at least block {} expected, {} found", moved->at_least, moved->found);
}

Outcome ScsiLockPort::look(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  const auto state = lock.read();
  if (!state) return failed(state.error().message);
  const auto ours = still_ours(unit, lock, *state);
  if (!ours) return failed(ours.error().message);
  if (*ours) {
    processes_.renew();
  } else {
    processes_.release();
  }
  auto outcome = done();
  outcome.reading = reading_of(*state, *ours);
  outcome.other_product = state->reservation && !scsi::is_of_a_daemon(*state->reservation);
  if (*ours) see_position(unit, *outcome.reading);
  return outcome;
}

std::vector<std::string> ScsiLockPort::lost_ports() const {
  std::vector<std::string> ports;
  if (!lost_by_.empty()) ports.push_back(lost_by_);
  if (auto before = identity_->left_behind(); reclaim_ && !before.empty()) ports.push_back(std::move(before));
  return ports;
}

bool ScsiLockPort::took_before() const { return reclaim_ && identity_->was_locked(); }

bool ScsiLockPort::may_be_elsewhere() const { return took_before() || !lost_ports().empty(); }

Result<bool> ScsiLockPort::bring_here(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  auto brought = bring_lock_here(unit, lock, identity_->world().ports(), lost_ports(), took_before(), *identity_);
  if (brought && *brought) {
    lost_by_.clear();
    lost_through_.clear();
  }
  return brought;
}

// A lock that is our own elsewhere is brought here first, if it may be.
Result<scsi::LockAttempt> ScsiLockPort::try_lock(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  auto attempt = lock.try_lock();
  const bool elsewhere = attempt && !attempt->held && !attempt->own_other_port.empty();
  const bool unknown_port = !attempt && attempt.error().kind == scsi::Error::Kind::refused && may_be_elsewhere();
  if (!elsewhere && !unknown_port) return attempt;
  const auto brought = bring_here(unit, lock);
  if (!brought) return tl::make_unexpected(brought.error());
  return *brought ? lock.try_lock() : attempt;
}

// Below the reservation, which is the whole host's: what another program of this host has, or a btape, is not to be joined.
Outcome ScsiLockPort::take_alone(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  if (const auto entered = processes_.enter(); !entered) return failed(entered.error().message);
  const auto other = processes_.try_take();
  if (!other) return failed(other.error().message);
  if (*other) {
    auto refused = failed("it is in use by " + (*other)->text() + " of this host");
    refused.in_use_here = true;
    return refused;
  }
  auto outcome = take(unit, lock);
  if (outcome.kind != Outcome::Kind::done) processes_.release();
  return outcome;
}

Outcome ScsiLockPort::take(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  const auto attempt = try_lock(unit, lock);
  if (!attempt) return failed(attempt.error().message);
  if (!attempt->held && !attempt->own_other_port.empty()) {
    return failed("the drive is locked by this host itself, through its other port " + attempt->own_other_port);
  }
  if (!attempt->held) {
    note_registration(unit);
    Outcome blocked{Outcome::Kind::blocked, scsi::holder_text(attempt->holder), {}};
    blocked.other_product = !scsi::is_of_a_daemon(attempt->holder);
    return blocked;
  }
  auto state = lock.read();  // before the holder: a generation that is too old is noticed by the next look
  auto status = full_status(unit);
  if (status && drop_lost_registrations(unit, *status)) {
    state = lock.read();
    status = full_status(unit);
  }
  if (!state || !status) {  // taken, but the proof is missing: later looks go by the key alone
    proof_.reset();
    return done();
  }
  const auto holder = holding_port(*status);
  proof_ = Proof{state->generation, holder};
  identity_->locked(holder ? holder->text() : std::string{});
  clone_ = *status ? other_key_under_our_name(**status, key_, identity_->device(), unit.path()) : std::string{};
  auto outcome = done();
  outcome.reading = reading_of(*state, exclusive(*state, lock.own_key()));
  if (outcome.reading->ours) see_position(unit, *outcome.reading);
  return outcome;
}

Outcome ScsiLockPort::join(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  auto outcome = from(lock.register_key());
  if (outcome.kind == Outcome::Kind::done) note_registration(unit);
  return outcome;
}

// By which initiator port we wait: if this path goes away, the registration stays there.
void ScsiLockPort::note_registration(scsi::LogicalUnit& unit) {
  if (!registered_by_.empty()) return;
  const auto status = full_status(unit);
  if (!status || !*status) return;
  std::vector<std::string> ours;
  for (const auto& r : (*status)->registrants) {
    if (r.key == key_) ours.push_back(r.initiator.text());
  }
  std::erase_if(ours, [&](const auto& port) {
    return std::find(lost_registrations_.begin(), lost_registrations_.end(), port) != lost_registrations_.end();
  });
  if (ours.size() == 1) registered_by_ = ours.front();
}

// We hold the lock: PREEMPT with our own key takes it off all other ports and leaves the lock here (SPC-4 5.13.11.2.5). Only where each of
// them is one by which we have waited.
bool ScsiLockPort::drop_lost_registrations(scsi::LogicalUnit& unit, const FullStatus& status) {
  if (!status || lost_registrations_.empty()) return false;
  unsigned lost = 0;
  for (const auto& r : status->registrants) {
    if (!(r.key == key_) || r.reservation_holder) continue;
    if (std::find(lost_registrations_.begin(), lost_registrations_.end(), r.initiator.text()) ==
        lost_registrations_.end())
      return false;
    ++lost;
  }
  if (lost == 0) return false;
  const auto done = unit.pr_out(scsi::PrOut::preempt, {.key = key_, .service_action_key = key_});
  if (done && *done == scsi::PrOutcome::done) lost_registrations_.clear();
  return true;
}

Outcome ScsiLockPort::release(scsi::LogicalUnit& unit, scsi::DriveLock& lock, bool keep_registration) {
  const auto before = lock.read();
  if (!before) return failed(before.error().message);
  auto released = lock.unlock();
  if (!released && may_be_elsewhere()) {
    if (const auto brought = bring_here(unit, lock); !brought) return failed(brought.error().message);
    released = lock.unlock();
  }
  if (!released) return failed(released.error().message);
  proof_.reset();
  processes_.release();
  auto outcome = keep_registration ? done() : unregister(lock);
  outcome.reading = reading_of(*before, *released);
  return outcome;
}

// Of this daemon and the programs that wait with the same key, the last one takes it away.
Outcome ScsiLockPort::unregister(scsi::DriveLock& lock) {
  if (!processes_.leave()) return done();
  const auto before = counts_unregistering_ ? std::nullopt : std::optional(lock.read());
  if (const auto gone = lock.unregister(); !gone) return failed(gone.error().message);
  const auto after = before ? std::optional(lock.read()) : std::nullopt;
  const bool alone = after && *before && *after && (*before)->keys.size() == 1 &&
                     (*before)->registrations_of(key_) == 1 && (*after)->keys.empty();
  const auto counted = alone ? (*after)->generation - (*before)->generation : 2;
  if (counted <= 1) counts_unregistering_ = counted == 1;
  return done();
}

// Our key on the drive is an earlier life's, the administrator's by hand, or another host's by mistake.
// Registering it anew succeeds only on the I_T nexus that registered it, so the last is found out here. Of
// the others only the first is ours to give back, and only where it is known to be that.
Outcome ScsiLockPort::recover(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  const auto others = processes_.others_entered();
  if (!others) return failed(others.error().message);
  if (*others) return done();
  const auto state = lock.read();
  if (!state) return failed(state.error().message);
  const auto found = state->registrations_of(lock.own_key());
  if (found == 0) return done();
  if (const auto proven = lock.register_key(); !proven) {
    return recover_elsewhere(unit, lock, failed(proven.error().message));
  }
  const auto now = lock.read();
  if (!now) return failed(now.error().message);
  if (now->registrations_of(lock.own_key()) <= found) return reclaim_ ? release(unit, lock, false) : done();
  // It was another port of this host: what we have just added goes again.
  auto gone = from(lock.unregister());
  return gone.kind == Outcome::Kind::done ? recover_elsewhere(unit, lock, gone) : gone;
}

// Was the life before this one killed while it had the lock, and came by another port?
Outcome ScsiLockPort::recover_elsewhere(scsi::LogicalUnit& unit, scsi::DriveLock& lock, const Outcome& otherwise) {
  if (!may_be_elsewhere()) return otherwise;
  const auto brought = bring_here(unit, lock);
  if (!brought) return failed(brought.error().message);
  return *brought ? release(unit, lock, false) : otherwise;
}

Outcome ScsiLockPort::act(scsi::LogicalUnit& unit, scsi::DriveLock& lock, Action action, bool keep_registration) {
  switch (action) {
    case Action::none:
    case Action::see_closed: break;
    case Action::recover: return recover(unit, lock);
    case Action::look: return look(unit, lock);
    case Action::join:
      if (const auto entered = processes_.enter(); !entered) return failed(entered.error().message);
      return join(unit, lock);
    case Action::take: return take_alone(unit, lock);
    case Action::release: return release(unit, lock, keep_registration);
    case Action::unregister: return unregister(lock);
  }
  return done();
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
  auto outcome = failed("the path to the drive by which its lock was taken is gone");
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
  reach(way.path, Action::release, false);
  locked_through_.clear();
  registered_through_.clear();
  return failed(why);
}

Outcome ScsiLockPort::elsewhere(const scsi::SameDrive& drive) const {
  auto outcome = failed(!drive.usable() && !drive.text.empty()
                            ? drive.text
                            : "its Archive Device leads by another path now than the one by which the lock was taken");
  outcome.path_gone = true;
  return outcome;
}

// Nobody waits there any longer.
void ScsiLockPort::leave_old_nexus(const scsi::SameDrive& drive) {
  if (registered_through_.empty() || registered_through_ == drive.device) return;
  const auto path = identity_->world().generic(std::exchange(registered_through_, {}));
  auto port = std::exchange(registered_by_, {});
  if (!path.empty())
    reach(path, Action::unregister, false);
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

Outcome ScsiLockPort::reach(const std::string& path, Action action, bool keep_registration) {
  const auto transport = scsi::open_transport(path);
  if (!transport) return failed(transport.error().message);
  scsi::LogicalUnit unit(**transport);
  scsi::DriveLock lock(unit, key_, identity_->world().ports());
  auto outcome = act(unit, lock, action, keep_registration);
  outcome.attentions = codes_of(unit);
  return outcome;
}

Outcome ScsiLockPort::go(const Way& way, Action action, bool keep_registration) {
  auto outcome = reach(way.path, action, keep_registration);
  const bool told = tell_of_reset(outcome.attentions);
  reset_untold_ = reset_untold_ || told;
  hear_of_resets(way.device, told);
  if (action == Action::look && path_is_gone()) return gone();
  remember(way, action, keep_registration, outcome);
  if (outcome.reading) {
    reset_untold_ = tell_of_reset(journal_.fresh()) || reset_untold_;
    outcome.reading->was_reset = std::exchange(reset_untold_, false);
  }
  return outcome;
}

Outcome ScsiLockPort::perform(Action action, bool keep_registration) {
  try {
    if (action == Action::none) return done();
    if (action == Action::release && device_open()) return {Outcome::Kind::still_open, {}, {}};
    if (action == Action::look && path_is_gone()) return gone();
    if (action == Action::look && path_waits()) return failed("the path to the drive is down, and its commands wait");
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
    if (!drive.usable()) return failed(drive.text);
    const Way way{drive.lock_through, drive.device};
    if (!leads_there(way)) return failed(way.path + " is not the generic device of the drive that is written");
    if (begins) leave_old_nexus(drive);
    auto outcome = go(way, action, keep_registration);
    if (action != Action::take || outcome.kind != Outcome::Kind::done) return outcome;
    if (!clone_.empty()) return give_back(way, clone_);
    return still_the_same(way)
               ? outcome
               : give_back(way, "the device nodes have changed while its lock was being taken; it was given back");
  } catch (const std::exception& e) {
    return failed(control_device_ + ": " + e.what());
  }
}

}  // namespace shstore::plugin
