#include "changer/program/cleaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "changer/cleaning.h"
#include "changer/program/commands.h"
#include "changer/program/move_log.h"
#include "scsi/base/output_file.h"
#include "scsi/drive_health.h"

namespace shstore::changer::program {
namespace {

constexpr std::chrono::seconds kLookAtCleaning{2};
constexpr std::chrono::seconds kPutBack{60};  // a drive that was interrupted may need a moment to let go

// Nothing: nobody knows.
std::optional<CleaningWish> wish(Context& c, ConfiguredDrive& drive) {
  if (drive.control == nullptr) return std::nullopt;
  if (const auto status = scsi::read_dt_device_status(*drive.control)) return wish_of(*status);
  return c.drive_wish ? c.drive_wish(drive.device) : std::nullopt;
}

// What was asked for is remembered until the drive asks no more: a drive that goes on asking is not cleaned again and again.
class CleaningMemory {
 public:
  CleaningMemory(const Context& c, const ConfiguredDrive& drive)
      : file_(config::drive_file(c.shared, drive.device, "shstore-cleaned")) {}

  bool was_served() const {
    std::error_code error;
    return !file_.empty() && std::filesystem::exists(file_, error);
  }
  // False: it cannot be remembered, and then it is not begun.
  bool serve(const std::string& cartridge) const {
    return !file_.empty() && base::replace_file(file_, cartridge + '\n', 0640).has_value();
  }
  void forget() const {
    std::error_code error;
    if (!file_.empty()) std::filesystem::remove(file_, error);
  }

