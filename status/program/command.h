// What shstore-status can do: one row of the table in commands.cpp for each. A new way to show the daemons is
// a file of its own that defines such a row's function, and the row.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <span>

#include "status/look/gather.h"

namespace shstore::status {

/// Exit statuses of every command, but that of a Nagios plugin; the program's man page has them.
enum Exit : int { kDone = 0, kUsage = 1, kConfiguration = 2, kDevice = 3, kUnknownJob = 4 };

/// What the options say that belong to no command alone.
struct Request {
  Question question;
  bool json = false;   ///< the answer as JSON
  bool names = false;  ///< keys with the names of their hosts, also in lines that scripts may parse
};

/// The options for it. Both live as long as the options are used.
void add_options(CLI::App& app, Request& request);

/// One command on the command line.
struct Command {
  CLI::Option* chosen = nullptr;           ///< the option that asks for it; nullptr: what is done without any
  std::function<int(const Request&)> run;  ///< prints to standard output; an Exit, or a Nagios plugin's
  bool needs_sd = true;                    ///< it is about daemons: --sd must be given
};

/// Adds its options to the program's. `app` outlives the command.
using AddCommand = Command (*)(CLI::App& app);

/// At most one is chosen; the last one is what is done without any.
std::span<const AddCommand> commands();

/// What is wrong with options that have been parsed and that CLI11 cannot tell; empty: nothing. Fills in
/// defaults.
std::string mistake(const CLI::App& app, Request& request, const std::vector<Command>& all);

/// Why this is no number of seconds within these bounds, as CLI11's validators say it; empty: it is one. CLI11 itself takes nan.
std::string no_seconds(const std::string& text, double least, double most);

/// What is to be done: the command whose option is given, else the last one.
const Command& chosen_of(const std::vector<Command>& all);

/// What gather() found, for a command that shows what it can.
struct Found {
  std::vector<SdFacts> daemons;
  std::vector<Unreadable> unreadable;
  int worst = kDone;  ///< the exit status that what is missing deserves
};

/// gather(); what is missing has been told on standard error.
Found gather_and_complain(const Question& question);

}  // namespace shstore::status
