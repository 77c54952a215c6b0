// The commands that move a tape. In this order: the host's lock, the robot's, a look at the library, the guard, the move.
#include <fmt/format.h>

#include <ostream>
#include <utility>

#include "changer/move.h"
#include "changer/program/cleaning.h"
#include "changer/program/commands.h"
#include "changer/program/move_log.h"
#include "changer/program/move_steps.h"
#include "changer/readiness.h"

namespace shstore::changer::program {
namespace {

constexpr std::chrono::seconds kDrivePause{1};  // before a drive that another host holds is looked at again

// What a load and an unload have in common; one attempt. `is_done`: nothing needs to be moved.
template <class IsDone, class Plan, class Before, class After>
Outcome<int> try_move(Context& c, IsDone is_done, Plan plan, Before before, After after) {
  auto drive = find_drive(c);
  if (!drive) return tl::make_unexpected(drive.error());
  const auto slot = parse_number(c.arguments.slot, "slot's number");
  if (!slot) return tl::make_unexpected(slot.error());
  if (drive->shared) {
    if (auto proven = c.prove(drive->device); !proven) return tl::make_unexpected(proven.error());
  }
  auto robot = take_robot_and_say(c);
  if (!robot) return tl::make_unexpected(robot.error());
  std::optional<DriveHold> hold;
  auto ended = [&]() -> Outcome<int> {
    const auto library = look(c, *robot);
    if (!library) return tl::make_unexpected(library.error());
    if (c.settings.via.empty() && is_done(*library, *slot, drive->index)) return 0;
    auto entered = enter_drive(c, *drive, *library, *slot);
    if (!entered) return tl::make_unexpected(entered.error());
    if (*entered) hold.emplace(std::move(**entered));
    if (c.arguments.command == "unload") {
      if (auto unused = check_users(c, *drive); !unused) return tl::make_unexpected(unused.error());
    }
    if (!c.settings.via.empty()) return delegate(c);
    const auto move = plan(*library, *slot, drive->index);
    if (!move) return tl::make_unexpected(move.error());
    if (auto ready = before(*drive); !ready) return tl::make_unexpected(ready.error());
    const bool comes_from_drive = move->source == library->drive(drive->index)->address;
    auto moved = announce_and_move(c, *robot, *move, comes_from_drive ? &*drive : nullptr);
    if (moved && comes_from_drive) clean_if_asked(c, *robot, *drive);
    return moved;
  }();
  note_left(c, ended, give_back(*robot));
  // A drive may take hours to become ready, and the robot is no more needed; but what was taken here is given back alone.
  if (!hold || !hold->taken_here()) robot->host.reset();
  if (ended && *ended == 0) {
    if (auto done = after(*drive); !done) ended = tl::make_unexpected(done.error());
  }
  note_left(c, ended, leave_drive(hold));
  return ended;
}

// While another host holds the drive, neither the robot nor anything else is kept from the others.
template <class IsDone, class Plan, class Before, class After>
Outcome<int> move_drive(Context& c, IsDone is_done, Plan plan, Before before, After after) {
  const auto until = c.waiting.now() + c.settings.drive_wait;
  for (bool was_locked = false;; was_locked = true) {
    const auto done = [&](const Library& library, uint32_t slot, uint32_t drive) {
      return is_done(library, slot, drive, was_locked);
    };
    const auto planned = [&](const Library& library, uint32_t slot, uint32_t drive) {
      return plan(library, slot, drive, was_locked);
    };
    auto ended = try_move(c, done, planned, before, after);
    const bool locked = !ended && ended.error().status == ExitStatus::locked;
    if (!locked || c.waiting.over(until)) return ended;
    c.waiting.sleep(kDrivePause);
  }
}

Outcome<void> nothing(ConfiguredDrive&) { return {}; }

}  // namespace

namespace {

Outcome<int> load_tape(Context& c) {
  const auto never = [](const Library&, uint32_t, uint32_t, bool) { return false; };
  const auto plan = [](const Library& library, uint32_t slot, uint32_t drive, bool) {
    return plan_load(library, slot, drive);
  };
  return move_drive(c, never, plan, nothing, [&](ConfiguredDrive& drive) -> Outcome<void> {
    if (!c.settings.via.empty()) return {};  // that program has its own waiting
    if (c.settings.load_sleep.count() != 0) c.waiting.sleep(c.settings.load_sleep);
    if (c.settings.ready_wait.count() == 0) return {};
    const auto inquiry = drive.control == nullptr ? scsi::Result<scsi::StandardInquiry>{} : drive.control->inquiry();
    const auto product = inquiry ? inquiry->product : std::string{};
    return wait_until_ready(drive.device.archive_device, drive.control.get(), c.waiting,
                            c.waiting.now() + ready_wait_for(c.settings, product), calibrates(product));
  });
}

Outcome<int> unload_tape(Context& c) {
  // bacula-sd also unloads a drive that is not its job's, to have a tape of its own out of there. If another host has taken that
  // drive in the meantime, it will most likely put the tape back itself, to load its own.
  const auto is_done = [](const Library& library, uint32_t slot, uint32_t drive, bool was_locked) {
    return was_locked ? is_home(library, slot, drive) : was_unloaded(library, slot, drive);
  };
  const auto plan = [](const Library& library, uint32_t slot, uint32_t drive, bool was_locked) {
    return was_locked ? plan_unload_after_wait(library, slot, drive) : plan_unload(library, slot, drive);
  };
  return move_drive(
      c, is_done, plan,
      [&](ConfiguredDrive& drive) -> Outcome<void> {
        if (c.settings.offline) {
          if (auto done = unload_in_drive(drive); !done) return done;
        }
        if (c.settings.offline_sleep.count() != 0) c.waiting.sleep(c.settings.offline_sleep);
        return {};
      },
      nothing);
}

Outcome<int> transfer_tape(Context& c) {
  const auto& a = c.arguments;
  const bool from_arm = a.slot == "arm";
  if (from_arm && !c.settings.via.empty()) {
    return fail(ExitStatus::library,
                fmt::format("{} knows no transfer from the robot's hand: leave out --via for it", c.settings.via));
  }
  const auto from = from_arm ? Outcome<uint32_t>(0) : parse_number(a.slot, "slot's number");
  if (!from) return tl::make_unexpected(from.error());
  // mtx-changer takes the second slot in the place of the archive device.
  const auto to = parse_number(a.second_slot.empty() ? a.archive_device : a.second_slot, "slot's number");
  if (!to) return tl::make_unexpected(to.error());
  auto robot = take_robot_and_say(c);
  if (!robot) return tl::make_unexpected(robot.error());
  auto ended = [&]() -> Outcome<int> {
    if (!c.settings.via.empty()) return delegate(c);
    const auto library = look(c, *robot);
    if (!library) return tl::make_unexpected(library.error());
    const auto move = from_arm ? plan_transfer_from_arm(*library, *to) : plan_transfer(*library, *from, *to);
    if (!move) return tl::make_unexpected(move.error());
    return announce_and_move(c, *robot, *move, nullptr);
  }();
  note_left(c, ended, give_back(*robot));
  return ended;
}

// A line in the log for whatever became of it.
Outcome<int> logged(Context& c, Outcome<int> (*move)(Context&)) {
  const auto begin = c.waiting.now();
  auto ended = move(c);
  const auto line = move_line(c, ended, std::chrono::duration_cast<std::chrono::milliseconds>(c.waiting.now() - begin));
  if (c.log && ended) c.log(line);  // a failure comes to the system's log by itself
  if (c.settings.log.empty()) return ended;
  if (const auto written = append_move(c.settings.log, line); !written)
    c.note("the log of moves: " + written.error().message);
  return ended;
}

}  // namespace

Outcome<int> load(Context& c) { return logged(c, load_tape); }
Outcome<int> unload(Context& c) { return logged(c, unload_tape); }
Outcome<int> transfer(Context& c) { return logged(c, transfer_tape); }

}  // namespace shstore::changer::program
