// The commands that move a tape. In this order: the host's lock, the robot's, a look at the library, the guard, the move.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "changer/drive_hold.h"
#include "changer/move.h"
#include "changer/program/commands.h"
#include "changer/program/drive.h"
#include "changer/program/robot.h"
#include "changer/readiness.h"
#include "scsi/tape_unit.h"

namespace shstore::changer::program {
namespace {

constexpr std::chrono::seconds kMovePause{2};   // before a robot that was busy is asked again
constexpr std::chrono::seconds kDrivePause{1};  // before a drive that another host holds is looked at again

Outcome<Robot> take_robot_and_say(Context& c) {
  auto robot = take_robot(c);
  if (robot && !robot->unprotected.empty()) c.err << "shstore-changer: " << robot->unprotected << '\n';
  return robot;
}

// Whatever became of the move, somebody must hear of a lock that may still be there. Never of status locked, for the move is
// not to be tried again.
void note_left(Context& c, Outcome<int>& ended, const Outcome<void>& given_back) {
  if (given_back) return;
  const auto& why = given_back.error().message;
  if (!ended) {
    ended.error().message += ". Besides, " + why;
  } else if (*ended == 0) {
    ended = fail(ExitStatus::device, "the tape is where it should be, but " + why);
  } else {
    c.err << "shstore-changer: " << why << '\n';
  }
}

// A lost answer tells nothing. Is the tape where it should go?
Outcome<void> after_lost_answer(Context& c, scsi::MediumChanger& changer, const Move& move, const scsi::Error& lost) {
  const auto now = read_library(changer, c.waiting, c.waiting.now() + c.settings.robot_wait);
  const auto is_full = [&](uint16_t address) {
    for (const auto& d : now->drives) if (d.address == address) return d.full;
    for (const auto& s : now->slots) if (s.address == address) return s.full;
    return false;
  };
  const bool left = now && !is_full(move.source), arrived = now && is_full(move.destination);
  if (left && arrived) return {};
  const auto* where = !now || arrived ? "Where the tape is now, \"status\" tells"
                      : left ? "Looked at once: the tape is in neither place, so the robot may still be moving it; \"status\" tells "
                               "where it comes to"
                             : "Looked at once: the tape is still where it was";
  return fail(ExitStatus::device, fmt::format("{}. {}", lost.message, where));
}

Outcome<void> unload_in_drive(ConfiguredDrive& drive) {
  if (drive.control == nullptr) return {};
  const auto result = scsi::unload_tape(*drive.control);
  if (!result) return tl::make_unexpected(to_failure(result.error()));
  switch (*result) {
    case scsi::UnloadResult::done:
    case scsi::UnloadResult::no_medium: return {};
    case scsi::UnloadResult::reservation_conflict:
      return fail(ExitStatus::locked, fmt::format("{}: another host has reserved the drive; nothing was moved",
                                                  drive.device.display()));
    case scsi::UnloadResult::removal_prevented:
      return fail(ExitStatus::library, fmt::format("{}: a program that has it open keeps the tape in the drive (PREVENT MEDIUM "
                                                   "REMOVAL); nothing was moved. \"unmount\" it in bconsole", drive.device.display()));
  }
  return {};
}

// MOVE MEDIUM. Repeated while the robot starts up, and once after unloading the drive where the library wants that.
Outcome<void> send_move(Context& c, scsi::MediumChanger& changer, const Move& move, ConfiguredDrive* from_drive) {
  const scsi::MoveMedium command{move.arm, move.source, move.destination};
  const auto until = c.waiting.now() + c.settings.robot_wait;
  for (bool unloaded = false;;) {
    const auto outcome = changer.move_medium(command);
    if (!outcome) return after_lost_answer(c, changer, move, outcome.error());
    if (outcome->result == scsi::MoveResult::done) return {};
    if (outcome->result == scsi::MoveResult::drive_not_unloaded && from_drive != nullptr && !unloaded) {
      if (auto done = unload_in_drive(*from_drive); !done) return done;
      unloaded = true;
      continue;
    }
    const bool busy = outcome->result == scsi::MoveResult::not_ready || outcome->result == scsi::MoveResult::reservation_conflict;
    if (busy && !c.waiting.over(until)) {
      c.waiting.sleep(kMovePause);
      continue;
    }
    const bool conflict = outcome->result == scsi::MoveResult::reservation_conflict;
    return fail(conflict ? ExitStatus::locked : ExitStatus::library,
                fmt::format("{}: {}", c.arguments.changer_device, scsi::explain(*outcome, command)));
  }
}

// As mtx: what it does, then "done" when it is.
Outcome<int> announce_and_move(Context& c, Robot& robot, const Move& move, ConfiguredDrive* from_drive) {
  auto changer = robot.changer();
  if (move.announcement.empty()) return send_move(c, changer, move, from_drive).map([] { return 0; });
  c.out << move.announcement << std::flush;
  const auto moved = send_move(c, changer, move, from_drive);
  c.out << (moved ? "done\n" : "\n") << std::flush;
  return moved.map([] { return 0; });
}

// The program named by `via` may be there because nothing else understands this library: then it need not be read here.
Outcome<Library> look(Context& c, Robot& robot) {
  auto changer = robot.changer();
  auto library = read_library(changer, c.waiting, c.waiting.now() + c.settings.robot_wait);
  const bool can_do_without = !c.settings.via.empty() && !library && library.error().status == ExitStatus::refused;
  return can_do_without ? Library{} : library;
}

// "/var/lib/bacula/cibou-sd.Drive-0.shstore-changer"; blanks in names become "_".
std::string memory_of(const config::SharedDevices& shared, const config::SharedDevice& device) {
  if (shared.working_directory.empty()) return {};
  auto name = shared.sd_name + '.' + device.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return shared.working_directory + '/' + name + ".shstore-changer";
}

// The guard. What it returns must live as long as the drive is needed.
Outcome<std::optional<DriveHold>> enter_drive(Context& c, ConfiguredDrive& drive, const Library& library, uint32_t slot) {
  if (auto checked = check_identity(drive, library); !checked) return tl::make_unexpected(checked.error());
  if (!drive.shared) {
    c.err << fmt::format("shstore-changer: {} has no Lock Command in {}: it is moved without asking who uses it\n",
                         drive.device.display(), c.settings.sd);
    return std::nullopt;
  }
  const auto* element = library.drive(drive.index);
  const Request request{c.arguments.command, slot, drive.index, element == nullptr ? "a tape" : tape_text(*element)};
  return DriveHold::take(*drive.control, drive.device, request,
                         {c.ports, c.key_text, [&c, device = drive.device] { return c.job_relies(device); }, c.waiting.pause,
                          memory_of(c.shared, drive.device)})
      .map([](DriveHold hold) { return std::optional<DriveHold>(std::move(hold)); });
}

Outcome<void> leave_drive(std::optional<DriveHold>& hold) {
  if (!hold) return {};
  return hold->give_back().map_error([](Failure f) {
    f.message = "the drive could not be given back: " + f.message;
    return f;
  });
}

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
    if (!c.settings.via.empty()) return delegate(c);
    const auto move = plan(*library, *slot, drive->index);
    if (!move) return tl::make_unexpected(move.error());
    if (auto ready = before(*drive); !ready) return tl::make_unexpected(ready.error());
    return announce_and_move(c, *robot, *move, &*drive);
  }();
  note_left(c, ended, give_back(*robot));
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
    const auto planned = [&](const Library& library, uint32_t slot, uint32_t drive) { return plan(library, slot, drive, was_locked); };
    auto ended = try_move(c, done, planned, before, after);
    const bool locked = !ended && ended.error().status == ExitStatus::locked;
    if (!locked || c.waiting.over(until)) return ended;
    c.waiting.sleep(kDrivePause);
  }
}