 private:
  std::string file_;
};

Cleaning look_at(ConfiguredDrive& drive) {
  const auto state = drive.control->test_unit_ready();
  const bool not_ready = state && !state->ready && !state->conflict;
  const auto status = scsi::read_dt_device_status(*drive.control);
  return judge_cleaning(not_ready ? std::optional(state->sense) : std::nullopt,
                        status ? std::optional(*status) : std::nullopt);
}

// Until the drive is done, at most clean_wait; a signal ends it, too.
Outcome<void> wait_for_cleaning(Context& c, ConfiguredDrive& drive) {
  const auto until = c.waiting.now() + c.settings.clean_wait;
  for (;;) {
    c.waiting.sleep(kLookAtCleaning);
    const auto how = look_at(drive);
    if (how == Cleaning::done) return {};
    if (how == Cleaning::failed) {
      return fail(ExitStatus::library,
                  "the drive does not take it for a cleaning cartridge that it can use, or it is used up");
    }
    if (!c.waiting.over(until)) continue;
    return fail(ExitStatus::timeout,
                c.waiting.stop ? std::string("interrupted")
                               : fmt::format("the drive did not say within {} s (clean_wait) that it is clean",
                                             c.settings.clean_wait.count()));
  }
}

// Into the slot that it came from, unless somebody has filled that meanwhile.
Move way_back(Context& c, Robot& robot, ConfiguredDrive& drive, const Move& there) {
  if (const auto library = look(c, robot)) {
    if (const auto move = plan_cleaning_return(*library, c.settings.clean_prefix, drive.index)) return *move;
  }
  return {there.arm, there.destination, there.source, there.slot, there.volume_tag, {}};
}

// Whatever has ended the cleaning, and whoever moves at that moment.
Outcome<void> put_back(Context& c, Robot& robot, ConfiguredDrive& drive, const Move& there) {
  auto taken = take_again(c, robot, c.waiting.now() + std::max<std::chrono::seconds>(c.settings.robot_wait, kPutBack));
  const auto until = c.waiting.now() + kPutBack;
  for (;;) {
    const auto moved = taken ? announce_and_move(c, robot, way_back(c, robot, drive, there), &drive)
                             : Outcome<int>(tl::make_unexpected(taken.error()));
    if (moved) return {};
    if (c.waiting.now() >= until || !c.waiting.stop || !taken) {
      auto failure = moved.error();
      failure.message =
          fmt::format("the cleaning cartridge is still in drive {}: {}. \"shstore-changer {} clean {}\" puts it back",
                      drive.index, failure.message, c.arguments.changer_device, drive.index);
      return tl::make_unexpected(failure);
    }
    c.waiting.pause(kLookAtCleaning);  // we are to end, and nobody waits for us but the cartridge
  }
}

// Cartridge in, wait, cartridge out. While the drive is busy, others may have the robot; the drive stays locked.
Outcome<int> run_cleaning(Context& c, Robot& robot, ConfiguredDrive& drive, const Move& there) {
  if (auto in = announce_and_move(c, robot, there, nullptr); !in) return in;
  if (const auto free = let_go(robot); !free) c.note(free.error().message);
  const auto cleaned = wait_for_cleaning(c, drive);
  const auto back = put_back(c, robot, drive, there);
  if (!cleaned && !back)
    return fail(cleaned.error().status, cleaned.error().message + "; besides, " + back.error().message);
  if (!back) return tl::make_unexpected(back.error());
  if (!cleaned) return fail(cleaned.error().status, cleaned.error().message + "; the cartridge is back in its slot");
  return 0;
}

std::string name_of(const Move& move) { return move.volume_tag.substr(0, move.volume_tag.find(' ')); }

Outcome<int> clean_now(Context& c, Robot& robot, ConfiguredDrive& drive, const Library& library,
                       const CleaningMemory& memory) {
  const auto there = plan_clean(library, c.settings.clean_prefix, drive.index);
  if (!there) return tl::make_unexpected(there.error());
  c.arguments.slot = std::to_string(there->slot);
  c.moved = Moved{there->source, there->destination, name_of(*there)};
  if (!memory.serve(name_of(*there)) && c.arguments.command != "clean") {
    return fail(ExitStatus::device,
                "that the drive is cleaned could not be remembered beside the daemon's state, so it is not begun");
  }
  return run_cleaning(c, robot, drive, *there);
}

void log_cleaning(Context& c, const Outcome<int>& ended, std::chrono::steady_clock::time_point begin) {
  const auto line = move_line(c, ended, std::chrono::duration_cast<std::chrono::milliseconds>(c.waiting.now() - begin));
  if (c.log) c.log(line);
  if (!c.settings.log.empty()) static_cast<void>(append_move(c.settings.log, line));
}

// The drive of that index in this library, as bacula-sd.conf has it.
Outcome<void> name_drive(Context& c) {
  const auto index = parse_number(c.arguments.slot, "drive's number");
  if (!index) return tl::make_unexpected(index.error());
  for (const auto& device : c.sd.devices) {
    const auto* changer = c.sd.changer_of(device);
    const auto& robot =
        !device.changer_device->empty() || changer == nullptr ? *device.changer_device : *changer->changer_device;
    if (robot != c.arguments.changer_device || *device.drive_index != *index) continue;
    c.arguments.archive_device = *device.archive_device;
    c.arguments.drive_index = std::to_string(*index);
    c.arguments.slot.clear();
    return {};
  }
  return fail(ExitStatus::config, fmt::format("no Device resource of {} has \"Drive Index = {}\" in the library of {}",
                                              c.settings.sd, *index, c.arguments.changer_device));
}

Outcome<int> clean_here(Context& c, const AtDrive& at) {
  if (at.drive.control == nullptr) {
    return fail(ExitStatus::config,
                fmt::format("{} has no Control Device: nobody could tell when it is clean", at.drive.device.display()));
  }
  if (const auto left = plan_cleaning_return(at.library, c.settings.clean_prefix, at.drive.index)) {
    c.note(fmt::format("drive {} holds {}, which an earlier cleaning has left there: it is put back into slot {}",
                       at.drive.index, tape_text(*at.library.drive(at.drive.index)), left->slot));
    return announce_and_move(c, at.robot, *left, &at.drive);
  }
  return clean_now(c, at.robot, at.drive, at.library, CleaningMemory(c, at.drive));
}

Outcome<int> clean_by_hand(Context& c) {
  if (!c.settings.via.empty())
    return fail(ExitStatus::library, fmt::format("{} knows no cleaning: leave out --via for it", c.settings.via));
  if (auto named = name_drive(c); !named) return tl::make_unexpected(named.error());
  if (!c.arguments.caller.known()) c.arguments.caller.job = "*System*";  // no job's, certainly
  auto ended = work_at_drive(c, 0,
                             {.is_done = [](const AtDrive&) { return false; },
                              .takes_out = true,
                              .act = [&](const AtDrive& at) { return clean_here(c, at); }});
  if (ended && *ended == 0)
    c.out << fmt::format("drive {} is clean, or its cleaning cartridge is back\n", c.arguments.drive_index);
  return ended;
}

}  // namespace

void clean_if_asked(Context& c, Robot& robot, ConfiguredDrive& drive) {
  if (!c.settings.auto_clean || !c.settings.via.empty() || c.waiting.stop) return;
  const auto asked = wish(c, drive);
  const CleaningMemory memory(c, drive);
  if (asked && *asked == CleaningWish::none) memory.forget();
  if (!asked || *asked == CleaningWish::none || memory.was_served()) return;
  const auto begin = c.waiting.now();
  const auto arguments = c.arguments;
  const auto moved = c.moved;
  c.arguments.command = "clean";
  const auto ended = [&]() -> Outcome<int> {
    const auto library = look(c, robot);
    if (!library) return tl::make_unexpected(library.error());
    return clean_now(c, robot, drive, *library, memory);
  }();
  log_cleaning(c, ended, begin);
  c.arguments = arguments;
  c.moved = moved;
  const auto what = fmt::format("{} asked to be cleaned{}", drive.device.display(),
                                *asked == CleaningWish::required ? " at once" : "");
  c.note(ended ? what + ", and was" : fmt::format("{}: {}", what, ended.error().message));
}

Outcome<int> clean(Context& c) {
  const auto begin = c.waiting.now();
  auto ended = clean_by_hand(c);
  log_cleaning(c, ended, begin);
  return ended;
}

}  // namespace shstore::changer::program
