#include "status/look/live.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "scsi/diagnosis.h"
#include "scsi/drive_lock.h"
#include "scsi/transport.h"
#include "status/look/ask_all.h"

namespace shstore::status {
namespace {

using Why = LiveLock::Why;
using Record = std::function<tl::expected<void, std::string>(const std::vector<std::string>& codes)>;

void fail(LiveLock& live, Why why, std::string message) {
  live.why = why;
  live.error = std::move(message);
}

void fail(LiveLock& live, const scsi::Error& error) {
  switch (error.kind) {
    case scsi::Error::Kind::timeout: return fail(live, Why::no_answer, error.message);
    case scsi::Error::Kind::unsupported: return fail(live, Why::unsupported, error.message);
    case scsi::Error::Kind::spc2_reserve: return fail(live, Why::spc2_reserve, error.message);
    default: return fail(live, Why::cannot_be_asked, error.message);
  }
}

void add_identity(scsi::LogicalUnit& unit, LiveLock& live) {
  const auto inquiry = unit.inquiry();
  if (!inquiry) return;
  live.vendor = inquiry->vendor;
  live.product = inquiry->product;
  live.revision = inquiry->revision;
  if (auto serial = unit.unit_serial_number()) live.serial = std::move(*serial);
}

void add_registrants(const scsi::LockState& state, const std::optional<scsi::FullStatus>& status, LiveLock& live) {
  if (!status) {
    const auto holders = state.holders();
    for (const auto key : state.keys)
      live.registrants.push_back(
          {scsi::to_text(key), {}, std::find(holders.begin(), holders.end(), key) != holders.end()});
    return;
  }
  for (const auto& r : status->registrants) {
    live.registrants.push_back({scsi::to_text(r.key), r.initiator.text(), r.reservation_holder});
  }
}

void add_lock(scsi::LogicalUnit& unit, const config::SharedDevice& device, LiveLock& live) {
  const auto state = scsi::DriveLock(unit, device.key).read();
  if (!state) return fail(live, state.error());
  live.generation = state->generation;
  live.registered = state->registrations_of(device.key) > 0;
  live.locked = state->held_by(device.key);
  if (state->reservation) {
    live.type = scsi::describe(state->reservation->type);
    if (!live.locked) live.blocked_by = scsi::holder_text(*state->reservation);
  }
  std::optional<scsi::FullStatus> status;  // not every drive has it
  if (auto full = unit.read_full_status()) status = std::move(*full);
  add_registrants(*state, status, live);
  const auto diagnosis = scsi::diagnose(device.control_device, *state, status, device.key, scsi::read_local_ports());
  live.duplicate_key = diagnosis.kind == scsi::Diagnosis::Case::duplicate_key;
  live.other_product = diagnosis.kind == scsi::Diagnosis::Case::other_product;
}

void note_attentions(const scsi::LogicalUnit& unit, const Record& record, LiveLock& live) {
  for (const auto& sense : unit.unit_attentions()) {
    live.unit_attentions.push_back(fmt::format("{:02X}/{:02X}", sense.asc, sense.ascq));
  }
  if (live.unit_attentions.empty() || !record) return;
  if (const auto recorded = record(live.unit_attentions); !recorded) live.not_recorded = recorded.error();
}

LiveLock read_one(const config::SharedDevice& device, const Record& record) {
  LiveLock live;
  if (!device.problem.empty()) {
    fail(live, Why::misconfigured, device.problem);
    return live;
  }
  if (!device.command.empty()) {
    fail(live, Why::own_command, "it is locked by " + device.command.front() + ", whose key is not known here");
    return live;
  }
  const auto transport = scsi::open_transport(device.control_device);
  if (!transport) {
    fail(live, transport.error());
    return live;
  }
  scsi::LogicalUnit unit(**transport);
  add_lock(unit, device, live);
  if (live.why != Why::no_answer) add_identity(unit, live);
  note_attentions(unit, record, live);
  return live;
}

LiveLock answer_of(size_t index, const config::SharedDevice& device, const RecordAttentions& record) {
  LiveLock live;
  try {
    Record own;
    if (record) own = [&](const auto& codes) { return record(index, device, codes); };
    live = read_one(device, own);
  } catch (const std::exception& e) {
    fail(live, Why::cannot_be_asked, device.control_device + ": " + e.what());
  }
  return live;
}

LiveLock gave_up(const config::SharedDevice& device, std::chrono::milliseconds deadline) {
  LiveLock live;
  fail(live, Why::no_answer,
       fmt::format("{} does not answer (not within {:g} s)", device.control_device,
                   std::chrono::duration<double>(deadline).count()));
  return live;
}

LiveLock still_asked(const config::SharedDevice& device) {
  LiveLock live;
  fail(live, Why::no_answer,
       fmt::format("{} does not answer (it has not answered an earlier question yet, and is not asked again before)",
                   device.control_device));
  return live;
}

/// Devices whose threads are stuck in them. A program that looks again and again (--watch) must not leave one more thread
/// behind each time.
class Stuck {
 public:
  using Done = std::shared_ptr<std::atomic<bool>>;

  bool is_stuck(const std::string& control_device) {
    const std::lock_guard lock(mutex_);
    const auto found = devices_.find(control_device);
    if (found == devices_.end()) return false;
    if (!*found->second) return true;
    devices_.erase(found);
    return false;
  }
  void add(const std::string& control_device, const Done& done) {
    const std::lock_guard lock(mutex_);
    devices_[control_device] = done;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Done> devices_;
};

Stuck& stuck() {
  static auto* const all = new Stuck;  // outlives every thread
  return *all;
}

/// What is asked in one round; threads that are late keep it.
struct Round {
  std::vector<config::SharedDevice> devices;
  std::vector<size_t> places;     ///< of each in the caller's list
  std::vector<Stuck::Done> done;  ///< set when its thread has got out of it
};

std::shared_ptr<Round> round_of(const std::vector<config::SharedDevice>& devices) {
  auto round = std::make_shared<Round>();
  for (size_t i = 0; i < devices.size(); ++i) {
    if (stuck().is_stuck(devices[i].control_device)) continue;
    round->devices.push_back(devices[i]);
    round->places.push_back(i);
    round->done.push_back(std::make_shared<std::atomic<bool>>(false));
  }
  return round;
}

}  // namespace

std::string LiveLock::identity() const {
  return serial.empty() ? std::string{} : fmt::format("{} {}, serial number {}", vendor, product, serial);
}

std::string LiveLock::holding_initiator() const {
  const auto found = std::find_if(registrants.begin(), registrants.end(), [](const auto& r) { return r.holder; });
  return found == registrants.end() ? std::string{} : found->initiator;
}

std::vector<LiveLock> read_live(const std::vector<config::SharedDevice>& devices, std::chrono::milliseconds deadline,
                                const RecordAttentions& record) {
  const auto round = round_of(devices);
  auto answers = ask_all<LiveLock>(round->devices.size(), deadline, [round, record](size_t i) {
    auto live = answer_of(round->places[i], round->devices[i], record);
    *round->done[i] = true;
    return live;
  });
  std::vector<LiveLock> all;
  for (const auto& device : devices) all.push_back(still_asked(device));
  for (size_t i = 0; i < answers.size(); ++i) {
    const auto& device = round->devices[i];
    if (!answers[i]) stuck().add(device.control_device, round->done[i]);
    all[round->places[i]] = answers[i] ? std::move(*answers[i]) : gave_up(device, deadline);
  }
  return all;
}

}  // namespace shstore::status
