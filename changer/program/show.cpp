// The commands that only look. bacula-sd parses what the first four print, so nothing else may be printed there.
#include <fmt/format.h>

#include <ostream>

#include "changer/mtx_text.h"
#include "changer/program/commands.h"
#include "changer/program/inventory.h"
#include "changer/program/robot.h"
#include "changer/readiness.h"
#include "scsi/base/printable.h"

namespace shstore::changer::program {
namespace {

struct View {
  Library library;
  RobotIdentity robot;
};

// The library reads its barcodes anew: its robot drives past all slots, and nobody may move meanwhile. Nothing is said of a
// robot that cannot be kept from other hosts, because bacula-sd parses what this program prints.
Outcome<void> take_stock(Context& c) {
  auto robot = take_robot(c);
  if (!robot) return tl::make_unexpected(robot.error());
  const auto taken = robot->changer().initialize_element_status();
  const auto back = give_back(*robot);
  if (!taken) return tl::make_unexpected(to_failure(taken.error()));
  if (taken->result == scsi::MoveResult::done) return back;
  const bool conflict = taken->result == scsi::MoveResult::reservation_conflict;
  return fail(
      conflict ? ExitStatus::locked : ExitStatus::library,
      fmt::format("{} did not read its barcodes anew: {}. \"inventory=0\" does without", c.arguments.changer_device,
                  conflict ? "another host has reserved the robot" : scsi::describe(taken->sense)));
}

// `identify`: also who the robot is.
Outcome<View> look(Context& c, bool identify) {
  const bool listing = c.arguments.command == "list" || c.arguments.command == "listall";
  if (listing && c.settings.inventory) {
    if (auto taken = take_stock(c); !taken) return tl::make_unexpected(taken.error());
  }
  auto transport = c.open(c.arguments.changer_device);
  if (!transport) return tl::make_unexpected(to_failure(transport.error()));
  scsi::LogicalUnit unit(**transport, c.waiting.pause);
  scsi::MediumChanger changer(unit);
  auto library = read_library(changer, c.waiting, c.waiting.now() + c.settings.robot_wait, identify);
  if (!library) return tl::make_unexpected(library.error());
  View view{std::move(*library), {}};
  if (!identify) return view;
  const auto inquiry = unit.inquiry();
  if (!inquiry) return tl::make_unexpected(to_failure(inquiry.error()));
  view.robot = {inquiry->vendor, inquiry->product, inquiry->revision, unit.unit_serial_number().value_or("")};
  return view;
}

// A catalog that is told of some slots only believes the others to be empty.
Outcome<void> all_slots_known(const Library& library) {
  const auto why = library.why_unread(scsi::ElementType::storage);
  return why.empty() ? Outcome<void>{} : fail(ExitStatus::device, why);
}

template <class Text>
Outcome<int> print(Context& c, Text text) {
  if (!c.settings.via.empty()) return delegate(c);
  const auto view = look(c, false);
  if (!view) return tl::make_unexpected(view.error());
  if (auto known = all_slots_known(view->library); !known) return tl::make_unexpected(known.error());
  c.out << text(view->library);
  return 0;
}

}  // namespace

Outcome<int> list(Context& c) { return print(c, list_text); }
Outcome<int> listall(Context& c) { return print(c, listall_text); }
Outcome<int> slots(Context& c) { return print(c, slots_text); }

// bacula-sd asks for this before it unloads a drive in the middle of a job, in the job's thread, and looks after that whether the
// job has been failed. What is in the drive is told all the same.
Outcome<int> loaded(Context& c) {
  for (const auto& device : c.shared.devices) {
    if (device.archive_device == c.arguments.archive_device && device.problem.empty()) (void)c.prove(device);
  }
  if (!c.settings.via.empty()) return delegate(c);
  const auto drive = parse_number(c.arguments.drive_index, "drive's number");
  if (!drive) return tl::make_unexpected(drive.error());
  const auto view = look(c, false);
  if (!view) return tl::make_unexpected(view.error());
  if (const auto why = view->library.why_unread(scsi::ElementType::data_transfer); !why.empty())
    return fail(ExitStatus::device, why);
  const auto text = loaded_text(view->library, *drive);
  if (!text) return tl::make_unexpected(text.error());
  c.out << *text;
  return 0;
}

Outcome<int> status(Context& c) {
  const auto view = look(c, true);
  if (!view) return tl::make_unexpected(view.error());
  if (c.json) {
    c.out << inventory_json(c.arguments.changer_device, view->robot, view->library, c.sd);
    return 0;
  }
  c.out << mtx_status_text(view->library, c.arguments.changer_device);
  for (const auto& note : element_notes(view->library)) c.out << "  Note: " << note << '\n';
  for (const auto& note : notes(view->library)) c.out << "  Note: " << note << '\n';
  return 0;
}

Outcome<int> inventory(Context& c) {
  const auto view = look(c, true);
  if (!view) return tl::make_unexpected(view.error());
  c.out << (c.json ? inventory_json(c.arguments.changer_device, view->robot, view->library, c.sd)
                   : inventory_text(c.arguments.changer_device, view->robot, view->library, c.sd));
  for (const auto& unknown : c.settings.unknown)
    c.err << fmt::format("shstore-changer: unknown setting {}, ignored\n", base::printable(unknown));
  return 0;
}

}  // namespace shstore::changer::program
