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

// While another host holds the drive, neither the robot nor anything else is kept from the others. What is to be done depends on
// whether it was so.
Outcome<int> move_drive(Context& c, const std::function<DriveWork(bool was_locked)>& work) {
  const auto slot = parse_number(c.arguments.slot, "slot's number");
  if (!slot) return tl::make_unexpected(slot.error());
  const auto until = c.waiting.now() + c.settings.drive_wait;
  for (bool was_locked = false;; was_locked = true) {
    auto ended = work_at_drive(c, *slot, work(was_locked));
    const bool locked = !ended && ended.error().status == ExitStatus::locked;
    if (!locked || c.waiting.over(until)) return ended;
    c.waiting.sleep(kDrivePause);
  }
}

Outcome<void> wait_for_loaded(Context& c, ConfiguredDrive& drive) {
  if (!c.settings.via.empty()) return {};  // that program has its own waiting
  if (c.settings.load_sleep.count() != 0) c.waiting.sleep(c.settings.load_sleep);
  if (c.settings.ready_wait.count() == 0) return {};
  const auto inquiry = drive.control == nullptr ? scsi::Result<scsi::StandardInquiry>{} : drive.control->inquiry();
  const auto product = inquiry ? inquiry->product : std::string{};
  return wait_until_ready(drive.device.archive_device, drive.control.get(), c.waiting,
                          c.waiting.now() + ready_wait_for(c.settings, product), calibrates(product));
}

Outcome<int> load_tape(Context& c) {
  return move_drive(c, [&](bool) {
    return DriveWork{.is_done = [](const AtDrive&) { return false; },
                     .act = [&](const AtDrive& at) -> Outcome<int> {
                       if (!c.settings.via.empty()) return delegate(c);
                       const auto move = plan_load(at.library, at.slot, at.drive.index);
                       if (!move) return tl::make_unexpected(move.error());
                       return announce_and_move(c, at.robot, *move, nullptr);
                     },
                     .afterwards = [&](ConfiguredDrive& drive) { return wait_for_loaded(c, drive); }};
  });
}

Outcome<int> take_out(Context& c, const AtDrive& at, const Outcome<Move>& move) {
  if (!c.settings.via.empty()) return delegate(c);
  if (!move) return tl::make_unexpected(move.error());
  if (c.settings.offline) {
    if (auto done = unload_in_drive(at.drive); !done) return tl::make_unexpected(done.error());
  }
  if (c.settings.offline_sleep.count() != 0) c.waiting.sleep(c.settings.offline_sleep);
  auto moved = announce_and_move(c, at.robot, *move, &at.drive);
  if (moved) clean_if_asked(c, at.robot, at.drive);
  return moved;
}

Outcome<int> unload_tape(Context& c) {
  // bacula-sd also unloads a drive that is not its job's, to have a tape of its own out of there. If another host has taken that
  // drive in the meantime, it will most likely put the tape back itself, to load its own.
  return move_drive(c, [&](bool was_locked) {
    return DriveWork{.is_done =
                         [&c, was_locked](const AtDrive& at) {
                           return c.settings.via.empty() &&
                                  (was_locked ? is_home(at.library, at.slot, at.drive.index)
                                              : was_unloaded(at.library, at.slot, at.drive.index));
                         },
                     .takes_out = true,
                     .act =
                         [&c, was_locked](const AtDrive& at) {
                           return take_out(c, at,
                                           was_locked ? plan_unload_after_wait(at.library, at.slot, at.drive.index)
                                                      : plan_unload(at.library, at.slot, at.drive.index));
                         }};
  });
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
