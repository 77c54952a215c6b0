#include "changer/program/move_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "changer/readiness.h"
#include "reserve/record/contract.h"
#include "scsi/tape_unit.h"

namespace shstore::changer::program {
namespace {

constexpr std::chrono::seconds kMovePause{2};  // before a robot that was busy is asked again

// A lost answer tells nothing. Is the tape where it should go?
Outcome<void> after_lost_answer(Context& c, scsi::MediumChanger& changer, const Move& move, const std::string& lost) {
  const auto now = read_library(changer, c.waiting, c.waiting.now() + c.settings.robot_wait, false);
  const auto is_full = [&](uint16_t address) {
    for (const auto& d : now->drives)
      if (d.address == address) return d.full;
    for (const auto& s : now->slots)
      if (s.address == address) return s.full;
    return std::any_of(now->arms.begin(), now->arms.end(),
                       [&](const Arm& a) { return a.address == address && a.full; });
  };
  const bool left = now && !is_full(move.source), arrived = now && is_full(move.destination);
  if (left && arrived) return {};
  const auto in_hand = now && left ? arm_text(*now) : std::string{};
  const auto where = !now || arrived    ? std::string("Where the tape is now, \"status\" tells")
                     : !in_hand.empty() ? "Looked at once: " + in_hand
                     : left             ? std::string(
                                              "Looked at once: the tape is in neither place, so the robot may still be moving it; "
                                                          "\"status\" tells where it comes to")
                            : std::string("Looked at once: the tape is still where it was");
  return fail(ExitStatus::device, fmt::format("{}. {}", lost, where));
}

constexpr const char* kOfflineCures =
    "this library takes a tape only from a drive that has unloaded it: \"offline=1\" in shstore-changer.conf does that before "
    "every move";

// MOVE MEDIUM. Repeated while the robot has something to do that ends by itself, and once after unloading the drive that has
// not let go of its tape. `from_drive`: the drive that the tape is to come from; nullptr: it comes from elsewhere.
// `afterwards`: what is to be noted when the move is over.
Outcome<void> send_move(Context& c, scsi::MediumChanger& changer, const Move& move, ConfiguredDrive* from_drive,
                        std::string& afterwards) {
  const scsi::MoveMedium command{move.arm, move.source, move.destination};
  const auto until = c.waiting.now() + c.settings.robot_wait;
  std::string said;
  for (bool unloaded = false;;) {
    const auto outcome = changer.move_medium(command);
    if (!outcome) return after_lost_answer(c, changer, move, outcome.error().message);
    const auto result = outcome->result;
    if (result == scsi::MoveResult::done) return {};
    if (result == scsi::MoveResult::drive_not_unloaded && from_drive == nullptr) {
      // The code is for another end of the move, or means something else here.
      return after_lost_answer(c, changer, move,
                               fmt::format("{}: MOVE MEDIUM failed: {}", changer.path(), describe(outcome->sense)));
    }
    if (result == scsi::MoveResult::drive_not_unloaded && from_drive->control != nullptr && !unloaded) {
      if (auto done = unload_in_drive(*from_drive); !done) return done;
      unloaded = true;
      afterwards = kOfflineCures;
      continue;
    }
    const bool conflict = result == scsi::MoveResult::reservation_conflict;
    const bool passes = result == scsi::MoveResult::not_ready;
    if ((passes || conflict) && !c.waiting.over(until)) {
      const auto why = passes ? scsi::find_robot_sense(outcome->sense) : std::nullopt;
      if (why && std::exchange(said, std::string(why->sentence)) != why->sentence) {
        c.note(fmt::format("{}: the library is not ready: {}; waiting for it at most {} s", c.arguments.changer_device,
                           why->sentence, c.settings.robot_wait.count()));
      }
      c.waiting.sleep(kMovePause);
      continue;
    }
    return fail(conflict ? ExitStatus::locked : ExitStatus::library,
                fmt::format("{}: {}", c.arguments.changer_device, scsi::explain(*outcome, command)));
  }
}

// bacula-sd, from which we are started, is joined; a btape that runs under its own lock is not.
Outcome<void> keep_programs_away(Context& c, ConfiguredDrive& drive) {
  if (!c.processes || !drive.device.command.empty()) return {};
  drive.processes.emplace(c.processes(drive.device));
  const auto other = drive.processes->try_take();
  if (!other) return tl::make_unexpected(to_failure(other.error()));
  if (!*other) return {};
  return fail(ExitStatus::locked, fmt::format("nothing is moved: {} is in use by {} of this host",
                                              drive.device.display(), (*other)->text()));
}

// The robot is given back while a drive becomes ready or is cleaned; another move of this host into or out of it waits.
Outcome<void> keep_changers_away(ConfiguredDrive& drive) {
  if (drive.device.control_device.empty()) return {};
  auto lock = HostLock::try_take(drive.device.control_device);
  if (!lock) return tl::make_unexpected(lock.error());
  drive.host = std::move(*lock);
  if (drive.host) return {};
  return fail(
      ExitStatus::locked,
      fmt::format(
          "nothing is moved: another shstore-changer of this host is still busy with {}: its tape is being loaded, or "
          "it is being cleaned. Look with \"fuser -v {}\" which one",
          drive.device.display(), drive.device.control_device));
}

// The guard. What it returns must live as long as the drive is needed; nothing: the drive is not shared.
Outcome<std::optional<DriveHold>> enter_drive(Context& c, ConfiguredDrive& drive, const Library& library,
                                              uint32_t slot) {
  if (auto checked = check_identity(c, drive, library); !checked) return tl::make_unexpected(checked.error());
  if (drive.shared) {
    if (auto alone = keep_programs_away(c, drive); !alone) return tl::make_unexpected(alone.error());
  }
  if (auto alone = keep_changers_away(drive); !alone) return tl::make_unexpected(alone.error());
  if (!drive.shared) {
    c.note(fmt::format("{} has no Lock Command in {}: it is moved without asking who uses it", drive.device.display(),
                       c.settings.sd));
    return std::nullopt;
  }
  const auto* element = library.drive(drive.index);
  const Request request{c.arguments.command, slot, drive.index, element == nullptr ? "a tape" : tape_text(*element)};
  return DriveHold::take(*drive.control, drive.device, request,
                         {c.ports, c.key_text, [&c, device = drive.device] { return c.job_holds_lock(device); },
                          c.waiting.pause, config::drive_file(c.shared, drive.device, "shstore-changer")})
      .map([](DriveHold hold) { return std::optional<DriveHold>(std::move(hold)); });
}

// A tape that somebody of this host still uses stays where it is. The lock does not tell: it is this host's own.
Outcome<void> check_users(Context& c, const ConfiguredDrive& drive) {
  if (!drive.shared) return {};
  const auto use = c.daemon_use ? c.daemon_use(drive.device) : DaemonUse{};
  auto allowed = may_unload(c.arguments.caller, use, drive.device.display());
  if (!allowed && c.arguments.caller.is_job()) {
    c.waiting.pause(record::kSurelyPublished);
    allowed = may_unload(c.arguments.caller, c.daemon_use(drive.device), drive.device.display());
  }
  if (!allowed) return tl::make_unexpected(allowed.error());
  if (!allowed->empty()) c.note(*allowed);
  const auto users = c.other_users ? c.other_users(drive.device.archive_device, use.daemon) : std::vector<DeviceUser>{};
  if (users.empty()) return {};
  const auto& user = users.front();
  return fail(ExitStatus::refused,
              fmt::format("nothing is moved: {}{} has {} open. End it first (\"fuser -v {}\" shows whoever has it)",
                          user.program, user.pid == 0 ? "" : fmt::format(" (process {})", user.pid),
                          drive.device.display(), drive.device.archive_device));
}

Outcome<void> leave_drive(std::optional<DriveHold>& hold) {
  if (!hold) return {};
  return hold->give_back().map_error([](Failure f) {
    f.message = "the drive could not be given back: " + f.message;
    return f;
  });
}

}  // namespace

Outcome<Robot> take_robot_and_say(Context& c) {
  auto robot = take_robot(c);
  if (robot && !robot->unprotected.empty()) c.note(robot->unprotected);
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
    c.note(why);
  }
}

