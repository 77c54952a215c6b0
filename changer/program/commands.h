// The commands of shstore-changer: one row of the table each.
#pragma once

#include <span>
#include <string_view>

#include "changer/program/context.h"

namespace shstore::changer::program {

struct ChangerCommand {
  std::string_view name;
  std::string_view arguments;  ///< for the help
  size_t fewest;               ///< arguments that it needs, CHANGER and COMMAND included; those of mtx-changer
  bool needs_sd;               ///< bacula-sd.conf must be readable
  bool moves;                  ///< a failure is worth a line in the system's log
  std::string_view summary;
  Outcome<int> (*run)(Context&);
};

std::span<const ChangerCommand> commands();
/// nullptr: there is no such command.
const ChangerCommand* find_command(std::string_view name);

Outcome<int> load(Context&);
Outcome<int> unload(Context&);
Outcome<int> transfer(Context&);
Outcome<int> clean(Context&);
Outcome<int> loaded(Context&);
Outcome<int> list(Context&);
Outcome<int> listall(Context&);
Outcome<int> slots(Context&);
Outcome<int> status(Context&);
Outcome<int> inventory(Context&);
Outcome<int> report(Context&);

/// A whole number of the command line.
Outcome<uint32_t> parse_number(const std::string& text, const char* what);

/// The command as the program named by `via` has it, its output passed on; its exit status is the result.
Outcome<int> delegate(Context&);

}  // namespace shstore::changer::program
