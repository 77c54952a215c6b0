#include "changer/drive_hold.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "changer/run_program.h"

namespace shstore::changer {
namespace {

using scsi::DriveLock;

constexpr std::chrono::seconds kCommandDeadline{30};  // the plugin's for the same commands

// The file's presence is all that counts. That it cannot be written is no reason not to move.
void remember(const std::string& memory) {
  if (!memory.empty()) std::ofstream(memory) << "shstore-changer holds a drive's lock for a move\n";
}
void forget(const std::string& memory) {
  std::error_code gone;
  if (!memory.empty()) std::filesystem::remove(memory, gone);
}
bool remembers(const std::string& memory) {
  std::error_code error;
  return !memory.empty() && std::filesystem::exists(memory, error);
}

Outcome<void> unlock(DriveLock lock, bool registered_before, const std::function<bool()>& job_relies) {
  if (job_relies()) return {};
  const auto released = lock.unlock();
  if (!released) return tl::make_unexpected(to_failure(released.error()));
  // A job that came in this very moment believes in the lock that it found: it gets it back.
  if (job_relies()) {
    const auto again = lock.try_lock();
    if (!again) return tl::make_unexpected(to_failure(again.error()));
    return {};
  }
  if (registered_before) return {};
  const auto unregistered = lock.unregister();
  if (!unregistered) return tl::make_unexpected(to_failure(unregistered.error()));
  return {};
}

Outcome<void> run_command(const SharedDevice& device, const char* operation) {
  const auto end = run_program(expand_command(device, operation), kCommandDeadline);
  if (!end) return fail(ExitStatus::config, fmt::format("{}: {}", device.display(), end.error()));
  if (end->status == 0 && !end->timed_out) return {};
  const auto how = end->timed_out ? fmt::format("has not ended within {} s", kCommandDeadline.count())
                                  : fmt::format("ended with status {}", end->status);
  return fail(ExitStatus::locked, fmt::format("{} could not be locked: its Lock Command's \"{}\" {}: {}", device.display(),
                                              operation, how, end->output));
}

}  // namespace

Outcome<DriveHold> DriveHold::take(scsi::LogicalUnit& drive, const SharedDevice& device, const Request& request,
                                   HoldSurroundings around) {
  DriveLock lock(drive, device.key, around.ports);
  const auto before = lock.read();
  if (!before) return tl::make_unexpected(to_failure(before.error()));
  if (!device.command.empty()) {
    // Whose key this is, only the command knows. It says 0 if this host has the lock, also if it had it before.
    if (auto locked = run_command(device, "trylock"); !locked) return tl::make_unexpected(locked.error());
    if (before->reservation) return DriveHold({});
    return DriveHold([device] { return run_command(device, "unlock"); });
  }
  const auto hold = judge_lock(device, request, *before, around.key_text);
  if (!hold) return tl::make_unexpected(hold.error());
  const bool left_behind = *hold == Hold::ours && remembers(around.memory) && !around.job_relies();
  const bool registered_before = !left_behind && before->registrations_of(device.key) > 0;
  if (*hold == Hold::free) remember(around.memory);
  // Where the lock is ours already this changes nothing on the drive, and proves that it is not another host's under our key.
  const auto attempt = lock.try_lock();
  if (!attempt || !attempt->held) forget(around.memory);
  if (!attempt) return tl::make_unexpected(to_failure(attempt.error()));
  if (*hold == Hold::ours && !left_behind) {
    if (around.job_relies()) forget(around.memory);  // whatever was left behind is the job's now
    return DriveHold({});
  }
  if (!attempt->held) {
    if (!registered_before) static_cast<void>(lock.unregister());
    if (!attempt->own_other_port.empty()) return DriveHold({});
    scsi::LockState now = *before;
    now.reservation = attempt->holder;
    return judge_lock(device, request, now, around.key_text).map([](Hold) { return DriveHold({}); });
  }
  return DriveHold([lock, registered_before, around = std::move(around)] {
    auto unlocked = unlock(lock, registered_before, around.job_relies);
    if (unlocked) forget(around.memory);
    return unlocked;
  });
}

DriveHold::DriveHold(DriveHold&& other) noexcept : give_back_(std::exchange(other.give_back_, {})) {}

DriveHold::~DriveHold() { static_cast<void>(give_back()); }

Outcome<void> DriveHold::give_back() {
  const auto act = std::exchange(give_back_, {});
  return act ? act() : Outcome<void>{};
}

}  // namespace shstore::changer