Outcome<void> nothing(ConfiguredDrive&) { return {}; }

}  // namespace

Outcome<int> load(Context& c) {
  const auto never = [](const Library&, uint32_t, uint32_t, bool) { return false; };
  const auto plan = [](const Library& library, uint32_t slot, uint32_t drive, bool) { return plan_load(library, slot, drive); };
  return move_drive(c, never, plan, nothing, [&](ConfiguredDrive& drive) -> Outcome<void> {
    if (!c.settings.via.empty()) return {};  // that program has its own waiting
    if (c.settings.load_sleep.count() != 0) c.waiting.sleep(c.settings.load_sleep);
    if (c.settings.ready_wait.count() == 0) return {};
    return wait_until_ready(drive.device.archive_device, drive.control.get(), c.waiting,
                            c.waiting.now() + c.settings.ready_wait);
  });
}

Outcome<int> unload(Context& c) {
  // bacula-sd also unloads a drive that is not its job's, to have a tape of its own out of there. If another host has taken that
  // drive in the meantime, it will most likely put the tape back itself, to load its own.
  const auto is_done = [](const Library& library, uint32_t slot, uint32_t drive, bool was_locked) {
    return was_locked ? is_home(library, slot, drive) : was_unloaded(library, slot, drive);
  };
  const auto plan = [](const Library& library, uint32_t slot, uint32_t drive, bool was_locked) {
    return was_locked ? plan_unload_after_wait(library, slot, drive) : plan_unload(library, slot, drive);
  };
  return move_drive(c, is_done, plan,
                    [&](ConfiguredDrive& drive) -> Outcome<void> {
                      if (c.settings.offline) {
                        if (auto done = unload_in_drive(drive); !done) return done;
                      }
                      if (c.settings.offline_sleep.count() != 0) c.waiting.sleep(c.settings.offline_sleep);
                      return {};
                    },
                    nothing);
}

Outcome<int> transfer(Context& c) {
  const auto& a = c.arguments;
  const auto from = parse_number(a.slot, "slot's number");
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
    const auto move = plan_transfer(*library, *from, *to);
    if (!move) return tl::make_unexpected(move.error());
    return announce_and_move(c, *robot, *move, nullptr);
  }();
  note_left(c, ended, give_back(*robot));
  return ended;
}

}  // namespace shstore::changer::program