Outcome<void> unload_in_drive(ConfiguredDrive& drive) {
  if (drive.control == nullptr) return {};
  constexpr uint16_t kBecomingReady = 0x0401;
  const auto state = drive.control->test_unit_ready();
  if (state && !state->ready && !state->conflict && asc_ascq(state->sense) == kBecomingReady) {
    const auto inquiry = drive.control->inquiry();
    return fail(
        ExitStatus::device,
        fmt::format(
            "{}: the drive is still becoming ready ({}) and gives no tape out; nothing was moved{}",
            drive.device.display(), describe(state->sense),
            inquiry && calibrates(inquiry->product) ? std::string(". It may be calibrating: ") + kCalibration : ""));
  }
  const auto result = scsi::unload_tape(*drive.control);
  if (!result) return tl::make_unexpected(to_failure(result.error()));
  switch (*result) {
    case scsi::UnloadResult::done:
    case scsi::UnloadResult::no_medium: return {};
    case scsi::UnloadResult::reservation_conflict:
      return fail(ExitStatus::locked,
                  fmt::format("{}: another host has reserved the drive; nothing was moved", drive.device.display()));
    case scsi::UnloadResult::removal_prevented:
      return fail(ExitStatus::library,
                  fmt::format("{}: a program that has it open keeps the tape in the drive (PREVENT MEDIUM "
                              "REMOVAL); nothing was moved. \"unmount\" it in bconsole",
                              drive.device.display()));
  }
  return {};
}

// As mtx: what it does, then "done" when it is.
Outcome<int> announce_and_move(Context& c, Robot& robot, const Move& move, ConfiguredDrive* from_drive) {
  auto changer = robot.changer();
  c.moved = Moved{move.source, move.destination, move.volume_tag.substr(0, move.volume_tag.find(' '))};
  std::string afterwards;
  c.out << move.announcement << std::flush;
  const auto moved = send_move(c, changer, move, from_drive, afterwards);
  if (!move.announcement.empty()) c.out << (moved ? "done\n" : "\n") << std::flush;
  if (moved && !afterwards.empty()) c.note(afterwards);
  return moved.map([] { return 0; });
}

// The program named by `via` may be there because nothing else understands this library: then it need not be read here.
Outcome<Library> look(Context& c, Robot& robot) {
  auto changer = robot.changer();
  auto library = read_library(changer, c.waiting, c.waiting.now() + c.settings.robot_wait, true,
                              [&](const std::string& text) { c.note(text); });
  const bool can_do_without = !c.settings.via.empty() && !library && library.error().status == ExitStatus::refused;
  return can_do_without ? Library{} : library;
}

Outcome<int> work_at_drive(Context& c, uint32_t slot, const DriveWork& work) {
  auto drive = find_drive(c);
  if (!drive) return tl::make_unexpected(drive.error());
  if (drive->shared) {
    if (auto proven = c.prove(drive->device); !proven) return tl::make_unexpected(proven.error());
  }
  auto robot = take_robot_and_say(c);
  if (!robot) return tl::make_unexpected(robot.error());
  std::optional<DriveHold> hold;
  auto ended = [&]() -> Outcome<int> {
    const auto library = look(c, *robot);
    if (!library) return tl::make_unexpected(library.error());
    const AtDrive here{*robot, *drive, *library, slot};
    if (work.is_done(here)) return 0;
    auto entered = enter_drive(c, *drive, *library, slot);
    if (!entered) return tl::make_unexpected(entered.error());
    if (*entered) hold.emplace(std::move(**entered));
    if (work.takes_out) {
      if (auto unused = check_users(c, *drive); !unused) return tl::make_unexpected(unused.error());
    }
    return work.act(here);
  }();
  note_left(c, ended, let_go(*robot));  // a drive may take hours to become ready
  if (ended && *ended == 0 && work.afterwards) {
    if (auto done = work.afterwards(*drive); !done) ended = tl::make_unexpected(done.error());
  }
  note_left(c, ended, leave_drive(hold));
  return ended;
}

}  // namespace shstore::changer::program
